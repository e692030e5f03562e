"""Percentile intervals by drawing items again (Efron and Tibshirani 1993, chapter 13).

Items whose answers are alike are one row with a number of times: drawing n items of n is then a
multinomial draw of the rows, and a million items cost what their few kinds of rows cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.measure import Estimate, Measure, Undefined

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

Statistic: TypeAlias = Callable[[Floats], Floats]
"""weights (r, p), how often each of p rows counts in each of r draws -> (r,), NaN for undefined."""

DRAWS = 1000
LEVEL = 0.95
_CELLS = 4_000_000
"""Weights held at once: 32 MB."""


def at(statistic: Statistic, times: NDArray[Any]) -> float:
    """The statistic of the rows as they are. times: (p,), how many items each row stands for."""
    return float(statistic(np.asarray(times, dtype=float)[None, :])[0])


def interval(
    statistic: Statistic, times: NDArray[Any], *, draws: int = DRAWS, seed: int = 0
) -> tuple[float, float] | None:
    """Ends of the 95 % interval. None where every draw comes to the same, or most are undefined.

    times: (p,), how many items each row of the statistic stands for. The same seed, the same ends.
    """
    found = np.concatenate([statistic(weights) for weights in drawn(times, draws, seed)])
    found = found[np.isfinite(found)]
    if len(found) <= draws / 2 or np.ptp(found) < 1e-12:
        return None
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def measured(
    statistic: Statistic,
    times: NDArray[Any],
    *,
    items: int,
    reason: str,
    draws: int = DRAWS,
    seed: int = 0,
) -> Measure:
    """The statistic with its interval. items: it rests on. reason: why, should it be undefined.

    times: (p,), how many items each row stands for. draws: 0 for no interval.
    """
    value = at(statistic, times) if len(times) else float("nan")
    if not np.isfinite(value):
        return Undefined(reason, items)
    ends = interval(statistic, times, draws=draws, seed=seed) if draws else None
    low, high = ends or (None, None)
    return Estimate(value, low, high, items)


def drawn(times: NDArray[Any], draws: int, seed: int) -> Iterator[Floats]:
    """(r, p) weights, `draws` rows in all, a few at once; every row sums to the number of items."""
    counts = np.asarray(times, dtype=np.int64)
    total, rows = int(counts.sum()), len(counts)
    generator = np.random.default_rng(seed)
    at_once = max(1, min(draws, _CELLS // max(rows, 1)))
    for start in range(0, draws, at_once):
        size = min(at_once, draws - start)
        if rows > total // 4:  # hardly any are alike: one draw per item is quicker
            owner = np.repeat(np.arange(rows), counts)
            picked = owner[generator.integers(0, total, (size, total))]
            picked += rows * np.arange(size)[:, None]
            flat = np.bincount(picked.ravel(), minlength=size * rows)
            yield flat.reshape(size, rows).astype(float)
        else:
            yield generator.multinomial(total, counts / total, size=size).astype(float)


def alike(
    *tables: NDArray[Any], times: NDArray[Any] | None = None
) -> tuple[list[NDArray[Any]], Ints]:
    """Rows that are equal in all (n, k) tables put together, and how many items each stands for.

    times: (n,), how many each row stands for already; 1 when left out.

    >>> import numpy as np
    >>> [one], times = alike(np.array([[2, 0], [1, 1], [2, 0]]))
    >>> one.tolist(), times.tolist()
    ([[2, 0], [1, 1]], [2, 1])
    """
    whole = np.ascontiguousarray(np.concatenate(tables, axis=1))
    if not len(whole):
        return list(tables), np.zeros(0, dtype=np.int64)
    _, first, at_row = np.unique(_keys(whole), return_index=True, return_inverse=True)
    found = np.bincount(at_row, weights=times).astype(np.int64)
    return [table[first] for table in tables], found


def _keys(whole: NDArray[Any]) -> NDArray[Any]:
    """(n,) one key per row: a number where the columns fit into one, else its bytes."""
    most = whole.max(axis=0).astype(np.int64) + 1
    if whole.min() >= 0 and float(np.prod(most.astype(float))) < 2**62:
        places = np.concatenate([[1], np.cumprod(most[:-1])])
        return np.asarray(whole.astype(np.int64) @ places)
    return whole.view([("", whole.dtype)] * whole.shape[1]).ravel()
