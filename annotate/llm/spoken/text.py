"""Texts: the reply itself, as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.llm.spoken.protocol import SPOKEN, Asking, Misread, clipped
from annotate.questions.text import MODEL, TextSettings


class TextSpoken:
    """Implements `Spoken`. Asked for its version of a draft, a model that leaves it alone accepts
    it. In plain text no confidence is asked for: it could not be told from the answer."""

    folder = "text"
    default: tuple[str, ...] = ("instruction", "text_first", "paraphrase")
    ways: tuple[str, ...] = default
    longest = 1_000_000
    reply_tokens = 200
    states_confidence = False

    def claims(self, question: TextSettings) -> tuple[str, ...]:
        return ()

    def read(self, asking: Asking, said: str) -> object:
        draft = draft_of(asking.question, asking.fields)
        text = said.strip()
        if not text:
            raise Misread("the reply is empty")
        if not draft.strip():
            return {"verdict": "write", "text": text}
        if text == draft.strip().replace("\r\n", "\n"):
            return {"verdict": "accept", "text": draft}
        return {"verdict": "fix", "text": text}

    def from_json(self, asking: Asking, given: object) -> object:
        if not isinstance(given, str):
            raise Misread(f"{clipped(given)} is no text")
        return self.read(asking, given)

    def schema(self, asking: Asking) -> Mapping[str, Any]:
        return {"type": "string"}

    def written(self, asking: Asking, value: dict[str, str]) -> str:
        return value["text"]


def draft_of(question: TextSettings, fields: Mapping[str, str]) -> str:
    """The text to improve; empty where the model writes from nothing."""
    if question.draft is None or question.draft == MODEL:
        return ""
    return fields[question.draft]


SPOKEN.add("text", TextSpoken())
