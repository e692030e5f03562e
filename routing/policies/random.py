"""Chance alone: the baseline every other policy has to beat, and a sample without bias."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from routing.choice import most_unsure
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
class Random:
    """Send a random share of the items to people, whatever their scores.

    share: 0..1 of all n items, exactly that many to the nearest whole item. Items that people
        already have, and items without a score, come first and use it up, as in `Budget`.
    audit_rate: 0..1 of the rest, on top; 0 by default, because all of the sample is random.

    Without such items every propensity is the share (to the nearest whole item).

    >>> draws = np.array([[0.3, 0.9], [0.8, 0.9], [0.2, 0.9], [0.4, 0.01]])
    >>> scores = np.array([0.9, 0.5, 0.1, 0.0])
    >>> verdicts = Random(share=0.5).route(scores, draws, np.zeros(4, dtype=bool))
    >>> verdicts.annotate, verdicts.propensity
    (array([ True, False,  True, False]), array([0.5, 0.5, 0.5, 0.5]))
    """

    name: ClassVar[str] = "random"
    reads: ClassVar[frozenset[str]] = frozenset()

    share: float
    audit_rate: float = 0.0

    def __post_init__(self) -> None:
        check_share("share", self.share)
        check_share("audit_rate", self.audit_rate)

    def route(
        self, scores: Scores, draws: Draws, fixed: Mask, situation: Situation = UNKNOWN
    ) -> Verdicts:
        """See `Policy.route`."""
        check_arguments(scores, draws, fixed, situation)
        alike = np.where(np.isnan(scores), np.nan, 0.0)  # one level of equals, cut by the draws
        chosen = most_unsure(alike, draws[:, 0], fixed, nearest(self.share, len(scores)))
        return with_audit(chosen, draws, self.audit_rate)


POLICIES.add(Random.name, Random)
