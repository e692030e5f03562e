"""People have so much time: give them the most uncertain items. CoAnnotating's allocation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from routing.choice import Chosen, by_chance, lower_digits, most_unsure, spread_out
from routing.policies.protocol import (
    POLICIES,
    UNKNOWN,
    Situation,
    check_arguments,
    check_share,
    nearest,
    with_audit,
)
from routing.types import Draws, Mask, Scores, Verdicts

DEFAULT_SHARE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Send the most uncertain items to people, and audit a random share of the rest.

    share: 0..1 of all n items, to the nearest whole item; 0.3 if neither it nor `items` is given.
    items: instead of share, a number of items; all of them if there are fewer.
    audit_rate: 0..1 of the items left to the model, on top of the budget. With 0 nothing can be
        said about them afterwards.
    explore: 0..1 of the items that the budget still has room for: drawn by chance from all that
        people do not have, whatever their scores. What is learned only from uncertain items is
        wrong about the sure ones.
    diversity: 0 up to below 1: how much less each further item of one of `situation.groups` counts
        than the one before it. 0 asks near-duplicates as if they were different items. It only
        puts items off: they count fully again once the ones before them are fixed.

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
    reads: ClassVar[frozenset[str]] = frozenset({"groups"})

    share: float | None = None
    items: int | None = None
    audit_rate: float = 0.05
    explore: float = 0.0
    diversity: float = 0.0

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
        check_share("explore", self.explore)
        check_share("diversity", self.diversity)
        if self.diversity == 1:
            raise ValueError("diversity is 1, but must be below 1: else alike items get lost")

    def route(
        self, scores: Scores, draws: Draws, fixed: Mask, situation: Situation = UNKNOWN
    ) -> Verdicts:
        """See `Policy.route`."""
        check_arguments(scores, draws, fixed, situation)
        size = nearest(self.share, len(scores)) if self.share is not None else self.items or 0
        certain = fixed | np.isnan(scores)
        room = max(size - int(certain.sum()), 0)
        some = nearest(self.explore, min(room, int((~certain).sum())))
        chosen = self._by_score(scores, draws, fixed, size - some, situation)
        chosen, explored = by_chance(chosen, ~certain, some, lower_digits(draws[:, 0]))
        return with_audit(chosen, draws, self.audit_rate, explored)

    def _by_score(
        self, scores: Scores, draws: Draws, fixed: Mask, size: int, situation: Situation
    ) -> Chosen:
        if situation.groups is None or not self.diversity:
            return most_unsure(scores, draws[:, 0], fixed, size)
        return spread_out(
            scores,
            situation.groups,
            draws[:, 0],
            lower_digits(draws[:, 1]),
            fixed,
            size=size,
            keep=1 - self.diversity,
        )


POLICIES.add(Budget.name, Budget)
