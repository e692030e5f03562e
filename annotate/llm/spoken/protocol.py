"""How a model says the answers of a question type that has no classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from annotate.llm.replies import meanings
from annotate.model import Value
from annotate.questions import QUESTION_TYPES, Option, QuestionSettings
from routing.registry import Registry


class Misread(Exception):
    """A reply is not in the form asked for; the message is a clause that says why."""


NO_ANSWER = object()
"""What a reply is read as that is well-formed but names no answer ("none" of labels)."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a reply is an answer to.

    options: as shown in the prompt, with the titles they have there. fields: the item's. about:
    the option that a claim is about, else None; negated: whether the prompt denies it. structured:
    whether the reply is a JSON object.
    """

    question: Any
    options: tuple[Option, ...]
    fields: Mapping[str, str]
    language: str
    about: str | None = None
    negated: bool = False
    structured: bool = False


S = TypeVar("S", bound=QuestionSettings, contravariant=True)


class Spoken(Protocol[S]):
    """One file beside this one is one type.

    folder: of its templates. default: the ways of asking of the preset of that name; ways: all
    that it has templates for. longest: most characters of a reply. reply_tokens: of a usual one.
    states_confidence: whether a reply in plain text can state one behind the answer.
    """

    folder: str
    default: tuple[str, ...]
    ways: tuple[str, ...]
    longest: int
    reply_tokens: int
    states_confidence: bool

    def claims(self, question: S) -> tuple[str, ...]:
        """What can be asked one by one with yes or no; () where nothing can."""

    def read(self, asking: Asking, said: str) -> object:
        """What plain text says, for `parse`, or NO_ANSWER; raises Misread."""

    def from_json(self, asking: Asking, given: object) -> object:
        """What decoded JSON says, for `parse`, or NO_ANSWER; raises Misread."""

    def schema(self, asking: Asking) -> Mapping[str, Any]:
        """The strict JSON schema of the answer."""

    def written(self, asking: Asking, value: Value) -> str:
        """A value as a reply in plain text would say it, for examples."""


SPOKEN: Registry[Spoken[Any]] = Registry("spoken question type")


def strict_object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object in which every key is required and no other allowed."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def one_of(values: Sequence[str] | Sequence[int]) -> dict[str, Any]:
    """The schema of one of some texts or whole numbers."""
    kind = "integer" if all(isinstance(value, int) for value in values) else "string"
    return {"type": kind, "enum": list(values)}


def clipped(said: object, limit: int = 60) -> str:
    """What was said, in a few words.

    >>> clipped("spam"), clipped(["x" * 99])[:9]
    ("'spam'", "['xxxxxxx")
    """
    text = repr(said)
    return text if len(text) <= limit else f"{text[:limit]}…"


def words_of(asking: Asking) -> dict[str, Any]:
    """Folded name -> the option's value, for all that the prompt shows."""
    kind = QUESTION_TYPES[asking.question.type]
    return meanings(
        (word, option.value)
        for option in asking.options
        for word in kind.called(option, asking.language)
    )


def title_of(asking: Asking, value: str) -> str:
    """What the prompt calls an option."""
    return next(option.title for option in asking.options if option.value == value)
