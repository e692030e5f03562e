"""Preference pairs in OpenAI's form: input, preferred_output, non_preferred_output."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import answered, spoken, unanswered, unasked
from annotate.exporters.protocol import Record
from annotate.exporters.refusals import OTHER_COLUMNS, SAME
from annotate.exporters.sft_openai import CLOSING
from annotate.training.protocol import Made, Pair

COLUMNS = ("input", "preferred_output", "non_preferred_output")


def record(made: Made) -> Record:
    assert isinstance(made, Pair)
    return {
        "input": {"messages": spoken(made.prompt)},
        "preferred_output": answered(made.chosen),
        "non_preferred_output": answered(made.rejected),
    }


def check(found: Mapping[str, object]) -> str | None:
    """Outputs are lists of exactly one message; equal ones and unknown keys are refused there."""
    given = found.get("input")
    if found.keys() != set(COLUMNS) or not isinstance(given, dict) or given.keys() != {"messages"}:
        return OTHER_COLUMNS
    better, worse = found["preferred_output"], found["non_preferred_output"]
    why = unasked(given["messages"], tools=False) or unanswered(better) or unanswered(worse)
    return SAME if why is None and better == worse else why


DIALECTS.add(
    "preference_openai",
    Dialect(
        "a better and a worse answer, for fine-tuning services",
        material="pairs",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        read_by=("Azure OpenAI", "Together", "Fireworks", "OpenAI"),
        note=CLOSING,
        passport=False,
    ),
)
