"""Answers called good or bad: {"prompt": [...], "completion": [assistant], "label": true}."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import answered, spoken, unanswered, unasked, unlike
from annotate.exporters.protocol import Record
from annotate.exporters.refusals import NO_VERDICT
from annotate.training.protocol import Judged, Made

COLUMNS = ("prompt", "completion", "label")
_COLUMNS = frozenset(COLUMNS)


def record(made: Made) -> Record:
    assert isinstance(made, Judged)
    return {
        "prompt": spoken(made.prompt),
        "completion": answered(made.completion),
        "label": made.good,
    }


def check(found: Mapping[str, object]) -> str | None:
    """`label` is a truth value: trainers die of a word, and of null in the middle of the run."""
    why = unlike(found, _COLUMNS) or unasked(found["prompt"]) or unanswered(found["completion"])
    if why is None and not isinstance(found["label"], bool):
        return NO_VERDICT
    return why


DIALECTS.add(
    "kto_trl",
    Dialect(
        "single answers called good or bad, for KTO",
        material="judged",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json", "parquet"),
        read_by=("TRL KTO",),
        note="KTO needs a batch of at least 2 per device, and weights for good and bad answers "
        "where there are many more of the one than of the other.",
    ),
)
