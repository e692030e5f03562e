"""Exactly one label of a fixed set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from annotate.errors import InvalidValue
from annotate.llm.replies import fold, forms
from annotate.questions.protocol import QUESTION_TYPES, Control, Option, QuestionSettings


class Label(BaseModel):
    """A name people and the model answer with, and what it covers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^\S(.*\S)?$",
        description="The label as people and the model answer it.",
    )
    description: str = Field(default="", description="What the label covers, and what not.")


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
        problems = []
        for at, name in enumerate(settings.names()):
            for other in settings.names()[:at]:
                if fold(name) == fold(other):
                    rule = f"labels {other!r} and {name!r} are one name but for letter case"
                elif _unwrapped(name) & _unwrapped(other):
                    rule = f"labels {other!r} and {name!r} differ only in quotes or a full stop"
                else:
                    continue
                problems.append((rule, "A reply could mean either: rename or remove one."))
        return problems

    def control(self, settings: SingleLabelSettings) -> Control:
        options = (Option(label.name, label.name, label.description) for label in settings.labels)
        return Control(kind="choice", options=tuple(options))

    def parse(self, settings: SingleLabelSettings, value: object) -> str:
        if value not in settings.names():
            raise InvalidValue("single_label", value, f"not one of {', '.join(settings.names())}")
        return str(value)

    def called(self, option: Option, language: str) -> tuple[str, ...]:
        return (option.value,)

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


def _unwrapped(name: str) -> set[str]:
    return {fold(form) for form in forms(name)}


QUESTION_TYPES.add("single_label", SingleLabel())
