"""Who is chosen when only so many can be, and how probable that was for each item.

Every function here returns a pair: sent, (n,), who was chosen by these draws; and chance, (n,), how
probable it was over all draws. Each step of chance has numbers of its own, else a loser of one
would be known to lose the next: column 0 of `Draws` cuts a level of equals, its lower digits
explore, the lower digits of column 1 decide who stands first among alike items, column 1 audits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routing.types import Groups, Mask, Scores

Floats = NDArray[np.float64]
Chosen = tuple[Mask, Floats]

_UPPER_DIGITS = 2.0**26  # of the 53 binary digits of a draw


def lower_digits(draws: Floats) -> Floats:
    """A second uniform number in each uniform number, independent of its upper 26 binary digits.

    draws: any shape, 0 <= u < 1. Comparing two draws looks further down than that once in 67
    million times, so what is drawn here does not depend on how they compare.

    >>> lower_digits(np.array([0.5, 0.5 + 2.0**-27]))
    array([0. , 0.5])
    """
    rest, _ = np.modf(draws * _UPPER_DIGITS)
    return np.asarray(rest, dtype=np.float64)


def most_unsure(scores: Scores, order: Floats, fixed: Mask, size: int) -> Chosen:
    """The `size` items of highest score, those that are fixed or have no score first.

    These are sent even when there are more than `size` of them. Among equals the lowest order,
    (n,), goes first.

    >>> nobody_yet = np.zeros(3, dtype=bool)
    >>> most_unsure(np.array([0.5, 0.5, 0.2]), np.array([0.9, 0.1, 0.5]), nobody_yet, 1)
    (array([False,  True, False]), array([0.5, 0.5, 0. ]))
    """
    certain = fixed | np.isnan(scores)
    return highest(scores, order, ~certain, size - int(certain.sum()), certain)


def highest(values: Floats, order: Floats, pool: Mask, room: int, certain: Mask) -> Chosen:
    """The `room` items of the pool with the highest values, and all that are certain.

    values: (n,), looked at only in the pool. Of the level of equal values that `room` ends in,
    those with the lowest order, (n,), are taken; all of its items had the same chance.
    """
    sent = certain.copy()
    chance = sent.astype(np.float64)
    items = np.flatnonzero(pool)
    room = min(room, len(items))
    if room <= 0:
        return sent, chance
    pooled = values[items]
    cut = np.partition(pooled, -room)[-room]
    above, level = items[pooled > cut], items[pooled == cut]
    left = room - len(above)
    winners = level[np.argpartition(order[level], left - 1)[:left]]
    sent[above] = sent[winners] = True
    chance[above] = 1.0
    chance[level] = left / len(level)
    return sent, chance


def spread_out(
    scores: Scores,
    groups: Groups,
    order: Floats,
    ranks: Floats,
    fixed: Mask,
    *,
    size: int,
    keep: float,
) -> Chosen:
    """As `most_unsure`, but every further item of one group counts `keep` times the one before.

    groups: (n,), items with the same number are alike, -1 is like no other. ranks: (n,), draws that
    decide who stands first among items of a group that have equal scores. keep: above 0, up to 1.

    Whoever stands first, the same numbers are at stake in a group, so the cut is where it is
    whatever the draws; an item's chance is the mean over the places it might have got.

    >>> alike = np.array([7, 7, -1])
    >>> args = np.array([0.9, 0.1, 0.5]), np.array([0.2, 0.6, 0.4]), np.zeros(3, dtype=bool)
    >>> spread_out(np.array([0.9, 0.9, 0.6]), alike, *args, size=2, keep=0.5)
    (array([ True, False,  True]), array([0.5, 0.5, 1. ]))
    """
    certain = fixed | np.isnan(scores)
    items = np.flatnonzero(~certain)
    alike = np.where(groups[items] < 0, -1 - items, groups[items])
    line = np.lexsort((ranks[items], -scores[items], alike))
    items, alike = items[line], alike[line]
    starts = _starts(alike)
    place = np.arange(len(items)) - starts
    values = np.where(certain, 0.0, scores)
    values[items] *= keep**place
    sent, chance = highest(values, order, ~certain, size - int(certain.sum()), certain)
    equal = np.cumsum(_changes(alike) | _changes(scores[items])) - 1  # alike, and of equal score
    mean = np.bincount(equal, weights=chance[items]) / np.maximum(np.bincount(equal), 1)
    chance[items] = mean[equal]
    return sent, chance


def by_chance(chosen: Chosen, candidates: Mask, count: int, order: Floats) -> tuple[Chosen, Mask]:
    """`count` more of the candidates that were not chosen, drawn uniformly; and who these are.

    chosen: a choice whose number of candidates did not depend on chance. order: (n,), draws that
    it did not use. With fewer candidates left than `count`, all of them.

    >>> chosen = np.array([True, False, False]), np.array([1.0, 0.0, 0.0])
    >>> everyone = np.ones(3, dtype=bool)
    >>> by_chance(chosen, everyone, 1, np.array([0.1, 0.8, 0.3]))
    ((array([ True, False,  True]), array([1. , 0.5, 0.5])), array([False, False,  True]))
    """
    sent, chance = chosen
    drawn = np.zeros_like(sent)
    left = np.flatnonzero(candidates & ~sent)
    count = min(count, len(left))
    if count <= 0:
        return chosen, drawn
    drawn[left[np.argpartition(order[left], count - 1)[:count]]] = True
    rate = count / len(left)
    chance = np.where(candidates, chance + (1 - chance) * rate, chance)
    return (sent | drawn, chance), drawn


def _starts(sorted_groups: Groups) -> Groups:
    """(n,) where the run of equal numbers that each entry belongs to begins."""
    places = np.arange(len(sorted_groups))
    return np.maximum.accumulate(np.where(_changes(sorted_groups), places, 0))


def _changes(values: NDArray[np.generic]) -> Mask:
    """(n,) True where a value differs from the one before, and at the first."""
    return np.concatenate([np.ones(min(len(values), 1), dtype=bool), values[1:] != values[:-1]])
