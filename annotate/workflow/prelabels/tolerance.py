"""How far apart two answers may be and still be one."""

from __future__ import annotations

from annotate.project import Project
from annotate.questions import QuestionSettings

TEXT_TOLERANCE = 0.05
"""Of the longer text's characters: a comma put right does not make a text wrong."""


def tolerance_of(project: Project, question: QuestionSettings) -> float:
    """0..1, by the type's distance: the project's word, else 0, and a twentieth of a text."""
    usual = TEXT_TOLERANCE if question.type == "text" else 0.0
    return project.routing.tolerance.get(question.name, usual)
