"""Krippendorff's alpha: 1 - observed over expected disagreement; answers may be missing.

Krippendorff, Content Analysis, 2nd ed. 2004, chapter 11, and "Computing Krippendorff's
alpha-reliability", 2011. Across two groups, pairs are made of one answer of either, and the pairs
of an item share its weight: with one answer of either it is alpha of two coders.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.bootstrap import DRAWS, Floats, Statistic, alike, measured
from annotate.agreement.distances import Distance, nominal
from annotate.agreement.measure import Measure
from annotate.agreement.tables import shares, why_not, why_not_across


def alpha(
    table: NDArray[Any],
    distance: Distance | None = None,
    *,
    names: Sequence[str] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Measure:
    """-1..1, 1 for perfect agreement, 0 for what chance would give.

    table: (n, k) counts. distance: nominal unless given. names: of the classes, for the reason.
    """
    [rows], times = alike(table)
    return measured(
        within(rows, distance),
        times,
        items=int((table.sum(axis=1) >= 2).sum()),
        reason=why_not("alpha", table, names),
        draws=draws,
        seed=seed,
    )


def alpha_across(
    one: NDArray[Any],
    other: NDArray[Any],
    distance: Distance | None = None,
    *,
    names: Sequence[str] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Measure:
    """As `alpha`, of pairs made of an answer of one group and an answer of the other.

    one, other: (n, k) counts over the same items and classes.
    """
    (rows, others), times = alike(one, other)
    return measured(
        across(rows, others, distance),
        times,
        items=int(((one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)).sum()),
        reason=why_not_across("alpha", one, other, names),
        draws=draws,
        seed=seed,
    )


def within(table: NDArray[Any], distance: Distance | None = None) -> Statistic:
    """Alpha of (p, k) rows of counts, however often each counts."""
    total = table.sum(axis=1)
    used = np.where((total >= 2)[:, None], table, 0).astype(float)
    over = np.maximum(total - 1, 1)
    if isinstance(distance, str):
        joint = used[:, :, None] * used[:, None, :] / over[:, None, None]
        at = np.arange(table.shape[1])
        joint[:, at, at] -= used / over[:, None]
        return _ordinal(used, joint)
    far = nominal(table.shape[1]) if distance is None else distance
    return _fixed(used, ((used @ far) * used).sum(axis=1) / over, far)


def across(one: NDArray[Any], other: NDArray[Any], distance: Distance | None = None) -> Statistic:
    """Alpha of the pairs between (p, k) rows of counts of two groups."""
    both = ((one.sum(axis=1) > 0) & (other.sum(axis=1) > 0))[:, None]
    mine, theirs = shares(one) * both, shares(other) * both
    if isinstance(distance, str):
        joint = mine[:, :, None] * theirs[:, None, :]
        return _ordinal(mine + theirs, joint + joint.transpose(0, 2, 1))
    far = nominal(one.shape[1]) if distance is None else distance
    return _fixed(mine + theirs, 2 * ((mine @ far) * theirs).sum(axis=1), far)


def summed(
    table: NDArray[Any], owner: NDArray[np.intp], n: int, others: NDArray[Any] | None = None
) -> Statistic:
    """Nominal alpha of (p, k) rows of counts, drawn by what owns them: tokens by their items.

    owner: (p,) 0..n-1. others: counts of another group; then pairs are made of an answer of either.
    The statistic takes weights (r, n).
    """
    far, total = nominal(table.shape[1]), table.sum(axis=1)
    if others is None:
        used = np.asarray(np.where((total >= 2)[:, None], table, 0), dtype=float)
        observed = ((used @ far) * used).sum(axis=1) / np.maximum(total - 1, 1)
    else:
        both = ((total > 0) & (others.sum(axis=1) > 0))[:, None]
        mine, theirs = shares(table) * both, shares(others) * both
        used, observed = mine + theirs, 2 * ((mine @ far) * theirs).sum(axis=1)
    margins = np.zeros((n, table.shape[1]))
    np.add.at(margins, owner, used)
    apart = np.asarray(np.bincount(owner, weights=observed, minlength=n), dtype=float)
    return _fixed(margins, apart, far)


def by_distance(far: Floats, counted: Floats, chance: float) -> Statistic:
    """Alpha where there are too many classes for a table: observed over chance distance.

    far: (p,) mean distance between the answers to each item; counted: (p,) whether it has several.
    chance: mean distance between answers to different items; taken as known in intervals.
    """

    def statistic(weights: Floats) -> Floats:
        if chance <= 0:
            return np.full(len(weights), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(1 - (weights @ far) / (weights @ counted) / chance)

    return statistic


def _fixed(margins: Floats, observed: Floats, far: Floats) -> Statistic:
    """margins: (p, k), how often each row uses each class. observed: (p,) sum of distances."""

    def statistic(weights: Floats) -> Floats:
        used = weights @ margins
        expected = ((used @ far) * used).sum(axis=1)
        return _one_minus(weights @ observed, expected, used.sum(axis=1))

    return statistic


def _ordinal(margins: Floats, joint: Floats) -> Statistic:
    """The ordinal distance is the squared difference of the classes' mid-ranks.

    joint: (p, k, k), the coincidences of each row.
    """
    k = margins.shape[1]
    flat = joint.reshape(len(joint), k * k)

    def statistic(weights: Floats) -> Floats:
        used = weights @ margins
        total = used.sum(axis=1)
        ranks = (np.cumsum(used, axis=1) - used / 2) / np.maximum(total, 1)[:, None]
        far = (ranks[:, :, None] - ranks[:, None, :]) ** 2
        observed = ((weights @ flat).reshape(-1, k, k) * far).sum(axis=(1, 2))
        expected = np.einsum("rc,rck,rk->r", used, far, used)
        return _one_minus(observed, expected, total)

    return statistic


def _one_minus(observed: Floats, expected: Floats, total: Floats) -> Floats:
    """1 - Do / De, NaN where De is 0: expected is the sum over all pairs, without the n - 1."""
    defined = (total > 1) & (expected > 1e-12 * np.maximum(total, 1) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1 - observed * (total - 1) / expected
    return np.where(defined, found, np.nan)
