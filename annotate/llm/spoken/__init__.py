"""Answers without classes as a model says them: one file each. `SPOKEN` knows them by type."""

from annotate.llm.spoken.protocol import NO_ANSWER, SPOKEN, Asking, Misread, Spoken
from annotate.llm.variants import Variant, expand
from annotate.questions import QUESTION_TYPES, QuestionSettings

SPOKEN.load(__name__)


def has_classes(question: QuestionSettings) -> bool:
    """Whether its answers are of a fixed set, so that a machine's answers can be votes."""
    return bool(QUESTION_TYPES[question.type].classes(question))


def spoken_of(question: QuestionSettings) -> Spoken[QuestionSettings] | None:
    """How its answers are said; None where they are classes, which are words of their own."""
    return None if has_classes(question) else SPOKEN[question.type]


def variants_of(question: QuestionSettings, chosen: str | tuple[str, ...]) -> tuple[Variant, ...]:
    """The calls for one item: what of `chosen`, a preset or names of ways, this question has."""
    spoken = spoken_of(question)
    if spoken is None:
        return expand(chosen, QUESTION_TYPES[question.type].classes(question))
    names = spoken.default if chosen == "default" else chosen
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
