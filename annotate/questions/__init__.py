"""Question types: one file each. `QUESTION_TYPES` knows them by name."""

from annotate.questions.protocol import (
    QUESTION_TYPES,
    Control,
    Option,
    QuestionSettings,
    QuestionType,
)

QUESTION_TYPES.load(__name__)

__all__ = ["QUESTION_TYPES", "Control", "Option", "QuestionSettings", "QuestionType"]
