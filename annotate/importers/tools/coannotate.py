"""Our own `votes` export: every answer of a person and every call of a model, one in a row."""

from __future__ import annotations

import json
from typing import Any

from annotate.importers.protocol import Kind, Record, Said, Source
from annotate.importers.tool import TOOLS, Raw, Tool

_KEYS = (
    "question", "by", "voter", "vote", "outcome", "confidence", "blind", "exposure", "second",
    "note", "variant", "sample", "prompt", "prompt_hash", "seconds", "at", "meta",
)  # fmt: skip
_VOTED = ("parsed", "repaired")


def _knows(raw: Raw) -> bool:
    return {"question", "by", "voter", "vote"} <= raw.keys() and raw["by"] in ("person", "model")


def _convert(record: Record, source: Source) -> Record:
    """The item with the one vote of this row: further rows of it bring the others."""
    raw: Any = record.values
    if not _knows(raw):
        raise ValueError("no row of `coannotate export votes`")
    values = {_field(key): value for key, value in raw.items() if key not in _KEYS}
    fields = tuple(name for name in values if name != "id")
    kind, value = in_kind(raw["vote"])
    model, score, took = raw["by"] == "model", raw.get("confidence"), raw.get("seconds")
    if not all(isinstance(one, str | int | float | None) for one in (score, took)):
        raise ValueError("`confidence` or `seconds` is no number")
    lost = model and str(raw.get("outcome")) not in _VOTED
    said = Said(
        question=str(raw["question"]),
        kind=kind,
        value=value,
        who=str(raw["voter"] or ""),
        model=model,
        at=raw.get("at") if isinstance(raw.get("at"), str) else None,
        seconds=None if model or not took else float(took),
        score=None if score in (None, "") else float(score),
        note=str(raw["note"]) if raw.get("note") else None,
        why=f"a call without an answer ({raw.get('outcome')})" if lost else "",
        record=_call(raw) if model else {"blind_there": str(raw.get("blind")).lower() == "true"},
    )
    return Record(record.line, values, (said,), "coannotate", fields)


def _field(column: str) -> str:
    """The item's field that a column holds: those that are called as a column of ours are written
    with x_ before them.

    >>> _field("text"), _field("x_prompt"), _field("x_id"), _field("x_axis")
    ('text', 'prompt', 'x_id', 'x_axis')
    """
    name = column.removeprefix("x_")
    return name if name in _KEYS else column


def _call(raw: Any) -> dict[str, object]:
    """The wording that a model was asked with, and which of its samples this is."""
    sample = str(raw.get("sample"))
    known = {"sample": int(sample)} if sample.isdigit() else {}
    return {"variant": str(raw.get("variant") or ""), **known}


def in_kind(value: object) -> tuple[Kind, object]:
    """One of our values, or its JSON text, as what it is made of.

    A typed column gives every object all keys: those without a value were not there.

    >>> in_kind("spam"), in_kind(3), in_kind('["a", "b"]')
    (('choices', ['spam']), ('rating', 3), ('choices', ['a', 'b']))
    >>> in_kind({"choice": "tie", "strength": None})
    ('preference', {'choice': 'tie'})
    """
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            value = json.loads(value)
        except ValueError:
            return "choices", [value]
    if isinstance(value, dict):
        value = {key: one for key, one in value.items() if one is not None}
        return ("text" if "verdict" in value else "preference"), value
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "spans", value
    if isinstance(value, list):
        return "choices", value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "rating", value
    return ("empty", None) if value is None else ("choices", [value])


TOOLS.add("coannotate", Tool(title="coannotate", knows=_knows, convert=_convert))
