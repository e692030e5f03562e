"""Which of two or more responses to a prompt is better, or a tie."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from annotate.errors import InvalidValue
from annotate.questions.protocol import QUESTION_TYPES, Control, Option, QuestionSettings

TIE = "tie"


class PreferenceSettings(QuestionSettings):
    """`prompt` and `responses` name item fields."""

    type: Literal["preference"] = "preference"
    prompt: str = Field(description="The field that holds the prompt.")
    responses: tuple[str, ...] = Field(
        min_length=2, max_length=26, description="The fields that hold the candidate responses."
    )
    tie: bool = Field(default=True, description='Whether "equally good" may be answered.')

    def letters(self) -> str:
        return string.ascii_lowercase[: len(self.responses)]

    def field_of(self, value: str) -> str:
        """The item field of the response a value names; a tie names none (ValueError)."""
        return self.responses[self.letters().index(value)]


class Preference:
    """The value is the response's letter in the order of `responses` ("a", "b", ...), or "tie"."""

    settings_model = PreferenceSettings

    def check(self, settings: PreferenceSettings, fields: Sequence[str]) -> list[tuple[str, str]]:
        problems = []
        if len(set(settings.responses)) < len(settings.responses):
            problems.append(("`responses` names a field twice", "Name each field once."))
        if settings.prompt in settings.responses:
            problems.append(
                ("`prompt` is one of `responses`", "Name the field that holds the prompt.")
            )
        for name in (settings.prompt, *settings.responses):
            if name not in fields:
                problems.append(
                    (f"field {name!r} is not in `fields`", f"Add `{name}` to `fields`.")
                )
        return problems

    def control(self, settings: PreferenceSettings) -> Control:
        options = [Option(letter, letter.upper()) for letter in settings.letters()]
        if settings.tie:
            options.append(Option(TIE, "Tie", "Equally good, or equally bad."))
        return Control("versus", tuple(options), responses=settings.responses)

    def parse(self, settings: PreferenceSettings, value: object) -> str:
        allowed = self.classes(settings)
        if value not in allowed:
            raise InvalidValue("preference", value, f"not one of {', '.join(allowed)}")
        return str(value)

    def called(self, option: Option, language: str) -> tuple[str, ...]:
        if option.value == TIE:
            return ("平局", "一样好", TIE) if language == "zh" else ("Tie", "equally good")
        letter = option.title
        return (letter, f"Response {letter}", f"回答 {letter}", f"回答{letter}")

    def distance(self, a: str, b: str) -> float:
        """A tie is half way between two opposite preferences."""
        if a == b:
            return 0.0
        return 0.5 if TIE in (a, b) else 1.0

    def classes(self, settings: PreferenceSettings) -> tuple[str, ...]:
        return (*settings.letters(), *((TIE,) if settings.tie else ()))

    def example(self) -> tuple[PreferenceSettings, list[str], list[object]]:
        settings = PreferenceSettings(
            name="better", text="Which is better?", prompt="prompt", responses=("x", "y", "z")
        )
        return settings, ["a", "b", "c", "tie"], ["d", "A", None, 1, ["a"]]


QUESTION_TYPES.add("preference", Preference())
