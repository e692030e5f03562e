"""Preference pairs as TRL has them: {"prompt": [...], "chosen": [assistant], "rejected": [...]}."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import answered, spoken, unanswered, unasked, unlike
from annotate.exporters.protocol import Record
from annotate.exporters.refusals import SAME
from annotate.training.protocol import Made, Pair

COLUMNS = ("prompt", "chosen", "rejected")
_COLUMNS = frozenset(COLUMNS)


def record(made: Made) -> Record:
    assert isinstance(made, Pair)
    return {
        "prompt": spoken(made.prompt),
        "chosen": answered(made.chosen),
        "rejected": answered(made.rejected),
    }


def check(found: Mapping[str, object]) -> str | None:
    """The prompt stands apart: whole conversations beside it fail in TRL. A tie would be learned
    without a word."""
    return unlike(found, _COLUMNS) or unpaired(found)


def unpaired(found: Mapping[str, object]) -> str | None:
    """Why prompt, chosen and rejected are no pair."""
    why = unasked(found["prompt"]) or unanswered(found["chosen"]) or unanswered(found["rejected"])
    if why is None and found["chosen"] == found["rejected"]:
        return SAME
    return why


DIALECTS.add(
    "preference_trl",
    Dialect(
        "prompt, chosen and rejected, for DPO and reward models",
        material="pairs",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json", "parquet"),
        read_by=("TRL DPO", "TRL Reward", "TRL KTO", "Axolotl DPO"),
        note="TRL leaves out rows whose prompt is longer than max_length (1024 tokens unless you "
        "say otherwise), without a word. Axolotl reads it with type: chat_template.default and "
        "field_messages: prompt; ms-swift and LLaMA-Factory have formats of their own here.",
    ),
)
