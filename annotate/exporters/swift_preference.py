"""Preference pairs as ms-swift reads them: a conversation, and the answer it should not have."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import answered, spoken, unfinished, unlike, unreadable
from annotate.exporters.protocol import Record
from annotate.exporters.refusals import SAME
from annotate.training.protocol import Made, Pair

COLUMNS = ("messages", "rejected_response")
_COLUMNS = frozenset(COLUMNS)


def record(made: Made) -> Record:
    assert isinstance(made, Pair)
    return {
        "messages": spoken(made.prompt) + answered(made.chosen),
        "rejected_response": made.rejected,
    }


def check(found: Mapping[str, object]) -> str | None:
    """TRL's rows would load there and lose both answers; equal answers stop it."""
    why = (
        unlike(found, _COLUMNS)
        or unfinished(found["messages"])
        or unreadable(found["rejected_response"])
    )
    if why is None and _answer(found["messages"]) == found["rejected_response"]:
        return SAME
    return why


def _answer(messages: object) -> object:
    return messages[-1]["content"] if isinstance(messages, list) else None


DIALECTS.add(
    "swift_preference",
    Dialect(
        "a conversation and the answer it should not have had, for ms-swift",
        material="pairs",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json"),
        read_by=("ms-swift dpo", "ms-swift rm"),
        note="For supervised fine-tuning ms-swift reads sft_messages.",
    ),
)
