"""A prompt and the answer to imitate: {"prompt": [...], "completion": [assistant]}."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import answered, spoken, unanswered, unasked, unlike
from annotate.exporters.protocol import Record
from annotate.training.protocol import Example, Made

COLUMNS = ("prompt", "completion")
_COLUMNS = frozenset(COLUMNS)


def record(made: Made) -> Record:
    assert isinstance(made, Example)
    return {"prompt": spoken(made.prompt), "completion": answered(made.completion)}


def check(found: Mapping[str, object]) -> str | None:
    """Both are lists: TRL fails on a completion that is a message by itself."""
    return unlike(found, _COLUMNS) or unasked(found["prompt"]) or unanswered(found["completion"])


DIALECTS.add(
    "sft_prompt_completion",
    Dialect(
        "a prompt and the answer to imitate, for supervised fine-tuning on the answer alone",
        material="examples",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json", "parquet"),
        read_by=("TRL SFT",),
        note="TRL computes the loss on the completion by itself.",
    ),
)
