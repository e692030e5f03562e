"""Fleiss' kappa and Gwet's AC1 and AC2: (agreement - chance) / (1 - chance).

They differ in what chance would do. Fleiss 1971; Gwet, Handbook of Inter-Rater Reliability, 4th
ed. 2014, whose treatment of missing answers is used for both: agreement over the items with two
answers or more, use of the classes over all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.bootstrap import DRAWS, Floats, Statistic, alike, measured
from annotate.agreement.distances import Weighting, weights
from annotate.agreement.measure import Measure, Undefined
from annotate.agreement.tables import NO_BOTH, NO_PAIRS, shares, why_not, why_not_across

Chance: TypeAlias = Literal["fleiss", "gwet"]

TITLES: dict[Chance, str] = {"fleiss": "kappa", "gwet": "AC"}


def fleiss_kappa(
    table: NDArray[Any],
    weighting: Weighting = "none",
    *,
    names: Sequence[str] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Measure:
    """-1..1, 1 for perfect agreement, 0 for what chance would give.

    table: (n, k) counts; items may have different numbers of answers. names: of the classes, for
    the reason. Undefined without two classes, without an item of two answers, or when all agree on
    one class.
    """
    return _within(table, weighting, "fleiss", names, draws, seed)


def gwet_ac(
    table: NDArray[Any],
    weighting: Weighting = "none",
    *,
    names: Sequence[str] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Measure:
    """AC1; AC2 with a weighting. Stays high where nearly all answers are of one class and people
    agree, where kappa and alpha fall to 0. table: (n, k) counts, k >= 2 possible classes. Range
    and names as for `fleiss_kappa`; undefined without two classes or an item of two answers."""
    return _within(table, weighting, "gwet", names, draws, seed)


def gwet_ac_across(
    one: NDArray[Any],
    other: NDArray[Any],
    weighting: Weighting = "none",
    *,
    names: Sequence[str] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Measure:
    """As `gwet_ac`, of pairs made of an answer of one group and an answer of the other.

    one, other: (n, k) counts over the same items and classes.
    """
    (rows, others), times = alike(one, other)
    both = (one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)
    reason = why_not_across("AC", one, other, names) if both.any() else NO_BOTH
    statistic = across(rows, others, weights(one.shape[1], weighting), "gwet")
    return measured(statistic, times, items=int(both.sum()), reason=reason, draws=draws, seed=seed)


def _within(
    table: NDArray[Any],
    weighting: Weighting,
    chance: Chance,
    names: Sequence[str] | None,
    draws: int,
    seed: int,
) -> Measure:
    if table.shape[1] < 2:
        return Undefined("there is only one class, so nothing could disagree")
    [rows], times = alike(table)
    paired = int((table.sum(axis=1) >= 2).sum())
    reason = why_not(TITLES[chance], table, names) if paired else NO_PAIRS
    statistic = within(rows, weights(table.shape[1], weighting), chance)
    return measured(statistic, times, items=paired, reason=reason, draws=draws, seed=seed)


def within(table: NDArray[Any], near: Floats, chance: Chance) -> Statistic:
    """Of (p, k) rows of counts, however often each counts. near: (k, k) closeness of classes."""
    used = table.astype(float)
    total = used.sum(axis=1)
    counted = (total >= 2).astype(float)
    pairs = np.maximum(total * (total - 1), 1)
    agreement = (used * (used @ near - 1)).sum(axis=1) / pairs * counted
    return _statistic(agreement, counted, shares(table), (total > 0).astype(float), near, chance)


def across(one: NDArray[Any], other: NDArray[Any], near: Floats, chance: Chance) -> Statistic:
    """Of the pairs between (p, k) rows of counts of two groups."""
    both = ((one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)).astype(float)
    mine, theirs = shares(one) * both[:, None], shares(other) * both[:, None]
    agreement = ((mine @ near) * theirs).sum(axis=1)
    return _statistic(agreement, both, (mine + theirs) / 2, both, near, chance)


def _statistic(
    agreement: Floats, counted: Floats, used: Floats, rated: Floats, near: Floats, chance: Chance
) -> Statistic:
    k = near.shape[0]

    def statistic(weights: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            seen = (weights @ agreement) / (weights @ counted)
            classes = (weights @ used) / (weights @ rated)[:, None]
            if chance == "gwet":
                spread = (classes * (1 - classes)).sum(axis=1)
                expected = near.sum() / (k * (k - 1)) * spread
            else:
                expected = ((classes @ near) * classes).sum(axis=1)
            found = (seen - expected) / (1 - expected)
        return np.where(1 - expected > 1e-12, found, np.nan)

    return statistic
