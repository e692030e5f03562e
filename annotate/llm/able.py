"""Which questions a project's model can be asked; the others are people's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotate.errors import NothingToDo
from annotate.llm.spoken import SPOKEN, has_classes
from annotate.questions import QuestionSettings

if TYPE_CHECKING:  # its rules ask here
    from annotate.project import Project

WRITERS = ("auto", "gguf", "openai")
"""Providers whose models write; the others choose among a fixed set of answers."""


def can_answer(project: Project, question: QuestionSettings) -> bool:
    """Whether one of the project's models can be asked it: without a fixed set of answers, one
    that writes."""
    if has_classes(question):
        return True
    return question.type in SPOKEN and any(
        llm.provider in WRITERS for _, llm in project.llm.models()
    )


def able(project: Project) -> list[QuestionSettings]:
    """The questions that a model can be asked."""
    return [question for question in project.questions if can_answer(project, question)]


def why_people(project: Project, question: QuestionSettings) -> str:
    """Why a model is not asked, as a sentence about this question."""
    provider = " and ".join(dict.fromkeys(llm.provider for _, llm in project.llm.models()))
    return (
        f"people answer it: no model is asked questions of type {kind_of(question)}, because "
        f"`llm.provider: {provider}` cannot write"
    )


def kind_of(question: QuestionSettings) -> str:
    """Its type, with what makes a question of this type one for people.

    >>> from annotate.questions.rating import RatingSettings
    >>> kind_of(RatingSettings(name="q", text="How good is it?"))
    'rating'
    """
    strong = getattr(question, "strength", None)
    return f"{question.type} with `strength`" if strong else question.type


def require_able(project: Project, question: QuestionSettings) -> None:
    """Raises NothingToDo when the question is people's alone."""
    if not can_answer(project, question):
        raise NothingToDo(
            f"question {question.name!r}: {why_people(project, question)}. `coannotate route` "
            "gives them its items"
        )
