"""What follows from a question alone, worked out once and not for every row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from annotate.questions import QuestionSettings

T = TypeVar("T")
KEPT = 64


def once(function: Callable[[QuestionSettings], T]) -> Callable[[QuestionSettings], T]:
    """The function, remembering its results by the identity of the question: to compare what
    questions say takes longer than most of what is asked of them."""
    known: dict[int, tuple[QuestionSettings, T]] = {}

    def remembered(question: QuestionSettings) -> T:
        found = known.get(id(question))
        if found is not None and found[0] is question:
            return found[1]
        if len(known) >= KEPT:
            known.clear()
        made = function(question)
        known[id(question)] = question, made
        return made

    return remembered
