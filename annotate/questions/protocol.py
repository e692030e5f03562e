"""What a question type must do. One file beside this one is one type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from annotate.model import Value
from routing.registry import Registry


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen: what is stored, what is shown, what it means."""

    value: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """What a form must offer; `app/controls` knows how each kind is drawn.

    `responses` names the item fields to lay side by side, in option order.
    """

    kind: Literal["choice", "versus"]
    options: tuple[Option, ...]
    responses: tuple[str, ...] = ()


class QuestionSettings(BaseModel):
    """What every question says of itself; each type adds its own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[\w-]{1,64}$", description="Short id; a column name in exports.")
    type: str = Field(description="Which question type this is.")
    text: str = Field(min_length=1, description="The question as people and the model read it.")


S = TypeVar("S", bound=QuestionSettings)


class QuestionType(Protocol[S]):
    """Clicks, model replies and imported files all pass through the same `parse`."""

    settings_model: type[S]

    def check(self, settings: S, fields: Sequence[str]) -> list[tuple[str, str]]:
        """(rule broken, remedy) pairs beyond the keys' own forms; empty when fine."""

    def control(self, settings: S) -> Control:
        """What a form must offer for these settings."""

    def parse(self, settings: S, value: object) -> Value:
        """`value` in this type's form; raises InvalidValue naming value and rule."""

    def called(self, option: Option, language: str) -> tuple[str, ...]:
        """What a prompt calls this option, then what else a model may call it.

        Anything else is no answer. A response's option has the letter it is shown under as title.
        """

    def distance(self, a: Value, b: Value) -> float:
        """0 same .. 1 as different as can be, for agreement."""

    def classes(self, settings: S) -> tuple[Value, ...]:
        """The values that can be voted for, in a fixed order (votes are indices into it)."""

    def example(self) -> tuple[S, list[Value], list[object]]:
        """Settings, good values, bad values: what the contract tests feed in."""


QUESTION_TYPES: Registry[QuestionType[Any]] = Registry("question type")
