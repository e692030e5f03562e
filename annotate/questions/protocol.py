"""What a question type must do. One file beside this one is one type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from annotate.model import Value
from annotate.questions.conditions import Said, When
from annotate.questions.controls import Control, Option
from routing.registry import Registry


class QuestionSettings(BaseModel):
    """What every question says of itself; each type adds its own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[\w-]{1,64}$", description="Short id; a column name in exports.")
    type: str = Field(description="Which question type this is.")
    text: str = Field(min_length=1, description="The question as people and the model read it.")
    help: str = Field(default="", description="A hint that people see beside the question.")
    when: When | None = Field(
        default=None, description="Ask only after these answers to an earlier question."
    )

    def asked(self) -> dict[str, Any]:
        """What is asked, for digests: all that can change an answer.

        Keys of the keyboard are left out, and so is what a question does not use: neither pressing
        another key nor a new version of this program makes it another question.
        """
        return {
            name: _without_keys(value)
            for name, value in self.model_dump(mode="json").items()
            if name not in LATER or value != type(self).model_fields[name].default
        }


LATER = ("help", "when", "strength")
"""Keys that older project files could not have."""


def _without_keys(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_keys(one) for one in value]
    if isinstance(value, dict) and "description" in value:  # a label
        return {name: one for name, one in value.items() if name != "key"}
    return value


class Mistake(NamedTuple):
    """A rule that settings break, what to do about it, and at which key below the question's."""

    rule: str
    remedy: str
    at: tuple[str | int, ...] = ()


S = TypeVar("S", bound=QuestionSettings)


class QuestionType(Protocol[S]):
    """Clicks, model replies and imported files all pass through the same `parse`."""

    settings_model: type[S]

    def check(self, settings: S, fields: Sequence[str]) -> list[Mistake]:
        """What is wrong beyond the keys' own forms. fields: the names of the project's fields."""

    def control(self, settings: S) -> Control:
        """What a screen must offer for these settings."""

    def parse(self, settings: S, value: object) -> Value:
        """`value` in this type's form; raises InvalidValue naming value and rule."""

    def fits(
        self, settings: S, value: Value, fields: Mapping[str, str], *, draft: str | None = None
    ) -> None:
        """Raises InvalidValue when a parsed value cannot be said of this item.

        fields: the item's. draft: the model's text that was shown, for questions that edit one.
        """

    def said(self, settings: S) -> tuple[Said, ...]:
        """What `when` of a later question may wait for; () when this one cannot be waited for."""

    def called(self, option: Option, language: str) -> tuple[str, ...]:
        """What a prompt calls this option, then what else a model may call it.

        Anything else is no answer. A response's option has the letter it is shown under as title.
        """

    def distance(self, settings: S, a: Value, b: Value) -> float:
        """0 same .. 1 as different as can be, for agreement; symmetric."""

    def classes(self, settings: S) -> tuple[Value, ...]:
        """The values that can be voted for, in a fixed order (votes are indices into it).

        () when there is no fixed set: then answers are compared by `distance`.
        """

    def example(self) -> tuple[S, list[Value], list[object]]:
        """Settings, good values, bad values: what the contract tests feed in."""


QUESTION_TYPES: Registry[QuestionType[Any]] = Registry("question type")
