"""ShareGPT: {"conversations": [{"from": "human", "value"}, {"from": "gpt", "value"}]}."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import unfinished, unlike
from annotate.exporters.protocol import Dropped, Record
from annotate.exporters.refusals import NO_MESSAGES, OTHER_KEYS
from annotate.training.protocol import Example, Made

COLUMNS = ("conversations",)
_COLUMNS = frozenset(COLUMNS)
_KEYS = frozenset({"from", "value"})
_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt", "tool": "tool"}
_ROLES = {speaker: role for role, speaker in _SPEAKERS.items()}


def record(made: Made) -> Record | Dropped:
    assert isinstance(made, Example)
    turns = [
        {"from": _SPEAKERS.get(turn.role, turn.role), "value": turn.content} for turn in made.prompt
    ]
    return {"conversations": [*turns, {"from": "gpt", "value": made.completion}]}


def check(found: Mapping[str, object]) -> str | None:
    """Turns alternate, the first is a human's: LLaMA-Factory leaves out whatever is not so."""
    return unlike(found, _COLUMNS) or _broken(found["conversations"])


def _broken(turns: object) -> str | None:
    if not isinstance(turns, list):
        return NO_MESSAGES
    if any(not isinstance(turn, dict) or turn.keys() != _KEYS for turn in turns):
        return OTHER_KEYS
    return unfinished([_message(turn) for turn in turns], tools=False)


def _message(turn: Mapping[str, object]) -> dict[str, object]:
    """As others have it; a speaker that is not known here has no role."""
    said_by = turn["from"]
    role = _ROLES.get(said_by) if isinstance(said_by, str) else None
    return {"role": role, "content": turn["value"]}


DIALECTS.add(
    "sharegpt",
    Dialect(
        "conversations to imitate, from human and gpt",
        material="examples",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json", "parquet"),
        read_by=("LLaMA-Factory sharegpt", "Axolotl", "ms-swift", "torchtune sharegpt", "Unsloth"),
        note="An older form: sft_messages is read by more trainers.",
    ),
)
