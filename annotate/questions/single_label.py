"""Exactly one label of a fixed set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from annotate.errors import InvalidValue
from annotate.questions.controls import Control, Option
from annotate.questions.labels import Label, label_mistakes, names_of
from annotate.questions.protocol import QUESTION_TYPES, Mistake, QuestionSettings


class SingleLabelSettings(QuestionSettings):
    """Exactly one of `labels`."""

    type: Literal["single_label"] = "single_label"
    labels: tuple[Label, ...] = Field(min_length=2, description="What can be answered.")

    def names(self) -> tuple[str, ...]:
        return names_of(self.labels)


class SingleLabel:
    """The value is the label's name, exactly as in the project file."""

    settings_model = SingleLabelSettings

    def check(self, settings: SingleLabelSettings, fields: Sequence[str]) -> list[Mistake]:
        return label_mistakes(settings.labels)

    def control(self, settings: SingleLabelSettings) -> Control:
        return Control.of(settings, options=tuple(label.option() for label in settings.labels))

    def parse(self, settings: SingleLabelSettings, value: object) -> str:
        if value not in settings.names():
            raise InvalidValue("single_label", value, f"not one of {', '.join(settings.names())}")
        return str(value)

    def fits(
        self,
        settings: SingleLabelSettings,
        value: str,
        fields: Mapping[str, str],
        *,
        draft: str | None = None,
    ) -> None:
        """Every label can be said of every item."""

    def said(self, settings: SingleLabelSettings) -> tuple[str, ...]:
        return settings.names()

    def called(self, option: Option, language: str) -> tuple[str, ...]:
        return (option.value,)

    def distance(self, settings: SingleLabelSettings, a: str, b: str) -> float:
        return float(a != b)

    def classes(self, settings: SingleLabelSettings) -> tuple[str, ...]:
        return settings.names()

    def example(self) -> tuple[SingleLabelSettings, list[str], list[object]]:
        settings = SingleLabelSettings(
            name="mail",
            text="What is it?",
            labels=(Label(name="spam", description="Unasked for."), Label(name="ham", key="h")),
        )
        return settings, ["spam", "ham"], ["eggs", None, 3, "Spam ", ["spam"]]


QUESTION_TYPES.add("single_label", SingleLabel())
