"""What follows from a question alone, or from what was said, worked out once and not for every
row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from annotate.exporters.protocol import ExportRow
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


def once_for(row: ExportRow, function: Callable[[ExportRow], T]) -> T:
    """What the function says of the row, asked once for all rows of which the same was said: it
    may ask for anything but the item and `probability`."""
    kept = row.once
    if kept is None:
        return function(row)
    if function not in kept:
        kept[function] = function(row)
    found: T = kept[function]
    return found
