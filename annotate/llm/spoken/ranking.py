"""Rankings: letters from best to worst, as in "B > A > C"."""

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
    title_of,
    words_of,
)
from annotate.questions.ranking import RankingSettings

_BETWEEN = re.compile(r"\s*[>＞,，、;；\n]\s*")
_NUMBERED = re.compile(r"\d{1,2}[.)、]\s*")
_LEAD = re.compile(r"(?:ranking|order|排序|排名)\s*[:：]\s*", re.IGNORECASE)


class RankingSpoken:
    """Implements `Spoken`."""

    folder = "ranking"
    default: tuple[str, ...] = ("instruction", "text_first", "paraphrase", "question")
    ways: tuple[str, ...] = default
    longest = 2_000
    reply_tokens = 12
    states_confidence = True

    def claims(self, question: RankingSettings) -> tuple[str, ...]:
        return ()

    def read(self, asking: Asking, said: str) -> object:
        last = Misread("the reply is empty")
        for form in forms(said):  # the fullest first
            try:
                return self._listed(asking, _BETWEEN.split(_LEAD.sub("", form, count=1).strip()))
            except Misread as error:
                last = error
        raise last

    def from_json(self, asking: Asking, given: object) -> object:
        if isinstance(given, str):
            return self.read(asking, given)
        if not isinstance(given, list):
            raise Misread(f"{clipped(given)} is no list of responses, best first")
        return self._listed(asking, given)

    def schema(self, asking: Asking) -> Mapping[str, Any]:
        return {"type": "array", "items": one_of([option.title for option in asking.options])}

    def written(self, asking: Asking, value: list[str]) -> str:
        return " > ".join(title_of(asking, letter) for letter in value)

    def _listed(self, asking: Asking, said: list[Any]) -> list[str]:
        words, found = words_of(asking), []
        for one in said:
            bare = _NUMBERED.sub("", one, count=1) if isinstance(one, str) else ""
            letter = look_up(bare, words) if bare else None
            if not isinstance(letter, str):
                raise Misread(f"{clipped(one)} is none of the responses")
            found.append(letter)
        return found


SPOKEN.add("ranking", RankingSpoken())
