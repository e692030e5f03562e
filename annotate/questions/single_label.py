"""Exactly one label of a fixed set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from annotate.errors import InvalidValue
from annotate.questions.protocol import QUESTION_TYPES, Control, Option, QuestionSettings


class Label(BaseModel):
    """A name people and the model answer with, and what it covers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")
    description: str = ""


class SingleLabelSettings(QuestionSettings):
    """Exactly one of `labels`."""

    type: Literal["single_label"] = "single_label"
    labels: tuple[Label, ...] = Field(min_length=2, description="What can be answered.")

    def names(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.labels)


class SingleLabel:
    """The value is the label's name, exactly as in the project file."""

    settings_model = SingleLabelSettings

    def check(self, settings: SingleLabelSettings, fields: Sequence[str]) -> list[tuple[str, str]]:
        folded = [name.casefold() for name in settings.names()]
        twice = sorted({n for n in settings.names() if folded.count(n.casefold()) > 1})
        if not twice:
            return []
        rule = f"labels {', '.join(twice)} are one name but for upper and lower case"
        return [(rule, "A reply could mean either: rename or remove one.")]

    def control(self, settings: SingleLabelSettings) -> Control:
        options = (Option(label.name, label.name, label.description) for label in settings.labels)
        return Control(kind="choice", options=tuple(options))

    def parse(self, settings: SingleLabelSettings, value: object) -> str:
        if value not in settings.names():
            raise InvalidValue("single_label", value, f"not one of {', '.join(settings.names())}")
        return str(value)

    def words(self, settings: SingleLabelSettings) -> dict[str, str]:
        return {name: name for name in settings.names()}

    def distance(self, a: str, b: str) -> float:
        return float(a != b)

    def classes(self, settings: SingleLabelSettings) -> tuple[str, ...]:
        return settings.names()

    def example(self) -> tuple[SingleLabelSettings, list[str], list[object]]:
        settings = SingleLabelSettings(
            name="mail",
            text="What is it?",
            labels=(Label(name="spam", description="Unasked for."), Label(name="ham")),
        )
        return settings, ["spam", "ham"], ["eggs", None, 3, "Spam ", ["spam"]]


QUESTION_TYPES.add("single_label", SingleLabel())
