"""Scores -> honest chances of being wrong. The order of items stays; the numbers come to mean it.

Mapping one score cannot make a better router, whatever the method: who is most unsure stays so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.types import Mask, Scores

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """Platt's two numbers, chance = 1 / (1 + exp(-(slope score + offset))). For few labels."""

    slope: float
    offset: float

    def apply(self, scores: Scores) -> Scores:
        """(n,) scores -> (n,) chances of being wrong, 0..1, never falling; NaN stays NaN."""
        from scipy.special import expit

        chance: Scores = expit(self.slope * scores + self.offset)
        return chance


def platt(scores: Scores, wrong: Mask) -> Sigmoid:
    """A sigmoid fitted to labelled items, slope 0 or more. scores, wrong: (n,), n above 0, no NaN.

    Targets are Platt's (1999): (errors + 1) / (errors + 2) for wrong, 1 / (right + 2) for right, so
    that a few labels that all agree do not give certainty. ValueError for anything else.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    _check(scores, wrong)
    errors = int(wrong.sum())
    right = len(wrong) - errors
    target = np.where(wrong, (errors + 1) / (errors + 2), 1 / (right + 2))

    def loss(at: Floats) -> tuple[float, Floats]:
        logit = at[0] * scores + at[1]
        gap = expit(logit) - target
        value = float((np.logaddexp(0, logit) - target * logit).sum())
        return value, np.array([gap @ scores, gap.sum()])

    start = np.array([0.0, np.log((errors + 1) / (right + 1))])
    bounds = [(0.0, None), (None, None)]
    slope, offset = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Sigmoid(float(slope), float(offset))


def brier(chances: Scores, wrong: Mask) -> float:
    """Mean squared distance between chance and outcome: 0 best, 0.25 always saying one half.

    Brier 1950. chances: (n,), 0..1. wrong: (n,), n above 0. ValueError when the shapes differ or a
    chance is NaN.

    >>> brier(np.array([0.0, 0.5]), np.array([False, True]))
    0.125
    """
    _check(chances, wrong)
    return float(((chances - wrong) ** 2).mean())


def calibration_error(chances: Scores, wrong: Mask, *, bins: int = 10) -> float:
    """Expected calibration error: how far chances are from what happened, 0 best.

    Mean distance of mean chance and error rate over `bins` equal parts of 0..1, weighted by items
    (bins as in Guo et al. 2017). Arguments and errors as for `brier`; bins: 1 or more.

    >>> calibration_error(np.array([0.12, 0.18, 0.9]), np.array([False, True, True]))
    0.26666666666666666
    """
    _check(chances, wrong)
    if bins < 1:
        raise ValueError(f"bins is {bins}, but must be at least 1")
    place = np.minimum((chances * bins).astype(np.int64), bins - 1)
    gap = np.bincount(place, weights=chances - wrong, minlength=bins)
    return float(np.abs(gap).sum() / len(chances))


@dataclass(frozen=True, slots=True)
class Bin:
    """One part of a reliability diagram. low, high: of the chances in it. said: their mean; wrong:
    the share that was. items: above 0."""

    low: float
    high: float
    items: int
    said: float
    wrong: float


def reliability(chances: Scores, wrong: Mask, *, bins: int = 10) -> list[Bin]:
    """The parts of 0..1 that hold any chance, lowest first: the parts of `calibration_error`.

    Arguments and errors as for `brier`; bins: 1 or more.

    >>> reliability(np.array([0.12, 0.18, 1.0]), np.array([False, True, True]))[-1]
    Bin(low=0.9, high=1.0, items=1, said=1.0, wrong=1.0)
    """
    _check(chances, wrong)
    place = np.minimum((chances * bins).astype(np.int64), bins - 1)
    items = np.bincount(place, minlength=bins)
    said = np.bincount(place, weights=chances, minlength=bins)
    were = np.bincount(place, weights=wrong, minlength=bins)
    return [
        Bin(
            at / bins,
            (at + 1) / bins,
            int(items[at]),
            float(said[at] / items[at]),
            float(were[at] / items[at]),
        )
        for at in np.flatnonzero(items).tolist()
    ]


def _check(scores: Scores, wrong: Mask) -> None:
    if scores.ndim != 1 or scores.shape != wrong.shape or not len(scores):
        raise ValueError(
            f"scores {scores.shape} and wrong {wrong.shape} must share one shape (n,), n above 0"
        )
    if np.isnan(scores).any():
        raise ValueError("scores holds NaN; leave out items without a score")
