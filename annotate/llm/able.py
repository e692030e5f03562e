"""Which questions a model can be asked; the others are people's alone."""

from __future__ import annotations

from collections.abc import Iterable

from annotate.errors import NothingToDo
from annotate.questions import QUESTION_TYPES, QuestionSettings


def can_answer(question: QuestionSettings) -> bool:
    """Whether there is a way to ask a model, which needs answers of a fixed set."""
    return bool(QUESTION_TYPES[question.type].classes(question))


def able(questions: Iterable[QuestionSettings]) -> list[QuestionSettings]:
    """Those of the questions that a model can be asked."""
    return [question for question in questions if can_answer(question)]


def why_people(question: QuestionSettings) -> str:
    """Why a model is not asked, as a sentence about this question."""
    return f"people answer it: no model is asked questions of type {kind_of(question)}"


def kind_of(question: QuestionSettings) -> str:
    """Its type, with what makes a question of this type one for people.

    >>> kind_of(QUESTION_TYPES["rating"].example()[0])
    'rating'
    """
    strong = getattr(question, "strength", None)
    return f"{question.type} with `strength`" if strong else question.type


def require_able(question: QuestionSettings) -> None:
    """Raises NothingToDo when the question is people's alone."""
    if not can_answer(question):
        raise NothingToDo(
            f"question {question.name!r}: {why_people(question)}. `coannotate route` gives them "
            "its items"
        )
