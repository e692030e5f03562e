"""The share of pairs of answers that are the same, and Wilson's interval of a share."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.bootstrap import LEVEL, Floats
from annotate.agreement.measure import Estimate, Measure, Undefined
from annotate.agreement.tables import NO_BOTH, NO_PAIRS, shares


def percent(table: NDArray[Any]) -> Measure:
    """Of two answers to an item, the share of items on which they are the same, 0..1; an item with
    more than two answers counts by the share of its pairs. table: (n, k) counts.

    The interval is Wilson's with the items as trials, too wide rather than too narrow where items
    have more than two answers; unlike a bootstrap it has a width when all agree.
    """
    total = table.sum(axis=1)
    paired = total >= 2
    pairs = np.maximum(total * (total - 1), 1)
    same = (table * (table - 1)).sum(axis=1) / pairs
    return of_items(same[paired], NO_PAIRS)


def percent_across(one: NDArray[Any], other: NDArray[Any]) -> Measure:
    """As `percent`, of an answer of one group and an answer of the other.

    one, other: (n, k) counts over the same items and classes.
    """
    both = (one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)
    return of_items((shares(one) * shares(other)).sum(axis=1)[both], NO_BOTH)


def of_items(same: Floats, reason: str) -> Measure:
    """Mean of what each item comes to (n,), 0..1, with Wilson's interval. reason: without items."""
    if not len(same):
        return Undefined(reason)
    share = min(max(float(same.mean()), 0.0), 1.0)
    return Estimate(share, *wilson(share * len(same), len(same)), len(same))


def wilson(successes: float, trials: int) -> tuple[float, float]:
    """Wilson's score interval (1927) of a proportion, 95 %: both ends 0..1.

    successes: 0..trials, also between two counts. trials: 1 or more.

    >>> [round(end, 4) for end in wilson(15, 148)]
    [0.0624, 0.1605]
    """
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share = successes / trials
    centre = share + z * z / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    low, high = (centre - spread) / (1 + z * z / trials), (centre + spread) / (1 + z * z / trials)
    return max(low, 0.0), min(high, 1.0)
