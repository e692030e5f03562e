"""Errors that are expected to be left as people go on labelling, by the risks and by an audit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.estimate import Interval, of_population
from routing.types import Mask, Scores

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The items that people have not answered, in the order in which they would.

    order: (m,) places among n items. left: (m + 1,) errors expected after 0, 1, ... of them;
    an item without a chance has no label and counts as an error. n: all items.
    """

    order: Places
    left: Floats
    n: int

    def after(self, items: float) -> float:
        """Errors expected after so many further items, the last one in part."""
        return float(np.interp(items, np.arange(len(self.left)), self.left))

    def removed(self, items: float) -> float:
        """Errors that the next so many items are expected to repair."""
        return float(self.left[0]) - self.after(items)

    def at(self, shares: Floats) -> Floats:
        """Share of all n items that is expected to be wrong at each human share: (s,) -> (s,).

        NaN below what people have answered already.
        """
        more = shares * self.n - (self.n - len(self.order))
        found = np.interp(more, np.arange(len(self.left)), self.left) / max(self.n, 1)
        return np.where(more < -1e-6, np.nan, found)


def course(chances: Scores, answered: Mask, *, first: Mask | None = None) -> Course:
    """People go on with what is riskiest, all of `first` before any other.

    chances: (n,), that the model's label is wrong; NaN is no label, and goes before the others.
    answered: (n,), what people are taken to be right on. Equals stay in the order given.

    >>> made = course(np.array([0.1, 0.5, 0.2, 0.9]), np.array([False, False, False, True]))
    >>> made.order, made.left.round(2)
    (array([1, 2, 0]), array([0.8, 0.3, 0.1, 0. ]))
    >>> made.at(np.array([0.25, 0.5, 1.0])).round(3), round(made.removed(1.5), 2)
    (array([0.2  , 0.075, 0.   ]), 0.6)
    """
    open_ = np.flatnonzero(~answered)
    risk = np.where(np.isnan(chances[open_]), 1.0, chances[open_])
    rank = np.where(np.isnan(chances[open_]), 2.0, risk)
    later = np.zeros(len(open_), dtype=bool) if first is None else ~first[open_]
    turn = np.lexsort((-rank, later))
    repaired = np.cumsum(risk[turn])
    total = repaired[-1] if len(repaired) else 0.0
    left = np.maximum(total - np.append(0.0, repaired), 0.0)
    return Course(open_[turn], left, len(chances))


def audited_errors(
    chances: Scores, drawn: Mask, wrong: Mask, *, below: float, level: float = 0.95
) -> Interval | None:
    """Wrong labels among the items that nobody has looked at, by an audit: numbers of items.

    chances: (m,) of the items that the audit was drawn from. drawn: (m,), those that people
    answered; wrong: (m,), looked at only there. below: only of items of a lower chance than this,
    as if the others had gone to people. Exact; None where nothing of these was audited.

    >>> drawn = np.array([True] * 50 + [False] * 150)
    >>> audited_errors(np.full(200, 0.1), drawn, np.zeros(200, dtype=bool), below=1.0)
    Interval(low=0.0, estimate=0.0, high=12.0)
    """
    within = chances < below
    population, audited = int(within.sum()), int((within & drawn).sum())
    if not audited:
        return None
    found = int((within & drawn & wrong).sum())
    share = of_population(population, audited, found, level=level)
    unseen = population - audited
    return Interval(
        max(round(share.low * population) - found, 0.0) + 0.0,
        found / audited * unseen,
        max(round(share.high * population) - found, 0.0) + 0.0,
    )
