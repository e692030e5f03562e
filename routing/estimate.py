"""Numbers about all items from the few that people labelled, with intervals that hold.

Only labels of items chosen by chance say something about the others: a uniform audit, or a mixed
set in which each item's propensity (its chance to be sent to a person) is on record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.types import NO_VOTE, Labels, Mask, Probs

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the interval that covers the truth with the chance asked for: all 0..1."""

    low: float
    estimate: float
    high: float


def of_population(population: int, audited: int, found: int, *, level: float = 0.95) -> Interval:
    """Share of `population` items that are wrong, from a uniform audit without replacement.

    Exact (hypergeometric tests, inverted), so it may say more than the level; the width shrinks
    to 0 as the audit grows to everything. audited: items drawn; found: how many were wrong.
    ValueError when not 0 <= found <= audited <= population, nothing was audited, or a bad level.

    >>> of_population(1000, 100, 5)
    Interval(low=0.018, estimate=0.05, high=0.109)
    """
    from scipy.stats import hypergeom

    _check_level(level)
    if not 0 <= found <= audited <= population or not audited:
        raise ValueError(
            f"found is {found}, audited {audited} and population {population}, but must be "
            f"0 <= found <= audited <= population, with at least one audited"
        )
    tail = (1 - level) / 2
    least, most = found, population - (audited - found)
    low = _first(least, most, lambda bad: hypergeom.sf(found - 1, population, bad, audited) > tail)
    over = _first(low, most + 1, lambda bad: hypergeom.cdf(found, population, bad, audited) <= tail)
    return Interval(low / population, found / audited, (over - 1) / population)


def binomial(found: int, audited: int, *, level: float = 0.95) -> Interval:
    """Clopper-Pearson (1934): chance of an error, from independent draws. For items yet to come.

    Errors as in `of_population`.

    >>> few = binomial(5, 100)
    >>> round(few.low, 4), round(few.high, 4)
    (0.0164, 0.1128)
    """
    _check_level(level)
    if not 0 <= found <= audited or not audited:
        raise ValueError(
            f"found is {found} of {audited} audited, but must be 0 <= found <= audited, with at "
            f"least one audited"
        )
    return _clopper_pearson(float(found), float(audited), found / audited, level)


def of_mixed(
    values: Floats, labelled: Mask, propensity: Floats, *, level: float = 0.95
) -> Interval:
    """Mean of `values` over all n items, from those that people labelled with known chance.

    values: (n,), 0..1, such as "the model was wrong"; looked at only where labelled. labelled:
    (n,). propensity: (n,), the chance each item had: 0 < p <= 1, exactly 1 where it was certain.

    Hajek's estimate: each label stands for 1 / propensity items. What was certain is counted, not
    estimated. The interval for the rest is Clopper-Pearson's with the effective number of labels
    (Korn and Graubard 1998), so no errors among few labels is not "no errors". With no label
    among the uncertain items nothing is known about them, and the interval says so.
    ValueError when shapes differ, a number is out of range, or a certain item has no label.
    """
    _check_level(level)
    _check_mixed(values, labelled, propensity)
    n = len(values)
    certain = propensity >= 1
    drawn = labelled & ~certain
    known, open_items = float(values[certain].sum()), int((~certain).sum())
    if not open_items:
        return Interval(known / n, known / n, known / n)
    rest = _hajek(values[drawn], propensity[drawn], level)
    low, mean, high = ((known + open_items * part) / n for part in rest)
    return Interval(low, mean, high)


def class_shares(predicted: Probs, human: Labels, *, level: float = 0.95) -> tuple[Interval, ...]:
    """Share of each class over all n items: prediction-powered, one interval per class.

    predicted: (n, k), the model's probabilities, or 1 and 0 for its label; they may be wrong in
    any way. human: (n,), 0..k-1 where people labelled a uniform random draw of the items, else -1.

    The model's shares plus what the draw says they are off by. How far the model is trusted is
    taken from the draw (PPI++, Angelopoulos, Duchi and Zrnic 2023), the same for all classes, so
    that the estimates sum to 1. ValueError with fewer than 3 labels, or shapes that do not fit.
    """
    from scipy.special import stdtrit

    _check_level(level)
    drawn = np.flatnonzero(human != NO_VOTE)
    if predicted.ndim != 2 or len(human) != len(predicted) or len(drawn) < 3:
        raise ValueError(
            f"predicted {predicted.shape} must be (n, k) and human {human.shape} (n,), with at "
            f"least 3 labels, but there are {len(drawn)}"
        )
    n, k = predicted.shape
    truth = np.eye(k)[human[drawn]]
    trust = _trust(truth, predicted[drawn])
    off = truth - trust * predicted[drawn]
    mean = trust * predicted.mean(axis=0) + off.mean(axis=0)
    spread = off.var(axis=0, ddof=2) / len(drawn) * (1 - len(drawn) / n)
    half = stdtrit(len(drawn) - 2, (1 + level) / 2) * np.sqrt(spread)
    cells = np.clip([mean - half, mean, mean + half], 0, 1).T
    return tuple(Interval(*row) for row in cells.tolist())


def _trust(truth: Floats, predicted: Floats) -> float:
    """Slope of truth on prediction over all classes, 0..1: 0 when predictions do not vary."""
    centred = predicted - predicted.mean(axis=0)
    spread = float((centred**2).sum())
    slope = float((centred * (truth - truth.mean(axis=0))).sum()) / spread if spread > 0 else 0.0
    return min(max(slope, 0.0), 1.0)


def _hajek(values: Floats, propensity: Floats, level: float) -> tuple[float, float, float]:
    """(low, mean, high) of the items that had a chance below 1."""
    if not len(values):
        return 0.0, 0.5, 1.0
    weight = 1 / propensity
    total = float(weight.sum())
    mean = min(max(float(weight @ values) / total, 0.0), 1.0)
    effective = total**2 / float((weight**2).sum())
    variance = float(((1 - propensity) * (weight * (values - mean)) ** 2).sum()) / total**2
    if variance > 0:
        effective = min(effective, mean * (1 - mean) / variance)
    around = _clopper_pearson(mean * effective, effective, mean, level)
    return around.low, mean, around.high


def _clopper_pearson(found: float, audited: float, estimate: float, level: float) -> Interval:
    from scipy.special import betaincinv  # stats.beta.ppf takes 60 times as long for the same

    tail = (1 - level) / 2
    left = audited - found
    low = float(betaincinv(found, left + 1, tail)) if found > 0 else 0.0
    high = float(betaincinv(found + 1, left, 1 - tail)) if left > 1e-12 else 1.0
    return Interval(low, estimate, high)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The smallest of low..high-1 from which `holds` is true, else high. It turns true once."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level is {level}, but must be between 0 and 1, such as 0.95")


def _check_mixed(values: Floats, labelled: Mask, propensity: Floats) -> None:
    if not values.shape == labelled.shape == propensity.shape or not len(values):
        raise ValueError(
            f"values {values.shape}, labelled {labelled.shape} and propensity {propensity.shape} "
            f"must share one shape (n,), n above 0"
        )
    if not ((propensity > 0) & (propensity <= 1)).all():
        wrong = propensity[~((propensity > 0) & (propensity <= 1))][0]
        raise ValueError(f"propensity holds {wrong}, but must be above 0 and at most 1")
    if ((propensity >= 1) & ~labelled).any():
        item = int(np.flatnonzero((propensity >= 1) & ~labelled)[0])
        raise ValueError(f"item {item} has propensity 1 and no label; label it or leave it out")
    seen = values[labelled]
    if not ((seen >= 0) & (seen <= 1)).all():
        raise ValueError(f"values holds {seen[~((seen >= 0) & (seen <= 1))][0]}, but must be 0..1")
