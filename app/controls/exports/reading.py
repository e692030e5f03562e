"""A record of training data as somebody reads it: turns of a chat, and what else it holds."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from annotate.store.rows import to_json

MOST_CHARS = 1_200


def record(found: Mapping[str, object]) -> str:
    """HTML of its columns that hold something, in order; long texts are cut."""
    parts = "".join(
        f'<dt>{escape(name)}</dt><dd class="{escape(name)}">{_value(value)}</dd>'
        for name, value in found.items()
        if value is not None
    )
    return f'<dl class="record">{parts}</dl>'


def _value(value: object) -> str:
    turns = _turns(value)
    if turns is not None:
        return "".join(
            f'<p class="turn {escape(role)}" dir="auto"><i>{escape(role)}</i>{_cut(said)}</p>'
            for role, said in turns
        )
    text = value if isinstance(value, str) else to_json(value)
    return f'<p dir="auto">{_cut(text)}</p>'


def _turns(value: object) -> list[tuple[str, str]] | None:
    """The messages that a value is made of, one or several; None when it is something else."""
    messages = value if isinstance(value, list) else [value]
    found = []
    for one in messages:
        if not isinstance(one, dict):
            return None
        role, said = (one.get(a, one.get(b)) for a, b in (("role", "from"), ("content", "value")))
        if not isinstance(role, str) or not isinstance(said, str):
            return None
        found.append((role, said))
    return found or None


def _cut(text: str) -> str:
    return escape(text if len(text) <= MOST_CHARS else f"{text[: MOST_CHARS - 1]}…")
