"""A promise about the labels people did not give: at most this share is wrong, with this chance.

Labels and an order, safest first, are frozen. Then items are drawn by chance and labelled blind
by people; what they find wrong is repaired. Walking up the order, the promise holds up to just
before the (c+1)-th error found, and everything beyond goes to people. c, the critical value, is
the largest number for which too many errors can have stayed hidden only with chance alpha.

Why this is exact. Let "too many" be r = floor(tolerance x size) + 1 errors that no one drew, all
before the cut, and number the errors in the frozen order. If there are r + c or more, at most c of
the *first* r + c can have been drawn: that is one fixed set, so the number drawn is hypergeometric
and its chance to be c or less is what c was chosen for. If there are fewer, M, at most M - r < c of
them were drawn: the same with a smaller c, which was checked too. No other case can go wrong, so
nothing is paid for having looked at every possible cut. Sending further items to people only takes
errors away. It needs no model to be good: a poor one has an early cut.

What breaks it: an audit drawn before the freeze, or not finished, or seen by whoever froze; a new
order, label or prompt afterwards. An audited item that people cannot answer counts as wrong.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.types import NO_VOTE, Labels, Mask

_ROUNDING: Final = 1e-9  # 0.29 * 100 is a bit less than 29


@dataclass(frozen=True, slots=True, eq=False)
class Guarantee:
    """With chance 1 - alpha, at most `tolerance` of `size` labels are wrong once `cut` is obeyed.

    size: items the share is taken of. population: items that had no human label at the freeze.
    audited, errors: how many of them were drawn, and how many of those were wrong.
    critical: errors that may be passed; None when the audit is too small to certify anything.
    cut: how many items of the frozen order come before the limit; 0 sends everything to people.
    machine: (population,), True where the model's label stands: before the cut and not audited.
    more_audits: how many items more, drawn by chance and all right, would certify anything at all;
        0 when this audit did. They would be a new audit with an alpha of its own.

    Wrong means different from what the people of the audit say; their own errors come on top.
    """

    tolerance: float
    alpha: float
    size: int
    population: int
    audited: int
    errors: int
    critical: int | None
    cut: int
    machine: Mask
    more_audits: int

    @property
    def human_share(self) -> float:
        """Share of all `size` items that people label, the audit included: 0..1."""
        return 1 - int(self.machine.sum()) / self.size


def critical_value(
    population: int, audited: int, tolerance: float, alpha: float, *, size: int | None = None
) -> int | None:
    """Errors the audit may find before the cut; None when it is too small to certify anything.

    population: items without a human label at the freeze. audited: how many of them are drawn,
    without replacement. tolerance: share of `size` items, 0..1, that may stay wrong; size is the
    population unless more is given. alpha: chance, between 0 and 1, that the promise fails.
    ValueError when a number is outside its range.

    >>> critical_value(2000, 200, 0.05, 0.05), critical_value(2000, 500, 0.05, 0.05)
    (5, 22)
    >>> critical_value(1000, 30, 0.05, 0.05) is None
    True
    """
    size = population if size is None else size
    _check_numbers(population, audited, tolerance, alpha, size)
    return _critical(population, audited, too_many(tolerance, size), alpha)


def critical_value_of_rate(rate: float, tolerance: float, alpha: float, *, size: int) -> int | None:
    """As `critical_value`, when each item is audited by its own toss of a coin with this rate.

    rate: 0..1. size: of the set that the tolerance is a share of. ValueError when a number is
    outside its range.

    >>> critical_value_of_rate(0.1, 0.05, 0.05, size=2000)
    5
    """
    from scipy.stats import binom

    _check_numbers(size, 0, tolerance, alpha, size)
    if not 0 <= rate <= 1:
        raise ValueError(f"rate is {rate}, but must be 0..1")
    bad = too_many(tolerance, size)
    if rate == 1 or bad > size:
        return size
    below = 1
    while binom.cdf(below, bad + below, rate) <= alpha:
        below *= 2
    return _largest(lambda x: float(binom.cdf(x, bad + x, rate)), alpha, below)


def too_many(tolerance: float, size: int) -> int:
    """The fewest wrong labels that break the promise: 1 for tolerance 0.

    >>> too_many(0.05, 2000), too_many(0.29, 100), too_many(0.0, 50)
    (101, 30, 1)
    """
    return math.floor(tolerance * size + _ROUNDING) + 1


def certify(
    order: NDArray[np.int64],
    audited: Mask,
    wrong: Mask,
    *,
    tolerance: float,
    alpha: float,
    size: int | None = None,
    rate: float | None = None,
) -> Guarantee:
    """What may be promised after the audit, and for which items.

    order: (m,), the items 0..m-1 without a human label, safest first, as frozen before the draw.
    audited: (m,), by item: True where drawn. wrong: (m,), by item: True where the audit found the
    frozen label wrong, or was not answered; what it says about other items is not looked at.
    tolerance, alpha, size: see `critical_value`. rate: for an audit by tosses of a coin, else one
    of a fixed number. ValueError when order is no order, or a mask or number does not fit.
    """
    m = len(order)
    size = m if size is None else size
    _check_arrays(order, audited, wrong)
    drawn = int(audited.sum())
    _check_numbers(m, drawn, tolerance, alpha, size)
    found = audited & wrong
    if rate is None:
        critical = _critical(m, drawn, too_many(tolerance, size), alpha)
    else:
        critical = critical_value_of_rate(rate, tolerance, alpha, size=size)
    cut = cut_at(found[order], critical)
    machine = np.zeros(m, dtype=bool)
    machine[order[:cut]] = True
    machine &= ~audited
    needed = 0 if critical is not None else fewest_audits(m, tolerance, alpha, size=size) - drawn
    return Guarantee(
        tolerance, alpha, size, m, drawn, int(found.sum()), critical, cut, machine, max(needed, 0)
    )


def cut_at(found: Mask, critical: int | None) -> int:
    """How many items come before the (critical + 1)-th True of `found`, (m,), in frozen order.

    >>> found = np.array([False, True, False, False, True, False])
    >>> cut_at(found, 0), cut_at(found, 1), cut_at(found, 2), cut_at(found, None)
    (1, 4, 6, 0)
    """
    if critical is None:
        return 0
    errors = np.flatnonzero(found)
    return int(errors[critical]) if len(errors) > critical else len(found)


def certify_each(
    order: NDArray[np.int64],
    labels: Labels,
    audited: Mask,
    wrong: Mask,
    *,
    tolerance: float,
    alpha: float,
) -> Mapping[int, Guarantee]:
    """A promise for each label: of the items the model gave it, at most `tolerance` stay wrong.

    labels: (m,), the frozen labels. Other arguments as in `certify`. Each label gets an equal part
    of alpha, so all the promises hold together with chance 1 - alpha; each needs an audit of its
    own size, so rare labels mostly go to people. In each Guarantee, population, order and
    `machine` speak of that label's items, in ascending order of item.
    """
    _check_arrays(order, audited, wrong)
    names = np.unique(labels[labels != NO_VOTE])
    result = {}
    for name in names.tolist():
        items = np.flatnonzero(labels == name)
        place = np.full(len(labels), -1)
        place[items] = np.arange(len(items))
        own = place[order]
        result[name] = certify(
            own[own >= 0],
            audited[items],
            wrong[items],
            tolerance=tolerance,
            alpha=alpha / len(names),
        )
    return result


def fewest_audits(
    population: int, tolerance: float, alpha: float, *, size: int | None = None
) -> int:
    """The smallest audit that certifies something if it finds nothing wrong: 0..population.

    >>> fewest_audits(1000, 0.05, 0.05), critical_value(1000, 56, 0.05, 0.05)
    (56, 0)
    """
    size = population if size is None else size
    _check_numbers(population, 0, tolerance, alpha, size)
    return _fewest(population, too_many(tolerance, size), alpha)


@lru_cache(maxsize=4096)
def _fewest(population: int, bad: int, alpha: float) -> int:
    low, high = 0, population  # auditing everything always certifies
    while low < high:
        middle = (low + high) // 2
        if _certifies(population, middle, bad, alpha):
            high = middle
        else:
            low = middle + 1
    return low


def _certifies(population: int, audited: int, bad: int, alpha: float) -> bool:
    """Whether an audit that finds no error certifies something: whether `_critical` is not None."""
    return population - audited < bad or _at_most(0, population, bad, audited) <= alpha


@lru_cache(maxsize=4096)
def _critical(population: int, audited: int, bad: int, alpha: float) -> int | None:
    """The largest x for which x' = 0..x all have P(at most x' of bad + x' drawn) <= alpha."""
    if population - audited < bad:
        return audited  # fewer items are left than would break the promise
    return _largest(lambda x: _at_most(x, population, bad + x, audited), alpha, audited)


def _largest(hidden: Callable[[int], float], alpha: float, below: int) -> int | None:
    """The largest x of 0..below - 1 with hidden(x) <= alpha; None when there is none.

    hidden: chance that at most x of bad + x errors are drawn. It never falls with x: one error more
    is drawn once more at the most, so that whoever drew at most x before draws at most x + 1 now.
    """
    enough = bisect_right(range(below), alpha, key=hidden)
    return enough - 1 if enough else None


def _at_most(x: int, population: int, successes: int, draws: int) -> float:
    """Hypergeometric: chance to draw at most x of the successes."""
    from scipy.special import logsumexp

    got = np.arange(max(0, draws - (population - successes)), min(x, successes, draws) + 1)
    if not len(got):
        return 0.0
    ways = _log_choose(successes, got) + _log_choose(population - successes, draws - got)
    return float(np.exp(logsumexp(ways) - _log_choose(population, np.array(draws))))


def _log_choose(n: int, k: NDArray[np.int64]) -> NDArray[np.float64]:
    from scipy.special import gammaln

    chosen: NDArray[np.float64] = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return chosen


def _check_numbers(
    population: int, audited: int, tolerance: float, alpha: float, size: int
) -> None:
    if not 0 <= tolerance <= 1:
        raise ValueError(f"tolerance is {tolerance}, but must be 0..1")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}, but must be between 0 and 1")
    if not 0 <= audited <= population <= size:
        raise ValueError(
            f"audited is {audited}, population {population} and size {size}, but must be "
            f"0 <= audited <= population <= size"
        )


def _check_arrays(order: NDArray[np.int64], audited: Mask, wrong: Mask) -> None:
    m = len(order)
    if not len(order) == len(audited) == len(wrong) or not np.array_equal(
        np.sort(order), np.arange(m)
    ):
        raise ValueError(
            f"order must name each of the items 0..m-1 once, and audited {audited.shape} and "
            f"wrong {wrong.shape} must have one entry per item, but order has {m}"
        )
    if audited.dtype != np.bool_ or wrong.dtype != np.bool_:
        raise ValueError(
            f"audited ({audited.dtype}) and wrong ({wrong.dtype}) must be masks (bool)"
        )
