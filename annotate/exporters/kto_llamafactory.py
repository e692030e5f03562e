"""Answers called good or bad as LLaMA-Factory reads them: {"messages": [...], "kto_tag": true}."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import answered, spoken, unfinished, unlike
from annotate.exporters.protocol import Record
from annotate.exporters.refusals import NO_VERDICT
from annotate.training.protocol import Judged, Made

COLUMNS = ("messages", "kto_tag")
_COLUMNS = frozenset(COLUMNS)


def record(made: Made) -> Record:
    assert isinstance(made, Judged)
    return {"messages": spoken(made.prompt) + answered(made.completion), "kto_tag": made.good}


def check(found: Mapping[str, object]) -> str | None:
    why = unlike(found, _COLUMNS) or unfinished(found["messages"])
    return NO_VERDICT if why is None and not isinstance(found["kto_tag"], bool) else why


DIALECTS.add(
    "kto_llamafactory",
    Dialect(
        "single answers called good or bad, for LLaMA-Factory",
        material="judged",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json"),
        read_by=("LLaMA-Factory kto",),
        note="Its entry in dataset_info.json has to be written by hand: llamafactory writes both.",
    ),
)
