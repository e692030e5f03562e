"""Spans: a JSON list of passages in the text's own words, each with its label.

Models quote well and count badly, so they are never asked for offsets: a passage is looked for in
the field, and where it stands several times, `occurrence` says which one is meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from annotate.llm.replies import look_up
from annotate.llm.spoken.protocol import (
    SPOKEN,
    Asking,
    Misread,
    clipped,
    one_of,
    strict_object,
    title_of,
    words_of,
)
from annotate.questions.spans import Span, SpansSettings

MOST_SPANS = 2_000
MOST_PLACES = 10_000
"""Where a passage may stand: whoever quotes a single letter of a long text marks nothing."""
_KEYS = ({"text", "label"}, {"text", "label", "occurrence"})


class SpansSpoken:
    """Implements `Spoken`."""

    folder = "spans"
    default: tuple[str, ...] = ("instruction", "text_first", "paraphrase")
    ways: tuple[str, ...] = default
    longest = 200_000
    reply_tokens = 80
    states_confidence = True

    def claims(self, question: SpansSettings) -> tuple[str, ...]:
        return ()

    def read(self, asking: Asking, said: str) -> object:
        raise Misread(f"{clipped(said)} is no JSON list of passages")

    def from_json(self, asking: Asking, given: object) -> object:
        if not isinstance(given, list):
            raise Misread(f"{clipped(given)} is no JSON list of passages")
        if len(given) > MOST_SPANS:
            raise Misread(f"the reply lists {len(given):,} passages")
        words, field = words_of(asking), asking.fields[asking.question.field]
        return [_span(one, words, field) for one in given]

    def schema(self, asking: Asking) -> Mapping[str, Any]:
        names = one_of([option.title for option in asking.options])
        passage = {"text": {"type": "string"}, "label": names, "occurrence": {"type": "integer"}}
        return {"type": "array", "items": strict_object(passage)}

    def written(self, asking: Asking, value: list[Span]) -> str:
        field = asking.fields[asking.question.field]
        said = [_said(span, title_of(asking, span["label"]), field) for span in value]
        return json.dumps(said, ensure_ascii=False)


def _span(one: object, words: Mapping[str, Any], field: str) -> Span:
    if not isinstance(one, dict) or set(one) not in _KEYS:
        raise Misread(f'{clipped(one)} is not {{"text": ..., "label": ...}}')
    label = look_up(one["label"], words) if isinstance(one["label"], str) else None
    if not isinstance(label, str):
        raise Misread(f"{clipped(one['label'])} is no label of the question")
    passage = one["text"]
    if not isinstance(passage, str) or not passage.strip():
        raise Misread(f"{clipped(passage)} is no passage")
    start = _start(passage, one.get("occurrence"), field)
    return {"start": start, "end": start + len(passage), "label": label}


def _start(passage: str, occurrence: object, field: str) -> int:
    """The code point where the passage begins that is meant."""
    places = list(islice(_places(passage, field), MOST_PLACES + 1))
    if not places:
        raise Misread(f"{clipped(passage)} does not stand in the text, word for word")
    if len(places) > MOST_PLACES:
        raise Misread(f"{clipped(passage)} stands more than {MOST_PLACES:,} times in the text")
    if occurrence is None:
        if len(places) > 1:
            count = f"stands {len(places)} times in the text"
            raise Misread(f'{clipped(passage)} {count}: say which with "occurrence"')
        return places[0]
    if isinstance(occurrence, bool) or not isinstance(occurrence, int):
        raise Misread(f"{clipped(occurrence)} is no occurrence: 1 is the first")
    if not 1 <= occurrence <= len(places):
        raise Misread(f"{clipped(passage)} has no occurrence {occurrence}: there are {len(places)}")
    return places[occurrence - 1]


def _places(passage: str, field: str) -> Iterator[int]:
    at = field.find(passage)
    while at >= 0:
        yield at
        at = field.find(passage, at + 1)


def _said(span: Span, label: str, field: str) -> dict[str, Any]:
    passage = field[span["start"] : span["end"]]
    said: dict[str, Any] = {"text": passage, "label": label}
    places = list(_places(passage, field))
    if len(places) > 1:
        said["occurrence"] = places.index(span["start"]) + 1
    return said


SPOKEN.add("spans", SpansSpoken())
