"""What people stand by, whatever the question's type."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.consensus.majority import majority
from annotate.errors import InvalidValue
from annotate.model import Consensus, Value
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered


def agreed(question: QuestionSettings, values: Sequence[Value]) -> Consensus:
    """The answer most people gave; no value when several are equally frequent or there is none.

    Without classes, equal means a distance of 0, and of answers that are equally frequent the one
    nearest to all answers is taken, where that is one alone. Values that the question no longer
    offers do not count.
    """
    kind = QUESTION_TYPES[question.type]
    classes = kind.classes(question)
    if classes:
        return majority(values, classes)
    given = still_offered(question, values)
    firsts: list[Value] = []
    counts: list[int] = []
    for value in given:
        same = [at for at, one in enumerate(firsts) if not kind.distance(question, one, value)]
        if same:
            counts[same[0]] += 1
        else:
            firsts.append(value)
            counts.append(1)
    if not firsts:
        return Consensus(None, 0, 0)
    most = max(counts)
    best = [one for one, count in zip(firsts, counts, strict=True) if count == most]
    far = [sum(kind.distance(question, one, other) for other in given) for one in best]
    nearest = [one for one, total in zip(best, far, strict=True) if total <= min(far) + 1e-9]
    value = nearest[0] if len(nearest) == 1 else None
    return Consensus(value, len(given), most)


def offers(question: QuestionSettings, value: Value) -> bool:
    """Whether the value is one that the question can still have as answer."""
    try:
        QUESTION_TYPES[question.type].parse(question, value)
    except InvalidValue:
        return False
    return True
