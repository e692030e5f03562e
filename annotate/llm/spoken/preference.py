"""Preferences with a strength: a letter and how much better, as in "A 2", or a tie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from annotate.llm.replies import forms, look_up
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
from annotate.questions.preference import TIE, PreferenceSettings

_STRONG = re.compile(
    r"(.+?)[\s,;:，；：(（]+(?:strength|强度|程度)?\s*[:：=]?\s*(\d{1,3})\s*[)）]?",
    re.IGNORECASE | re.DOTALL,
)


class PreferenceSpoken:
    """Implements `Spoken` for preferences that have a strength; others are classes."""

    folder = "preference_strength"
    default: tuple[str, ...] = ("instruction", "text_first", "paraphrase", "question")
    ways: tuple[str, ...] = default
    longest = 2_000
    reply_tokens = 12
    states_confidence = True

    def claims(self, question: PreferenceSettings) -> tuple[str, ...]:
        return ()

    def read(self, asking: Asking, said: str) -> object:
        words = words_of(asking)
        alone = look_up(said, words)
        if alone == TIE:
            return {"choice": TIE}
        if alone is not None:
            raise Misread(f"{clipped(said)} says no strength")
        for form in forms(said):
            found = _STRONG.fullmatch(form)
            choice = look_up(found.group(1), words) if found else None
            if found and isinstance(choice, str):
                return _preferred(choice, int(found.group(2)))
        raise Misread(f"{clipped(said)} is not a response and its strength")

    def from_json(self, asking: Asking, given: object) -> object:
        if isinstance(given, str):
            return self.read(asking, given)
        said = given.get("choice") if isinstance(given, dict) else None
        choice = look_up(said, words_of(asking)) if isinstance(said, str) else None
        if not isinstance(choice, str) or not isinstance(given, dict):
            raise Misread(f"{clipped(given)} is not a response and its strength")
        return _preferred(choice, given.get("strength"))

    def schema(self, asking: Asking) -> Mapping[str, Any]:
        titles = [option.title for option in asking.options]
        least = 0 if asking.question.tie else 1
        levels = range(least, asking.question.strength + 1)
        return strict_object({"choice": one_of(titles), "strength": one_of(levels)})

    def written(self, asking: Asking, value: dict[str, Any]) -> str:
        title = title_of(asking, value["choice"])
        return title if value["choice"] == TIE else f"{title} {value['strength']}"


def _preferred(choice: str, strength: object) -> dict[str, Any]:
    """A tie has no strength; where a schema demands one, it is 0."""
    if choice == TIE and strength in (0, None):
        return {"choice": TIE}
    return {"choice": choice} if strength is None else {"choice": choice, "strength": strength}


SPOKEN.add("preference", PreferenceSpoken())
