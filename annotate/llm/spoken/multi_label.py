"""Several labels: their names with commas between or a line each, or "none"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from annotate.llm.replies import look_up
from annotate.llm.spoken.protocol import (
    NO_ANSWER,
    SPOKEN,
    Asking,
    Misread,
    clipped,
    one_of,
    title_of,
    words_of,
)
from annotate.questions.multi_label import MultiLabelSettings

NONE = {"en": "none", "zh": "无"}
_NONE = dict.fromkeys(("none", "no label", "none of them", "无", "没有", "都不是"), True)
MOST_PARTS = 1_000
"""Names and what stands between them: no project has so many labels."""
_BETWEEN = re.compile(r"(\s*[,;，；、\n]\s*)")
_BULLET = re.compile(r"(?:[-*•·]|\d{1,2}[.)、])\s+")


class MultiLabelSpoken:
    """Implements `Spoken`. A claim about one label is answered with yes or no; all claims of one
    way together are one answer."""

    folder = "multi_label"
    default: tuple[str, ...] = ("instruction", "text_first", "paraphrase", "question")
    ways: tuple[str, ...] = (*default, "true_false", "true_false_negated")
    longest = 10_000
    reply_tokens = 16
    states_confidence = True

    def claims(self, question: MultiLabelSettings) -> tuple[str, ...]:
        return question.names()

    def read(self, asking: Asking, said: str) -> object:
        words = words_of(asking)
        if (alone := look_up(said, words)) is not None:
            return [alone]
        if look_up(said, _NONE):
            return self._none(asking)
        parts = _BETWEEN.split(said.strip().rstrip(",;，；、."))
        return _named(parts, words)

    def from_json(self, asking: Asking, given: object) -> object:
        if isinstance(given, str):
            return self.read(asking, given)
        if not isinstance(given, list):
            raise Misread(f"{clipped(given)} is no list of labels")
        words = words_of(asking)
        return [_name(one, words) for one in given] or self._none(asking)

    def schema(self, asking: Asking) -> Mapping[str, Any]:
        return {"type": "array", "items": one_of([option.title for option in asking.options])}

    def written(self, asking: Asking, value: list[str]) -> str:
        comma = "、" if asking.language == "zh" else ", "
        return comma.join(title_of(asking, one) for one in value) or NONE[asking.language]

    def _none(self, asking: Asking) -> object:
        return NO_ANSWER if asking.question.min else []


def _name(said: object, words: Mapping[str, Any]) -> Any:
    found = look_up(_BULLET.sub("", said, count=1), words) if isinstance(said, str) else None
    if not isinstance(found, str):
        raise Misread(f"{clipped(said)} is no label of the question")
    return found


def _named(parts: Sequence[str], words: Mapping[str, Any]) -> list[str]:
    """parts: names and, between them, what parts them; a name may hold such signs itself, so the
    longest run of parts that is a name counts."""
    if len(parts) > MOST_PARTS:
        raise Misread(f"the reply lists {len(parts) // 2 + 1:,} names")
    longest = max(len(_BETWEEN.split(word)) for word in words)
    found, at = [], 0
    while at < len(parts):
        for end in range(min(at + longest, len(parts)), at, -2):
            name = _known("".join(parts[at:end]), words)
            if name is not None:
                found.append(name)
                at = end + 1
                break
        else:
            raise Misread(f"{clipped(parts[at])} is no label of the question")
    return found


def _known(said: str, words: Mapping[str, Any]) -> str | None:
    try:
        return str(_name(said, words))
    except Misread:
        return None


SPOKEN.add("multi_label", MultiLabelSpoken())
