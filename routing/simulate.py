"""Replay a labelled set: how many model errors are left when people take the most unsure share.

People are taken to be right. Where scores tie, chance decides who goes first; the numbers here are
the exact expectation over that chance, nothing is sampled. Within a tied level every item is as
likely as the next, so the expected error falls in a straight line from one level to the next, and
the whole curve is a few corners. For scores that learn, policies that stop and people who err:
`routing.replay`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from routing.types import Mask, Scores

Floats = NDArray[np.float64]


def curve(scores: Scores, wrong: Mask, *, shares: Sequence[float] | Floats) -> Floats:
    """Expected share of all n items that stay wrong, for each human share: lower is better.

    scores: (n,), 0 sure .. 1 unsure; NaN goes to people first. wrong: (n,), True where the model's
    label is wrong. shares: (s,), 0..1, of the n items, most unsure first. Returns (s,), 0..1; a
    share that is not a whole number of items lies on the line between its neighbours.
    ValueError when there is no item, shapes differ, wrong is no mask, or a share is outside 0..1.

    >>> tied = np.array([0.9, 0.4, 0.4, 0.0])
    >>> curve(tied, np.array([True, True, False, False]), shares=[0, 0.25, 0.5, 0.75, 1])
    array([0.5  , 0.25 , 0.125, 0.   , 0.   ])
    """
    wanted = np.asarray(shares, dtype=np.float64)
    if wanted.ndim != 1:
        raise ValueError(f"shares has shape {wanted.shape}, but must be (s,)")
    outside = wanted[~((wanted >= 0) & (wanted <= 1))]
    if outside.size:
        raise ValueError(f"shares holds {outside[0]}, but a human share is 0..1")
    human, error = _corners(scores, wrong)
    return np.interp(wanted, human, error)


def area(scores: Scores, wrong: Mask) -> float:
    """Area under the expected error over human shares 0..1: 0..1, lower is better.

    Arguments and errors as in `curve`. Compare with the best and the uninformed order of the same
    items: `area(wrong.astype(float), wrong)` and `area(np.zeros(n), wrong)`, half the error rate.

    >>> wrong = np.array([True, False, False, False])
    >>> area(np.array([0.3, 0.9, 0.1, 0.2]), wrong)
    0.09375
    >>> area(wrong.astype(float), wrong), area(np.zeros(4), wrong)
    (0.03125, 0.125)
    """
    human, error = _corners(scores, wrong)
    return float(np.trapezoid(error, human))


def _corners(scores: Scores, wrong: Mask) -> tuple[Floats, Floats]:
    """Human share and error at the start and after each level of equal scores: (levels + 1,)."""
    if scores.ndim != 1 or scores.shape != wrong.shape:
        raise ValueError(f"scores {scores.shape} and wrong {wrong.shape} must share one shape (n,)")
    if wrong.dtype != np.bool_:
        raise ValueError(f"wrong has dtype {wrong.dtype}, but must be a mask (bool)")
    if not len(scores):
        raise ValueError("scores is empty, but a curve needs at least one item")
    ranks = np.where(np.isnan(scores), np.inf, scores)
    _, level = np.unique(-ranks, return_inverse=True)
    size = np.bincount(level)
    errors = np.bincount(level, weights=wrong.astype(np.float64))
    human = np.concatenate([[0.0], np.cumsum(size)]) / len(scores)
    error = (errors.sum() - np.concatenate([[0.0], np.cumsum(errors)])) / len(scores)
    return human, error
