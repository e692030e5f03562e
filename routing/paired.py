"""Two ways of answering on the same items: how much better the second is, with an interval."""

from __future__ import annotations

import math

from routing.estimate import Interval

Difference = Interval
"""As an interval of a difference of two shares: all -1..1, above 0 where the second is better."""


def difference(n: int, won: int, lost: int, *, level: float = 0.95) -> Difference:
    """Share right after minus share right before, of n items that were answered both ways.

    won: items that only the second has right; lost: only the first. The interval is the score
    interval of Tango (1998, Statistics in Medicine 17, 891-908), which also has a width where
    nothing changed. ValueError when not 0 <= won + lost <= n, n < 1, or a bad level.

    >>> found = difference(100, 9, 2)
    >>> round(found.low, 3), found.estimate, round(found.high, 3)
    (0.006, 0.07, 0.146)
    """
    from scipy.stats import norm

    _check(n, won, lost)
    if not 0 < level < 1:
        raise ValueError(f"level is {level}, but must be between 0 and 1")
    z = float(norm.isf((1 - level) / 2))
    estimate = (won - lost) / n
    low = _edge(n, won, lost, z, -1.0, estimate)
    high = -_edge(n, lost, won, z, -1.0, -estimate)
    return Interval(low, estimate, high)


def by_chance(won: int, lost: int) -> float:
    """Chance of a split at least as uneven if both were equally good (exact McNemar test, two
    sided); 1 where nothing changed.

    >>> round(by_chance(9, 2), 3), by_chance(0, 0)
    (0.065, 1.0)
    """
    from scipy.stats import binomtest

    _check(max(won + lost, 1), won, lost)
    return float(binomtest(won, won + lost).pvalue) if won + lost else 1.0


def items_to_tell(n: int, won: int, lost: int, *, level: float = 0.95) -> int | None:
    """How many items would about be needed for an interval without 0, if the shares stayed so;
    None where they are equal.

    >>> items_to_tell(100, 6, 3), items_to_tell(100, 3, 3)
    (381, None)
    """
    from scipy.stats import norm

    _check(n, won, lost)
    if won == lost:
        return None
    changed, better = (won + lost) / n, (won - lost) / n
    variance = changed - better**2
    return math.ceil(float(norm.isf((1 - level) / 2)) ** 2 * variance / better**2) or 1


def _edge(n: int, won: int, lost: int, z: float, low: float, high: float) -> float:
    """The smallest difference between low and high that the score test does not refute.

    The statistic falls as the difference grows, from above z at -1 to 0 at the estimate.
    """
    for _ in range(60):
        middle = (low + high) / 2
        if _score(n, won, lost, middle) > z:
            low = middle
        else:
            high = middle
    return high


def _score(n: int, won: int, lost: int, delta: float) -> float:
    """Tango's statistic: how far the data are above a difference, in standard errors.

    q is the likeliest share that only the first has right, given the difference.
    """
    b = -won - lost + (2 * n - won + lost) * delta
    c = -lost * delta * (1 - delta)
    q = (math.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
    spread = n * (2 * q + delta * (1 - delta))
    apart = won - lost - n * delta
    if spread <= 0:
        return math.inf if apart > 0 else 0.0
    return apart / math.sqrt(spread)


def _check(n: int, won: int, lost: int) -> None:
    if n < 1 or won < 0 or lost < 0 or won + lost > n:
        raise ValueError(f"{won} won and {lost} lost of {n} items: each item counts once")
