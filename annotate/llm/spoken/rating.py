"""Ratings: a number, or a line `aspect: number` for each aspect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from annotate.llm.replies import fold, forms
from annotate.llm.spoken.protocol import SPOKEN, Asking, Misread, clipped, one_of, strict_object
from annotate.questions.rating import Rating, RatingSettings

_NUMBER = re.compile(r"([-−]?\d{1,9})(?:\s*(?:/|out of|分，满分)\s*(\d{1,9}))?\s*分?")
_LEAD = re.compile(r"(?:rating|score|评分|分数|得分)\s*[:：]\s*", re.IGNORECASE)
_LINE = re.compile(r"(?:[-*•]\s+)?(?:\*\*)?(.+?)(?:\*\*)?\s*[:：=]\s*(?:\*\*)?\s*(.+?)")


class RatingSpoken:
    """Implements `Spoken`."""

    folder = "rating"
    default: tuple[str, ...] = ("instruction", "text_first", "paraphrase", "question")
    ways: tuple[str, ...] = default
    longest = 5_000
    reply_tokens = 16
    states_confidence = True

    def claims(self, question: RatingSettings) -> tuple[str, ...]:
        return ()

    def read(self, asking: Asking, said: str) -> object:
        aspects = _aspects(asking.question)
        if not aspects:
            return _number(asking.question, said)
        rows = [row for row in re.split(r"[\n,;，；]", said) if row.strip()]
        return _rated(asking.question, [_row(row) for row in rows])

    def from_json(self, asking: Asking, given: object) -> object:
        if not _aspects(asking.question):
            return _number(asking.question, given)
        if isinstance(given, str):
            return self.read(asking, given)
        if not isinstance(given, dict):
            raise Misread(f"{clipped(given)} has no number for each aspect")
        return _rated(asking.question, list(given.items()))

    def schema(self, asking: Asking) -> Mapping[str, Any]:
        scale = asking.question.scale
        number = one_of(range(scale.min, scale.max + 1))
        aspects = _aspects(asking.question)
        return strict_object(dict.fromkeys(aspects.values(), number)) if aspects else number

    def written(self, asking: Asking, value: Rating) -> str:
        if isinstance(value, dict):
            return "\n".join(f"{name}: {number}" for name, number in value.items())
        return str(value)


def _aspects(question: RatingSettings) -> dict[str, str]:
    """Folded name -> name."""
    return {fold(aspect.name): aspect.name for aspect in question.aspects}


def _row(row: str) -> tuple[str, str]:
    found = _LINE.fullmatch(row.strip())
    if found is None:
        raise Misread(f"{clipped(row.strip())} is not `aspect: number`")
    return found.group(1), found.group(2)


def _rated(question: RatingSettings, rows: list[tuple[str, Any]]) -> dict[str, int]:
    aspects, rated = _aspects(question), {}
    for said, number in rows:
        name = aspects.get(fold(said.strip()))
        if name is None:
            raise Misread(f"{clipped(said)} is no aspect of the question")
        if name in rated:
            raise Misread(f"{name!r} is rated twice")
        rated[name] = _number(question, number)
    return rated


def _number(question: RatingSettings, said: object) -> int:
    """A whole number, bare or "out of" the highest of the scale."""
    if isinstance(said, int) and not isinstance(said, bool):
        return said
    if isinstance(said, str):
        for form in forms(said):
            found = _NUMBER.fullmatch(_LEAD.sub("", form, count=1))
            if found and found.group(2) in (None, str(question.scale.max)):
                return int(found.group(1).replace("−", "-"))
    raise Misread(f"{clipped(said)} is no whole number of the scale")


SPOKEN.add("rating", RatingSpoken())
