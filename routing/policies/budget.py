"""People have so much time: give them the most uncertain items. CoAnnotating's allocation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from routing.policies.protocol import POLICIES, check_arguments, check_share, with_audit
from routing.types import Draws, Mask, Scores, Verdicts

DEFAULT_SHARE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Send the most uncertain items to people, and audit a random share of the rest.

    share: 0..1 of all n items, to the nearest whole item; 0.3 if neither it nor `items` is given.
    items: instead of share, a number of items; all of them if there are fewer.
    audit_rate: 0..1 of the items left to the model, on top of the budget. With 0 nothing can be
        said about them afterwards.

    Items that people already have, and items without a score, come first and use up the budget; if
    they exceed it they are sent nevertheless, and no other item is.

    Entropy has few distinct values, so the budget usually ends inside a level of equal scores. That
    level is cut by the draws, never by position, and all its items get the same propensity: q, the
    fraction of the level that is sent, plus the audit, q + (1 - q) audit_rate.

    >>> scores = np.array([0.9, 0.5, 0.5, 0.1, np.nan])
    >>> draws = np.array([[0.3, 0.9], [0.8, 0.9], [0.2, 0.9], [0.4, 0.01], [0.6, 0.9]])
    >>> verdicts = Budget(items=3, audit_rate=0.1).route(scores, draws, np.zeros(5, dtype=bool))
    >>> verdicts.annotate
    array([ True, False,  True, False,  True])
    >>> verdicts.audit
    array([False, False, False,  True, False])
    >>> verdicts.propensity
    array([1.  , 0.55, 0.55, 0.1 , 1.  ])
    """

    name: ClassVar[str] = "budget"

    share: float | None = None
    items: int | None = None
    audit_rate: float = 0.05

    def __post_init__(self) -> None:
        if self.share is not None and self.items is not None:
            raise ValueError(f"share is {self.share} and items is {self.items}; give one of them")
        if self.items is None:
            share = DEFAULT_SHARE if self.share is None else self.share
            check_share("share", share)
            object.__setattr__(self, "share", share)
        elif isinstance(self.items, bool) or not isinstance(self.items, int) or self.items < 0:
            raise ValueError(f"items is {self.items!r}, but must be a whole number, 0 or more")
        check_share("audit_rate", self.audit_rate)

    def route(self, scores: Scores, draws: Draws, fixed: Mask) -> Verdicts:
        """See `Policy.route`."""
        check_arguments(scores, draws, fixed)
        size = nearest(self.share, len(scores)) if self.share is not None else self.items or 0
        sent, chance = most_unsure(scores, draws[:, 0], fixed, size)
        return with_audit(sent, chance, draws, self.audit_rate)


def nearest(share: float, n: int) -> int:
    """Whole items in `share` of n, halves up: 0.29 of 100 is 29, though 0.29 * 100 < 29.

    >>> nearest(0.29, 100), nearest(0.5, 5), nearest(1.0, 5)
    (29, 3, 5)
    """
    return math.floor(share * n + 0.5)


def most_unsure(
    scores: Scores, order: NDArray[np.float64], fixed: Mask, size: int
) -> tuple[Mask, NDArray[np.float64]]:
    """The `size` items for people, (n,), and each item's chance to be among them, (n,).

    fixed and unscored items first, then by score, then, among equals, by the lowest order (n,).

    >>> nobody_yet = np.zeros(3, dtype=bool)
    >>> most_unsure(np.array([0.5, 0.5, 0.2]), np.array([0.9, 0.1, 0.5]), nobody_yet, 1)
    (array([False,  True, False]), array([0.5, 0.5, 0. ]))
    """
    sent = fixed | np.isnan(scores)
    chance = sent.astype(np.float64)
    pool = np.flatnonzero(~sent)
    room = min(size - (len(scores) - len(pool)), len(pool))
    if room <= 0:
        return sent, chance
    pooled = scores[pool]
    cut = np.partition(pooled, -room)[-room]
    above, level = pool[pooled > cut], pool[pooled == cut]
    left = room - len(above)
    winners = level[np.argpartition(order[level], left - 1)[:left]]
    sent[above] = sent[winners] = True
    chance[above] = 1.0
    chance[level] = left / len(level)
    return sent, chance


POLICIES.add(Budget.name, Budget)
