"""How often a person is right, with an interval, where nobody knows for sure what is right."""

from __future__ import annotations

from typing import Final

import numpy as np

from annotate.consensus.estimate import Answers, Floats, Quality

LEVEL: Final = 0.95
USUAL: Final = 0.85  # how often people are right of whom nothing is known
LIKE_OTHERS: Final = 4.0  # answers that it counts for what the others are like
_CELLS: Final = 50  # steps that chances of being right are counted in
_GRID: Final = 400  # accuracies that are weighed


def quality_of(answers: Answers, others: Floats, confusion: Floats) -> Quality:
    """Accuracy of each person by what others say of the items.

    others: (m, k), chances of the item's classes without the answer. confusion: (p, k, k).

    An answer is right with chance a, and else any other class; so answers to items of which little
    is known say little of a, and the interval is as wide as it must be. Before the first answer a
    person is believed to be as good as all others together, which counts for four answers.
    """
    k, p = answers.k, answers.p
    right = others[np.arange(len(answers)), answers.labels]
    cell = np.minimum((right * _CELLS).astype(np.int64), _CELLS - 1)
    key = answers.people * _CELLS + cell
    count = np.bincount(key, minlength=p * _CELLS).reshape(p, _CELLS)
    total = np.bincount(key, weights=right, minlength=p * _CELLS).reshape(p, _CELLS)
    mean = total / np.maximum(count, 1)
    accuracy, low, high = _weighed(count.astype(np.float64), mean, k)
    return Quality(
        np.bincount(answers.people, minlength=p).astype(np.int64),
        accuracy,
        low,
        high,
        confusion,
    )


def _weighed(count: Floats, mean: Floats, k: int) -> tuple[Floats, Floats, Floats]:
    """(p,) mean and the ends of the interval; count, mean: (p, cells)."""
    grid = (np.arange(_GRID) + 0.5) / _GRID
    logs = np.zeros((len(count), _GRID))
    for cell in range(count.shape[1]):
        some = np.flatnonzero(count[:, cell])
        right = mean[some, cell][:, None]
        chance = grid * right + (1 - grid) * (1 - right) / (k - 1)
        logs[some] += count[some, cell][:, None] * np.log(np.maximum(chance, 1e-300))
    others = logs.sum(axis=0) - logs + _beta(grid, USUAL, 1.0)
    alike = grid[others.argmax(axis=1)][:, None]
    logs += _beta(grid, alike, LIKE_OTHERS)
    weight = np.exp(logs - logs.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    below = np.cumsum(weight, axis=1)
    ends = (1 - LEVEL) / 2, (1 + LEVEL) / 2
    low, high = (grid[np.minimum((below < end).sum(axis=1), _GRID - 1)] for end in ends)
    return weight @ grid, low, high


def _beta(grid: Floats, mean: Floats | float, answers: float) -> Floats:
    """Logarithm of how likely each accuracy is, once `mean` of so many answers were right."""
    likely: Floats = answers * (mean * np.log(grid) + (1 - mean) * np.log1p(-grid))
    return likely
