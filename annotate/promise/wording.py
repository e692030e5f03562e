"""Shares and confidence as people read them."""

from __future__ import annotations

import math


def percent(share: float) -> str:
    """
    >>> percent(0.05), percent(0.0333), percent(1)
    ('5.0 %', '3.33 %', '100.0 %')
    """
    short = f"{100 * share:.1f}"
    return f"{short if abs(float(short) - 100 * share) < 1e-9 else f'{100 * share:.4g}'} %"


def at_most(share: float) -> str:
    """As `percent` with one decimal, rounded up: an upper bound must not shrink in print.

    >>> at_most(0.0791), at_most(0.05)
    ('8.0 %', '5.0 %')
    """
    return f"{math.ceil(1000 * share - 1e-9) / 10:.1f} %"


def confidence(alpha: float) -> str:
    """
    >>> confidence(0.05), confidence(0.001)
    ('95 %', '99.9 %')
    """
    return f"{round(100 * (1 - alpha), 6):g} %"


def between(low: float, high: float) -> str:
    """An interval, rounded outwards.

    >>> between(0.0642, 0.2)
    '6.4 % to 20.0 %'
    """
    return f"{math.floor(1000 * low + 1e-9) / 10:.1f} % to {at_most(high)}"


def together(made: int, fails: float) -> str:
    """What several promises on one question come to; empty for the first one.

    >>> together(2, 0.1)
    'this is promise 2 on this question: the chance that any of the 2 fails is at most 10.0 %'
    """
    if made < 2:
        return ""
    return (
        f"this is promise {made} on this question: the chance that any of the {made} fails is at "
        f"most {percent(fails)}"
    )
