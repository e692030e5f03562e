"""A fixed line on the score: below it the model's label stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from routing.choice import by_chance, lower_digits
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Accept the sure, send the unsure to people, and audit a random share of the sure.

    accept_below: 0..1; a score strictly below it is sure. 0 accepts nothing.
    audit_rate: 0..1 of the sure items. With 0 nothing can be said about them afterwards.
    explore: 0..1, as many sure items, by chance, as this share of the unsure ones, for people to
        label on top of them. Sure items that people already have count towards it.

    How many items go to people is not known beforehand. Without `explore` each item is decided
    alone: a sure one has propensity audit_rate, every other 1.

    >>> draws = np.array([[0.5, 0.9], [0.5, 0.01], [0.5, 0.9], [0.5, 0.9]])
    >>> scores = np.array([0.1, 0.1, 0.2, np.nan])
    >>> verdicts = Threshold(accept_below=0.2).route(scores, draws, np.zeros(4, dtype=bool))
    >>> verdicts.accept, verdicts.audit
    (array([ True, False, False, False]), array([False,  True, False, False]))
    >>> verdicts.propensity
    array([0.05, 0.05, 1.  , 1.  ])
    """

    name: ClassVar[str] = "threshold"
    reads: ClassVar[frozenset[str]] = frozenset()

    accept_below: float
    audit_rate: float = 0.05
    explore: float = 0.0

    def __post_init__(self) -> None:
        check_share("accept_below", self.accept_below)
        check_share("audit_rate", self.audit_rate)
        check_share("explore", self.explore)

    def route(
        self, scores: Scores, draws: Draws, fixed: Mask, situation: Situation = UNKNOWN
    ) -> Verdicts:
        """See `Policy.route`."""
        check_arguments(scores, draws, fixed, situation)
        sure = scores < self.accept_below  # NaN is not
        sent = fixed | ~sure
        some = nearest(self.explore, int((~sure).sum())) - int((fixed & sure).sum())
        chosen = sent, sent.astype(np.float64)
        chosen, explored = by_chance(chosen, ~sent, some, lower_digits(draws[:, 0]))
        return with_audit(chosen, draws, self.audit_rate, explored)


POLICIES.add(Threshold.name, Threshold)
