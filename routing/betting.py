"""A bound on graded errors, 0 right .. 1 useless: betting against the mean being high.

For spans, ratings and rewrites "wrong" has degrees. Waudby-Smith and Ramdas, "Estimating means of
bounded random variables by betting" (JRSS B 2024), sampling without replacement: a gambler bets
that the mean is below m; if it is not, her wealth is a fair game at best, and reaches 1 / alpha
with chance alpha at most, whenever one looks. Means at which she got that rich are ruled out.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.types import Mask

Floats = NDArray[np.float64]

GRID: Final = 2_000  # candidate means; the bound is rounded up to the next one
_MOST_OF_WEALTH: Final = 0.75


def upper_bound(losses: Floats, population: int, alpha: float) -> Floats:
    """Upper bounds on the mean loss of a whole population, after each draw: (n,), 0..1.

    losses: (n,), 0..1, in the order drawn, without replacement, from `population` items. All n
    bounds hold at once with chance 1 - alpha, so one may watch them and stop at any time.
    ValueError when a loss or a number is outside its range.

    >>> upper_bound(np.zeros(100), 1000, 0.05)[[0, 49, 99]].round(2)
    array([1.  , 0.08, 0.04])
    """
    _check(losses, population, alpha)
    if not len(losses):
        return np.ones(0)
    grid = np.linspace(0, 1, GRID + 1)
    richest = _richest(losses, grid, population, _stakes(losses, alpha))
    return _largest_kept(richest < -np.log(alpha), grid)


def bound_so_far(losses: Floats, population: int, alpha: float, *, planned: int) -> float:
    """`upper_bound` after the last of these losses, when `planned` are to be drawn in all: 0..1.

    losses: (t,), t up to planned, in the order drawn. The stakes depend on how many draws are
    planned, so bounds hold together only as long as that number stays the same. Fast enough to be
    watched: a larger mean makes her richer, so the first one ruled out is found by halving.
    ValueError as for `upper_bound`, or when planned lies outside t..population.

    >>> bound_so_far(np.zeros(50), 1000, 0.05, planned=100)
    0.0755
    """
    _check(losses, population, alpha)
    if not len(losses) <= planned <= population:
        raise ValueError(
            f"planned is {planned}, but must be from {len(losses)} losses to {population} items"
        )
    if not len(losses):
        return 1.0
    padded = np.concatenate([losses, np.zeros(planned - len(losses))])
    stakes = _stakes(padded, alpha)[: len(losses)]

    def ruled_out(at: int) -> bool:
        richest = _richest(losses, np.array([at / GRID]), population, stakes)
        return bool(richest[0, -1] >= -np.log(alpha))

    low, high = int(np.ceil(losses.sum() / population * GRID)), GRID + 1  # fewer cannot be
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if ruled_out(middle) else (middle + 1, high)
    return min(low, GRID) / GRID


def _richest(losses: Floats, grid: Floats, population: int, stakes: Floats) -> Floats:
    """(g, n) log of the most she had by each draw, for each candidate mean; inf: impossible."""
    left = population - np.arange(len(losses))
    before = np.concatenate([[0.0], np.cumsum(losses)[:-1]])
    means = (population * grid[:, None] - before) / left  # of what is left, if the mean is grid
    with np.errstate(divide="ignore", invalid="ignore"):
        most = np.where(means < 1, _MOST_OF_WEALTH / (1 - means), np.inf)
        growth = np.log1p(-np.minimum(stakes, most) * (losses - means))
    growth = np.where((means < 0) | (means > 1), np.inf, growth)  # no such population exists
    richest: Floats = np.maximum.accumulate(np.cumsum(growth, axis=1), axis=1)
    return richest


def _stakes(losses: Floats, alpha: float) -> Floats:
    """How much to bet at each draw, from the draws before it: the less they vary, the more."""
    t = np.arange(1, len(losses) + 1)
    mean = (0.5 + np.cumsum(losses)) / (t + 1)
    variance = (0.25 + np.cumsum((losses - mean) ** 2)) / (t + 1)
    earlier = np.concatenate([[0.25], variance[:-1]])
    stakes: Floats = np.sqrt(2 * np.log(1 / alpha) / (len(losses) * earlier))
    return stakes


def _largest_kept(kept: Mask, grid: Floats) -> Floats:
    """(n,) the grid point above the largest mean that was not ruled out."""
    last = len(grid) - 1 - kept[::-1].argmax(axis=0)
    last = np.where(kept.any(axis=0), last, 0)
    result: Floats = grid[np.minimum(last + 1, len(grid) - 1)]
    return result


def _check(losses: Floats, population: int, alpha: float) -> None:
    if losses.ndim != 1 or len(losses) > population:
        raise ValueError(
            f"losses has shape {losses.shape}, but must be (n,) with n up to {population}"
        )
    if not ((losses >= 0) & (losses <= 1)).all():
        wrong = losses[~((losses >= 0) & (losses <= 1))][0]
        raise ValueError(f"losses holds {wrong}, but a loss is 0..1")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}, but must be between 0 and 1")
