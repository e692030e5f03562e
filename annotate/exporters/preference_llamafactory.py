"""Preference pairs as LLaMA-Factory reads them: chosen and rejected are single messages."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import no_answer, spoken, unasked, unlike
from annotate.exporters.protocol import Record
from annotate.exporters.refusals import SAME
from annotate.training.protocol import Made, Pair

COLUMNS = ("messages", "chosen", "rejected")
_COLUMNS = frozenset(COLUMNS)


def record(made: Made) -> Record:
    assert isinstance(made, Pair)
    return {
        "messages": spoken(made.prompt),
        "chosen": {"role": "assistant", "content": made.chosen},
        "rejected": {"role": "assistant", "content": made.rejected},
    }


def check(found: Mapping[str, object]) -> str | None:
    """Turns alternate, the user's the last: anything else is left out there with a warning."""
    why = (
        unlike(found, _COLUMNS)
        or unasked(found["messages"])
        or no_answer(found["chosen"])
        or no_answer(found["rejected"])
    )
    return SAME if why is None and found["chosen"] == found["rejected"] else why


DIALECTS.add(
    "preference_llamafactory",
    Dialect(
        "a prompt, the better and the worse answer, for LLaMA-Factory",
        material="pairs",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json"),
        read_by=("LLaMA-Factory dpo", "LLaMA-Factory rm"),
        note="Its entry in dataset_info.json has to be written by hand: llamafactory writes both.",
    ),
)
