"""doccano's JSON Lines: a text with labels, spans, entities or texts, one file for each person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotate.importers.protocol import Record, Said, Source
from annotate.importers.tool import TOOLS, Raw, Tool

_LABELS = ("label", "labels", "cats")
_SPANS = ("entities",)
_EVERYBODY = ("all", "admin-all")


def _knows(raw: Raw) -> bool:
    """A text with a list of labels or entities; others have such rows too."""
    listed = [raw[key] for key in (*_LABELS, *_SPANS) if key in raw]
    return isinstance(raw.get("text"), str) and any(isinstance(one, list) for one in listed)


def _convert(record: Record, source: Source) -> Record:
    raw = record.values
    text = raw.get("text", raw.get("data"))
    if not isinstance(text, str):
        raise ValueError("no `text`: images and sounds have no question here")
    answers = (*_LABELS, *_SPANS, "relations", "text", "data")
    values = {"text": text, **{key: value for key, value in raw.items() if key not in answers}}
    who = _person(source)
    said = [*_labels(raw, who), *_entities(raw, who)]
    if raw.get("relations"):
        said.append(_left("relations", who, "relations between spans have no question here"))
    return Record(record.line, values, tuple(said), "doccano", ("text",))


def _person(source: Source) -> str:
    """Each person's answers are in a file called after them; `all` holds everybody's."""
    stem = Path(source.name).name.split(".")[0]
    return "" if stem.casefold() in _EVERYBODY else stem


def _labels(raw: Raw, who: str) -> Iterator[Said]:
    for key in _LABELS:
        found = raw.get(key)
        if not isinstance(found, list):
            continue
        triples = [one for one in found if isinstance(one, list) and len(one) == 3]
        if triples:
            spans = [_span(start, end, label) for start, end, label in triples]
            yield Said(question="spans", kind="spans", value=spans, who=who, about="text")
        elif found:
            yield Said(question="label", kind="choices", value=found, who=who)
        else:
            yield Said(question="", kind="empty", value=None, who=who)


def _entities(raw: Raw, who: str) -> Iterator[Said]:
    found = raw.get("entities")
    if not isinstance(found, list):
        return
    triples = [_span(*one) for one in found if isinstance(one, list) and len(one) == 3]
    objects = [one for one in found if isinstance(one, dict)]
    spans = triples + [
        _span(one.get("start_offset"), one.get("end_offset"), one.get("label")) for one in objects
    ]
    yield Said(question="spans", kind="spans", value=spans, who=who, about="text")


def _span(start: Any, end: Any, label: Any) -> dict[str, Any]:
    """Offsets count code points: they are Python's there too."""
    return {"start": start, "end": end, "label": str(label)}


def _left(question: str, who: str, why: str) -> Said:
    return Said(question=question, kind="empty", value=None, who=who, why=why)


TOOLS.add("doccano", Tool(title="doccano", knows=_knows, convert=_convert, sure=False))
