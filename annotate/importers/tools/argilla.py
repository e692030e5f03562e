"""Argilla's records: nested as `to_json` writes them, or flat as in `to_datasets`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from annotate.importers.protocol import Kind, Record, Said, Source
from annotate.importers.tool import TOOLS, Raw, Tool

_FLAT = re.compile(r"^(.+)\.(responses|suggestion)(?:\.(users|status|score|agent))?$")
_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f-]{27}$")
_OURS = ("id", "status", "_server_id", "inserted_at", "updated_at")
_LEFT = {"draft": "a draft, not handed in", "discarded": "discarded there"}


def _knows(raw: Raw) -> bool:
    nested = isinstance(raw.get("fields"), dict) and ("responses" in raw or "suggestions" in raw)
    return nested or any(_FLAT.match(key) for key in raw)


def _convert(record: Record, source: Source) -> Record:
    raw = record.values
    if not _knows(raw) and "_server_id" not in raw:
        raise ValueError("neither `fields` with `responses` nor columns like `topic.responses`")
    if isinstance(raw.get("fields"), dict):
        return _nested(record)
    values = {key: value for key, value in raw.items() if not _FLAT.match(key)}
    questions = dict.fromkeys(found[1] for key in raw if (found := _FLAT.match(key)))
    said = [one for name in questions for one in _flat(name, raw)]
    kept = {key: value for key, value in values.items() if key not in _OURS[1:]}
    return Record(record.line, kept, tuple(said), "argilla")


def _nested(record: Record) -> Record:
    raw = record.values
    fields, metadata = _object(raw.get("fields")), _object(raw.get("metadata"))
    own = {} if raw.get("id") is None else {"id": raw["id"]}
    values = {**{k: v for k, v in metadata.items() if k not in fields}, **own, **fields}
    said: list[Said] = []
    for name, listed in _object(raw.get("responses")).items():
        for one in map(_object, _list(listed)):
            said.append(_response(name, one.get("value"), one.get("user_id"), one.get("status")))
    for name, one in _object(raw.get("suggestions")).items():
        if isinstance(one, dict):
            said.append(_suggestion(name, one.get("value"), one.get("agent"), one.get("score")))
    return Record(record.line, values, tuple(said), "argilla", tuple(fields))


def _flat(name: str, raw: Raw) -> Iterator[Said]:
    key = f"{name}.responses"
    answers = _list(raw.get(key))
    users, statuses = _list(raw.get(f"{key}.users")), _list(raw.get(f"{key}.status"))
    for at, value in enumerate(answers):
        yield _response(name, value, _at(users, at), _at(statuses, at))
    value = raw.get(f"{name}.suggestion")
    if value is not None:
        agent, score = raw.get(f"{name}.suggestion.agent"), raw.get(f"{name}.suggestion.score")
        yield _suggestion(name, value, agent, score)


def _response(name: str, value: object, user: object, status: object) -> Said:
    kind, read = _read(value)
    called = "" if user is None else str(user)
    return Said(
        question=name,
        kind=kind,
        value=read,
        who=called[:8] if _UUID.match(called) else called,
        why=_LEFT.get(str(status), ""),
        record={"user": called} if called else {},
    )


def _suggestion(name: str, value: object, agent: object, score: object) -> Said:
    kind, read = _read(value)
    number = score if isinstance(score, int | float) and not isinstance(score, bool) else None
    who = str(agent) if agent else "a model without a name"
    return Said(question=name, kind=kind, value=read, who=who, model=True, score=number)


def _read(value: object) -> tuple[Kind, object]:
    """A response's value: a label, labels, a number, a ranking or spans, told by its form."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "rating", value
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        if all("rank" in one for one in value):
            ranked = sorted(value, key=lambda one: (one["rank"] is None, one["rank"] or 0))
            ranks = [one["rank"] for one in ranked]
            return "ranking", [str(one.get("value")) for one in ranked] if _strict(ranks) else ranks
        keys = ("start", "end", "label")
        return "spans", [{key: one.get(key) for key in keys} for one in value]
    if isinstance(value, list):
        return "choices", value
    return ("empty", None) if value is None else ("choices", [value])


def _strict(ranks: list[Any]) -> bool:
    """Whether no two stand on one place."""
    return len(set(ranks)) == len(ranks)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _at(values: list[Any], at: int) -> object:
    return values[at] if at < len(values) else None


TOOLS.add("argilla", Tool(title="Argilla", knows=_knows, convert=_convert))
