"""Chat messages as trainers read them, and why one of them would be misread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from annotate.exporters.refusals import (
    BEGINS,
    ENDS_ANSWERED,
    ENDS_UNANSWERED,
    HALF_CHARACTER,
    LATE_SYSTEM,
    NO_MESSAGES,
    NO_TEXT,
    NOT_IN_TURN,
    OTHER_COLUMNS,
    OTHER_KEYS,
    OTHER_ROLE,
    TOOL,
)
from annotate.training.protocol import Turn

META = "meta"
"""The one column that may stand beside a trainer's own: JSON text, which trainers leave alone."""

Message = dict[str, str]

_KEYS = frozenset({"role", "content"})
_MAY_FOLLOW = {
    "": ("system", "user"),
    "system": ("user",),
    "user": ("assistant",),
    "assistant": ("user", "tool"),
    "tool": ("assistant",),
}
_SPOKEN = ("user", "assistant")


def spoken(turns: Sequence[Turn]) -> list[Message]:
    """The turns as messages: exactly two keys each, as loaders assert or expect in silence."""
    return [{"role": turn.role, "content": turn.content} for turn in turns]


def answered(text: str) -> list[Message]:
    """The list of the one assistant message with this text."""
    return [{"role": "assistant", "content": text}]


def unlike(record: Mapping[str, object], columns: frozenset[str]) -> str | None:
    """Why these are not the columns; `meta` may stand beside them as text."""
    keys = record.keys()
    if keys == columns:
        return None
    if keys - columns != {META} or columns - keys or not isinstance(record[META], str):
        return OTHER_COLUMNS
    return None


def unreadable(text: object) -> str | None:
    """Why this is no text to learn from.

    >>> unreadable("标"), unreadable("\\u2003")
    (None, 'a message is empty, or no text')
    """
    if not isinstance(text, str) or not text or text.isspace():
        return NO_TEXT
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return HALF_CHARACTER
    return None


def unwritable(record: Mapping[str, object]) -> str | None:
    """Why a record with texts anywhere in it cannot be written."""
    try:
        orjson.dumps(record)
    except orjson.JSONEncodeError:
        return HALF_CHARACTER
    return None


def unasked(messages: object, *, tools: bool = True) -> str | None:
    """Why this is no prompt: a conversation that ends with what is to be answered."""
    why, last = _read(messages, tools)
    return why or (ENDS_ANSWERED if last == "assistant" else None)


def unfinished(messages: object, *, tools: bool = True) -> str | None:
    """Why this is no conversation that ends with an answer."""
    why, last = _read(messages, tools)
    return why or (ENDS_UNANSWERED if last != "assistant" else None)


def unanswered(messages: object) -> str | None:
    """Why this is no list of one assistant message."""
    if not isinstance(messages, list) or len(messages) != 1:
        return "an answer is not a list of one message"
    return no_answer(messages[0])


def no_answer(message: object) -> str | None:
    """Why this is no assistant message."""
    if not isinstance(message, dict) or message.keys() != _KEYS:
        return OTHER_KEYS
    if message["role"] != "assistant":
        return "an answer is not the assistant's"
    return unreadable(message["content"])


def _read(messages: object, tools: bool) -> tuple[str | None, str]:
    """What is wrong with a conversation, and the role of its last message."""
    if not isinstance(messages, list) or not messages:
        return NO_MESSAGES, ""
    before = ""
    for message in messages:
        if not isinstance(message, dict) or message.keys() != _KEYS:
            return OTHER_KEYS, before
        role = message["role"]
        why = unreadable(message["content"])
        if role not in _MAY_FOLLOW[before]:
            why = _out_of_turn(role, before)
        elif role == "tool" and not tools:
            why = TOOL
        if why is not None:
            return why, before
        before = role
    return (NO_MESSAGES if before == "system" else None), before


def _out_of_turn(role: object, before: str) -> str:
    if not isinstance(role, str) or role not in _MAY_FOLLOW or not role:
        return OTHER_ROLE
    if role == "system":
        return LATE_SYSTEM
    return NOT_IN_TURN if before in (*_SPOKEN, "tool") else BEGINS
