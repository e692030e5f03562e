"""ShareGPT: {"conversations": [{"from": "human", "value"}, {"from": "gpt", "value"}, ...]}."""

from __future__ import annotations

from typing import Any

from annotate.importers.protocol import Record, Source
from annotate.importers.tool import TOOLS, Raw, Tool

ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "chatgpt": "assistant",
    "system": "system",
    "tool": "tool",
    "observation": "tool",
    "function_call": "assistant",
}
_CHAT, _REPLY = "conversation", "reply"


def _knows(raw: Raw) -> bool:
    turns = raw.get("conversations")
    return (
        isinstance(turns, list)
        and bool(turns)
        and isinstance(turns[0], dict)
        and ("from" in turns[0] and "value" in turns[0])
    )


def _convert(record: Record, source: Source) -> Record:
    """The conversation up to the last turn, and that as the reply that people go on with."""
    raw = record.values
    turns = [_turn(one) for one in _listed(raw)]
    system = raw.get("system")
    if isinstance(system, str) and system:
        turns = [{"role": "system", "content": system}, *turns]
    if len(turns) < 2 or turns[-1]["role"] != "assistant":
        raise ValueError("the conversation does not end with an answer of gpt")
    others = {k: v for k, v in raw.items() if k not in ("conversations", "system")}
    values = {**others, _CHAT: turns[:-1], _REPLY: turns[-1]["content"]}
    return Record(record.line, values, (), "sharegpt", (_CHAT, _REPLY))


def _listed(raw: Raw) -> list[Any]:
    turns = raw.get("conversations")
    if not isinstance(turns, list):
        raise ValueError("no list of turns in `conversations`")
    return turns


def _turn(one: object) -> dict[str, str]:
    if not isinstance(one, dict) or not isinstance(one.get("value"), str):
        raise ValueError('a turn that is not {"from", "value"}')
    role = ROLES.get(str(one.get("from")))
    if role is None:
        raise ValueError(f"a turn from {one.get('from')!r}, which is no speaker")
    return {"role": role, "content": one["value"]}


TOOLS.add("sharegpt", Tool(title="ShareGPT", knows=_knows, convert=_convert, draft=_REPLY))
