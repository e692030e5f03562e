"""Risk where answers are no classes: how far the answer that is kept lies from the others.

Preferences, ratings, sets of labels, texts, spans: each type knows how far two of its answers are
apart, 0 the same .. 1 nothing in common. The answers to an item show how far a further one may be
expected from the one that is kept: the risk of Bayes' decision under their own spread. A person is
one more answer to it. That the calls err together it cannot see: `routing.risk.RiskModel` takes
these numbers as a signal ("entropy") and learns from people what they are worth.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from routing.types import NO_VOTE, Labels, Scores

Floats = NDArray[np.float64]
A = TypeVar("A")


@dataclass(frozen=True, slots=True, eq=False)
class Central:
    """For each of n items the answer to keep, and how far others may be expected from it.

    answer: (n,), column of the answer nearest to all others, the first of equals; -1 without one.
    risk: (n,), expected distance of a further answer, 0..1; NaN with fewer than two answers.
    """

    answer: Labels
    risk: Scores


def risk_from_distances(distances: Floats, *, largest: float = 1.0) -> Central:
    """Bayes' answer under the answers' own spread, and its risk.

    distances: (n, m, m), between the m answers to each item, 0..largest, symmetric; NaN in the row
    and column of an answer that is missing. The risk is the mean distance to the others, itself
    left out, over `largest`. With k classes and distances 0 and 1 that is
    (1 - share of the majority) m / (m - 1).
    ValueError when distances is not (n, m, m), not symmetric or outside 0..largest.

    >>> d = np.array([[[0, 0.2, 0.6], [0.2, 0, 0.4], [0.6, 0.4, 0]]])
    >>> central = risk_from_distances(d)
    >>> central.answer, central.risk.round(2)
    (array([1]), array([0.3]))
    """
    _check(distances, largest)
    n, m, _ = distances.shape
    there = ~np.isnan(distances[:, np.arange(m), np.arange(m)])
    count = there.sum(axis=1)
    if not m:
        return Central(np.full(n, NO_VOTE), np.full(n, np.nan))
    total = np.where(there, np.nansum(distances, axis=2), np.inf)
    best = total.round(9).argmin(axis=1)  # sums of the same numbers in another order are equals
    least = total[np.arange(n), best]
    risk = np.full(n, np.nan)
    np.divide(least, (count - 1) * largest, out=risk, where=count >= 2)
    return Central(np.where(count > 0, best, NO_VOTE), risk)


def or_made(central: Central, distances: Floats, made: Floats) -> tuple[Scores, NDArray[np.bool_]]:
    """Risk when an answer made of several may be kept, and where it is: nearer to all than any.

    made: (n, m), distances of the made answer to each answer, NaN where there is none; 0..1.
    Its risk is reckoned as if it were one of the answers, which is rather too high: being made of
    the answers, it is nearer to them than to the next one.

    >>> d = np.array([[[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]])
    >>> or_made(risk_from_distances(d), d, np.array([[0.25, 0.25, 0.25]]))
    (array([0.375]), array([ True]))
    """
    own = np.arange(made.shape[1])
    count = (~np.isnan(distances[:, own, own])).sum(axis=1)
    total = np.where(np.isnan(made).all(axis=1), np.inf, np.nansum(made, axis=1))
    risk = np.full(len(made), np.nan)
    np.divide(total, count - 1, out=risk, where=count >= 2)
    better = risk < central.risk - _ROUNDING
    return np.where(better, risk, central.risk), better


_ROUNDING = 1e-9


def chance_beyond(distances: Floats, answers: Labels, tolerance: float) -> Scores:
    """Share of the other answers that lie further than `tolerance` from the one kept: (n,), 0..1.

    distances: as in `risk_from_distances`. answers: (n,), columns, -1 for none. For types where a
    small distance is no error. NaN with fewer than two answers.

    >>> d = np.array([[[0, 0.2, 0.6], [0.2, 0, 0.4], [0.6, 0.4, 0]]])
    >>> chance_beyond(d, np.array([1]), 0.3)
    array([0.5])
    """
    own = distances[np.arange(len(distances)), np.maximum(answers, 0)]
    others = (~np.isnan(own)).sum(axis=1) - 1
    beyond = (own > tolerance).sum(axis=1)  # to itself it is 0, to a missing one NaN
    result = np.full(len(distances), np.nan)
    np.divide(beyond, others, out=result, where=(others > 0) & (answers != NO_VOTE))
    return result


def pairwise(answers: Sequence[Sequence[A | None]], distance: Callable[[A, A], float]) -> Floats:
    """Distances between the answers to each item: (n, m, m), for `risk_from_distances`.

    answers: for each of n items up to m answers, None where one is missing; shorter rows are filled
    up. distance: symmetric, asked once for each pair of answers that differ, in one item's row or
    another's where answers can be hashed; equal answers are 0 apart.

    >>> pairwise([[3, 5, None]], lambda a, b: abs(a - b) / 4)
    array([[[0. , 0.5, nan],
            [0.5, 0. , nan],
            [nan, nan, nan]]])
    """
    m = max(map(len, answers), default=0)
    result = np.full((len(answers), m, m), np.nan)
    known: dict[tuple[Hashable, Hashable], float] = {}
    for item, row in enumerate(answers):
        there = [(at, answer) for at, answer in enumerate(row) if answer is not None]
        for place, (i, one) in enumerate(there):
            result[item, i, i] = 0.0
            for j, other in there[place + 1 :]:
                result[item, i, j] = result[item, j, i] = _between(one, other, distance, known)
    return result


def _between(
    one: A,
    other: A,
    distance: Callable[[A, A], float],
    known: dict[tuple[Hashable, Hashable], float],
) -> float:
    if one == other:
        return 0.0
    if not isinstance(one, Hashable) or not isinstance(other, Hashable):
        return distance(one, other)
    if (one, other) not in known:
        known[one, other] = known[other, one] = distance(one, other)
    return known[one, other]


def _check(distances: Floats, largest: float) -> None:
    if distances.ndim != 3 or distances.shape[1] != distances.shape[2]:
        raise ValueError(f"distances has shape {distances.shape}, but must be (n, m, m)")
    if not largest > 0:
        raise ValueError(f"largest is {largest}, but must be above 0")
    outside = distances[(distances < 0) | (distances > largest)]
    if outside.size:
        raise ValueError(
            f"distances holds {outside[0]}, but a distance is 0..{largest:g}; give the largest "
            f"there can be"
        )
    if not np.array_equal(distances, distances.transpose(0, 2, 1), equal_nan=True):
        raise ValueError("distances is not symmetric: [i, a, b] must equal [i, b, a]")
