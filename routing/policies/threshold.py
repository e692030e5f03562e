"""A fixed line on the score: below it the model's label stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from routing.policies.protocol import POLICIES, check_arguments, check_share, with_audit
from routing.types import Draws, Mask, Scores, Verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Accept the sure, send the unsure to people, and audit a random share of the sure.

    accept_below: 0..1; a score strictly below it is sure. 0 accepts nothing.
    audit_rate: 0..1 of the sure items. With 0 nothing can be said about them afterwards.

    Each item is decided alone, so how many go to people is not known beforehand. A sure item has
    propensity audit_rate, every other 1.

    >>> draws = np.array([[0.5, 0.9], [0.5, 0.01], [0.5, 0.9], [0.5, 0.9]])
    >>> scores = np.array([0.1, 0.1, 0.2, np.nan])
    >>> verdicts = Threshold(accept_below=0.2).route(scores, draws, np.zeros(4, dtype=bool))
    >>> verdicts.accept, verdicts.audit
    (array([ True, False, False, False]), array([False,  True, False, False]))
    >>> verdicts.propensity
    array([0.05, 0.05, 1.  , 1.  ])
    """

    name: ClassVar[str] = "threshold"

    accept_below: float
    audit_rate: float = 0.05

    def __post_init__(self) -> None:
        check_share("accept_below", self.accept_below)
        check_share("audit_rate", self.audit_rate)

    def route(self, scores: Scores, draws: Draws, fixed: Mask) -> Verdicts:
        """See `Policy.route`."""
        check_arguments(scores, draws, fixed)
        sent = fixed | ~(scores < self.accept_below)  # "not below", so that NaN is sent
        return with_audit(sent, sent.astype(np.float64), draws, self.audit_rate)


POLICIES.add(Threshold.name, Threshold)
