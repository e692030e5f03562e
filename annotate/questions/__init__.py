"""Question types: one file each. `QUESTION_TYPES` knows them by name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from annotate.errors import InvalidValue
from annotate.model import Value
from annotate.questions.conditions import When, said_of
from annotate.questions.controls import Aspect, Control, Option, Scale
from annotate.questions.protocol import (
    QUESTION_TYPES,
    Mistake,
    QuestionSettings,
    QuestionType,
)

QUESTION_TYPES.load(__name__)


def accept(
    question: QuestionSettings,
    value: object,
    fields: Mapping[str, str],
    *,
    draft: str | None = None,
) -> Value:
    """The value in its type's form, if it can be said of an item with these fields.

    draft: the model's text that was shown, for questions that edit one. Raises InvalidValue.
    """
    kind = QUESTION_TYPES[question.type]
    parsed = kind.parse(question, value)
    kind.fits(question, parsed, fields, draft=draft)
    return parsed


def still_offered(question: QuestionSettings, values: Iterable[Value]) -> list[Value]:
    """Those of the stored values that the question offers as it now stands, in its present form."""
    found = []
    for value in values:
        try:
            found.append(QUESTION_TYPES[question.type].parse(question, value))
        except InvalidValue:
            continue
    return found


def brief(value: Value) -> str:
    """A value as one compact text: a label as it is, anything else as JSON.

    >>> brief("spam"), brief(3), brief(["a", "标"]), brief({"tone": 2})
    ('spam', '3', '["a", "标"]', '{"tone": 2}')
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def asked_of(
    questions: Sequence[QuestionSettings], answers: Mapping[str, Value]
) -> tuple[QuestionSettings, ...]:
    """The questions that are asked given the answers so far, in their order.

    One that waits for an answer is not asked before there is one, nor when the question it waits
    for is not asked itself: an answer given there earlier no longer counts.
    """
    asked: dict[str, QuestionSettings] = {}
    for question in questions:
        when = question.when
        given = None if when is None or when.question not in asked else answers.get(when.question)
        if when is None or (given is not None and when.met(said_of(given))):
            asked[question.name] = question
    return tuple(asked.values())


__all__ = [
    "QUESTION_TYPES",
    "Aspect",
    "Control",
    "Mistake",
    "Option",
    "QuestionSettings",
    "QuestionType",
    "Scale",
    "When",
    "accept",
    "asked_of",
    "brief",
    "still_offered",
]
