"""What people agree on, in the form that the question now has."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.consensus.majority import majority
from annotate.model import Consensus, Value
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered


def agreed(question: QuestionSettings, values: Sequence[Value]) -> Consensus:
    """The majority of stored answers; those that the question no longer offers do not count."""
    classes = QUESTION_TYPES[question.type].classes(question)
    return majority(values if classes else still_offered(question, values), classes)
