"""A text: written, or the draft of one accepted, corrected or rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from annotate.errors import InvalidValue
from annotate.questions.controls import Control, Option
from annotate.questions.protocol import QUESTION_TYPES, Mistake, QuestionSettings
from routing.edits import edit_share

MODEL = "model"
VERDICTS = ("accept", "fix", "reject", "write")


class TextSettings(QuestionSettings):
    """A text of people's own, or their version of a draft."""

    type: Literal["text"] = "text"
    draft: str | None = Field(
        default=None,
        description="What is edited: an item field, or `model` for the model's answer. Left out, "
        "people write from nothing.",
    )
    max: Annotated[int, Field(strict=True, ge=1, le=100_000)] = Field(
        default=20_000, description="Most characters that people may write."
    )


class Text:
    """The value is {"verdict": one of `VERDICTS`, "text": the text that results}.

    accept: the draft as it is; fix: another text than the draft; reject: no text; write: where
    there is no draft.
    """

    settings_model = TextSettings

    def check(self, settings: TextSettings, fields: Sequence[str]) -> list[Mistake]:
        draft = settings.draft
        if draft == MODEL and MODEL in fields:
            rule = "is `model`, which is a field and the model's answer"
            return [Mistake(rule, "Give the field another name.", ("draft",))]
        if draft is not None and draft != MODEL and draft not in fields:
            rule = f"{draft!r} is not in `fields`"
            return [Mistake(rule, f"Add `{draft}` to `fields`, or write `model`.", ("draft",))]
        return []

    def control(self, settings: TextSettings) -> Control:
        return Control.of(settings, draft=settings.draft, max=settings.max)

    def parse(self, settings: TextSettings, value: object) -> dict[str, str]:
        if not isinstance(value, dict) or set(value) != {"verdict", "text"}:
            raise InvalidValue("text", value, 'not {"verdict": ..., "text": ...}')
        verdict, text = value["verdict"], value["text"]
        allowed = self.said(settings)
        if verdict not in allowed:
            rule = f"not allowed: its verdict is none of {', '.join(allowed)}"
            raise InvalidValue("text", value, rule)
        if not isinstance(text, str) or not _storable(text):
            raise InvalidValue("text", value, "without a text that can be stored")
        _check_length(settings, value, verdict, text)
        return {"verdict": verdict, "text": text}

    def fits(
        self,
        settings: TextSettings,
        value: dict[str, str],
        fields: Mapping[str, str],
        *,
        draft: str | None = None,
    ) -> None:
        if settings.draft is not None and settings.draft != MODEL:
            draft = fields.get(settings.draft)
        verdict, same = value["verdict"], _lines(value["text"]) == _lines(draft or "")
        if not (draft or "").strip():
            broken = None if verdict == "write" else "about a draft, but there is none: write"
        elif verdict == "write":
            broken = "written anew, but there is a draft: accept, fix or reject it"
        elif verdict == "accept" and not same:
            broken = "accepted, but differs from the draft: fix it instead"
        elif verdict == "fix" and same:
            broken = "fixed, but is the draft unchanged: accept it instead"
        else:
            broken = None
        if broken is not None:
            raise InvalidValue("text", value, broken)

    def said(self, settings: TextSettings) -> tuple[str, ...]:
        return VERDICTS if settings.draft is not None else ("write",)

    def called(self, option: Option, language: str) -> tuple[str, ...]:
        return (option.value,)

    def distance(self, settings: TextSettings, a: dict[str, str], b: dict[str, str]) -> float:
        """Levenshtein's distance between the texts over the length of the longer one.

        A rejected draft has nothing in common with any text.
        """
        rejected = (a["verdict"] == "reject") + (b["verdict"] == "reject")
        if rejected:
            return float(rejected == 1)
        return edit_share(a["text"], b["text"])

    def classes(self, settings: TextSettings) -> tuple[str, ...]:
        return ()

    def example(self) -> tuple[TextSettings, list[dict[str, str]], list[object]]:
        settings = TextSettings(name="answer", text="Is it right?", draft="reply", max=20)
        good = [
            {"verdict": "accept", "text": "a draft of any length as it was"},
            {"verdict": "fix", "text": "better 👩‍👩‍👧"},
            {"verdict": "reject", "text": ""},
            {"verdict": "write", "text": "new\n新しい"},
        ]
        bad: list[object] = [
            "better", None, {}, {"verdict": "fix"}, {"verdict": "edit", "text": "x"},
            {"verdict": "fix", "text": "x", "note": "y"}, {"verdict": "fix", "text": " \n"},
            {"verdict": "reject", "text": "x"}, {"verdict": "write", "text": "x" * 21},
            {"verdict": "fix", "text": 7}, {"verdict": "fix", "text": "\ud83d"},
            {"verdict": ["fix"], "text": "x"},
        ]  # fmt: skip
        return settings, good, bad


def _check_length(settings: TextSettings, value: object, verdict: str, text: str) -> None:
    if verdict == "reject":
        if text:
            raise InvalidValue("text", value, "rejected, but has a text")
    elif not text.strip():
        raise InvalidValue("text", value, "without a text: write one, or reject the draft")
    elif verdict != "accept" and len(text) > settings.max:
        rule = f"longer than {settings.max:,} characters"
        raise InvalidValue("text", value, rule)


def _storable(text: str) -> bool:
    """Whether it has no half of a character: no file in UTF-8 could hold that."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _lines(text: str) -> str:
    """Browsers write line ends their own way: that alone changes nothing."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


QUESTION_TYPES.add("text", Text())
