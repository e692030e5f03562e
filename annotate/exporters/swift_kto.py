"""Answers called good or bad as ms-swift reads them: {"messages": [...], "label": true}."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import answered, spoken, unfinished, unlike
from annotate.exporters.protocol import Record
from annotate.exporters.refusals import NO_VERDICT
from annotate.training.protocol import Judged, Made

COLUMNS = ("messages", "label")
_COLUMNS = frozenset(COLUMNS)


def record(made: Made) -> Record:
    assert isinstance(made, Judged)
    return {"messages": spoken(made.prompt) + answered(made.completion), "label": made.good}


def check(found: Mapping[str, object]) -> str | None:
    why = unlike(found, _COLUMNS) or unfinished(found["messages"])
    return NO_VERDICT if why is None and not isinstance(found["label"], bool) else why


DIALECTS.add(
    "swift_kto",
    Dialect(
        "single answers called good or bad, for ms-swift",
        material="judged",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json"),
        read_by=("ms-swift kto",),
    ),
)
