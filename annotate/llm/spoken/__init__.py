"""Answers without classes as a model says them: one file each. `SPOKEN` knows them by type."""

from collections.abc import Collection

from annotate.llm.spoken.protocol import NO_ANSWER, SPOKEN, Asking, Misread, Spoken
from annotate.llm.variants import Variant, expand, names_of
from annotate.questions import QUESTION_TYPES, QuestionSettings

SPOKEN.load(__name__)


def has_classes(question: QuestionSettings) -> bool:
    """Whether its answers are of a fixed set, so that a machine's answers can be votes."""
    return bool(QUESTION_TYPES[question.type].classes(question))


def spoken_of(question: QuestionSettings) -> Spoken[QuestionSettings] | None:
    """How its answers are said; None where they are classes, which are words of their own."""
    return None if has_classes(question) else SPOKEN[question.type]


def variants_of(
    question: QuestionSettings, chosen: str | tuple[str, ...], own: Collection[str] = ()
) -> tuple[Variant, ...]:
    """The calls for one item: what of `chosen`, a preset or names of ways, this question has.

    own: names of the prompts that the project words itself; with a preset all of them are asked.
    """
    spoken = spoken_of(question)
    if spoken is None:
        return expand(names_of(chosen, own), QUESTION_TYPES[question.type].classes(question))
    names = (*spoken.default, *own) if chosen == "default" else names_of(chosen, own)
    return expand(names, spoken.claims(question), among=spoken.ways)


__all__ = [
    "NO_ANSWER",
    "SPOKEN",
    "Asking",
    "Misread",
    "Spoken",
    "has_classes",
    "spoken_of",
    "variants_of",
]
