"""One answer made of parts of several: what most of them hold in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import permutations
from statistics import median_low
from typing import Any

from annotate.errors import InvalidValue
from annotate.model import Value
from annotate.questions import QUESTION_TYPES, QuestionSettings
from routing.registry import Registry

MIDDLES: Registry[Callable[[Sequence[Any]], Value]] = Registry("middle of answers")
"""Question type -> an answer that may be nearer to all than any of them. A type that is not here
has answers that cannot be taken apart, such as texts."""

FEWEST = 3
"""Of two answers, neither is in the minority."""
_MOST_RANKED = 5
"""Responses up to which every order is tried: 120 of them."""


def middle(question: QuestionSettings, answers: Sequence[Value]) -> Value:
    """None where there is none, or nothing of that form may be answered."""
    if question.type not in MIDDLES or len(answers) < FEWEST:
        return None
    made = MIDDLES[question.type](answers)
    try:
        return None if made is None else QUESTION_TYPES[question.type].parse(question, made)
    except InvalidValue:
        return None


def most_labels(answers: Sequence[Sequence[str]]) -> list[str]:
    """Those that more than half of the answers name.

    >>> most_labels([["a", "b"], ["b", "c"], ["a", "c"], ["a", "b", "d"]])
    ['a', 'b']
    """
    counts = Counter(label for answer in answers for label in answer)
    return [label for label, count in counts.items() if 2 * count > len(answers)]


def medians(answers: Sequence[int | Mapping[str, int]]) -> int | dict[str, int]:
    """Of each aspect; of two middle ones the lower. No rating is nearer to all.

    >>> medians([1, 2, 5]), medians([{"x": 1, "y": 5}, {"x": 2, "y": 1}, {"x": 5, "y": 4}])
    (2, {'x': 2, 'y': 4})
    """
    one = answers[0]
    if isinstance(one, Mapping):
        rated = [answer for answer in answers if isinstance(answer, Mapping)]
        return {name: median_low(answer[name] for answer in rated) for name in one}
    return median_low(answer for answer in answers if isinstance(answer, int))


def best_order(answers: Sequence[Sequence[str]]) -> list[str] | None:
    """Kemeny's order (1959): the one that turns the fewest of the answers' pairs around.

    >>> best_order([["a", "b", "c"], ["b", "c", "a"], ["a", "c", "b"]])
    ['a', 'b', 'c']
    """
    letters = sorted(answers[0])
    if len(letters) > _MOST_RANKED:
        return None
    places = [{letter: at for at, letter in enumerate(answer)} for answer in answers]

    def turned(order: Iterable[str]) -> int:
        order = list(order)
        return sum(
            place[better] > place[worse]
            for place in places
            for at, better in enumerate(order)
            for worse in order[at + 1 :]
        )

    return list(min(permutations(letters), key=turned))


def most_spans(answers: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Those that more than half of the answers mark, exactly alike.

    >>> one, other = {"start": 0, "end": 2, "label": "x"}, {"start": 3, "end": 4, "label": "x"}
    >>> most_spans([[one], [one, other], [other, one]]) == [one, other]
    True
    """
    counts = Counter((s["start"], s["end"], s["label"]) for spans in answers for s in spans)
    kept = [key for key, count in counts.items() if 2 * count > len(answers)]
    return [{"start": start, "end": end, "label": label} for start, end, label in kept]


MIDDLES.add("multi_label", most_labels)
MIDDLES.add("rating", medians)
MIDDLES.add("ranking", best_order)
MIDDLES.add("spans", most_spans)
