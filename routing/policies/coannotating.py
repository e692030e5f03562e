"""The allocation of CoAnnotating as published, to compare with: sort, and cut by a share.

Li et al., EMNLP 2023, arXiv 2310.15638, section 3.3: items are sorted by uncertainty, the n surest
go to the model and the others to people. Three strategies differ in what they sort by; `signal`
gives each one's numbers. What `routing.policies.budget` does otherwise:

- the share is named from the people's side, and an audit says afterwards how good the rest is;
- in the paper equals stand as they happen to; vote entropy has few distinct values, so that most
  cuts go through a level. Here as there they are cut by draws, and everyone's chance is on record;
- an answer that could not be read is no vote; in the paper it is a class of its own. So it is in
  `signal`, except that an item with no readable answer is unsure here and agreed upon there;
- a part of the budget can explore, and near-duplicates can be put off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

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
from routing.types import NO_VOTE, Confidences, Draws, Mask, Scores, Verdicts, Votes
from routing.uncertainty import confidence, entropy

Strategy = Literal["random", "entropy", "self_evaluation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoAnnotating:
    """Give the model its share of the items, the surest ones; no audit.

    llm_share: 0..1 of all n items, to the nearest whole item; the paper tries 0, 0.2 .. 1.

    Scores are those of a strategy, from `signal`.

    >>> scores = np.array([0.9, 0.5, 0.5, 0.1])
    >>> draws = np.array([[0.3, 0.9], [0.8, 0.9], [0.2, 0.9], [0.4, 0.9]])
    >>> CoAnnotating(llm_share=0.5).route(scores, draws, np.zeros(4, dtype=bool)).propensity
    array([1. , 0.5, 0.5, 0. ])
    """

    name: ClassVar[str] = "coannotating"
    reads: ClassVar[frozenset[str]] = frozenset()

    llm_share: float

    def __post_init__(self) -> None:
        check_share("llm_share", self.llm_share)

    def route(
        self, scores: Scores, draws: Draws, fixed: Mask, situation: Situation = UNKNOWN
    ) -> Verdicts:
        """See `Policy.route`."""
        check_arguments(scores, draws, fixed, situation)
        people = len(scores) - nearest(self.llm_share, len(scores))
        return with_audit(most_unsure(scores, draws[:, 0], fixed, people), draws, 0.0)


def signal(
    strategy: Strategy, votes: Votes, k: int, confidences: Confidences | None = None
) -> Scores:
    """What a strategy sorts by: (n,), 0 is sure, 1 is unsure.

    votes: (n, m), 0..k-1, or -1 for an answer that could not be read. confidences: (n, m), for
    self_evaluation. entropy: of the shares of the k classes and the unreadable one, by log (k + 1).
    self_evaluation: 1 - mean of what was stated. random: all alike. Items without any readable
    answer, or any confidence, are NaN. ValueError when a strategy lacks what it sorts by.

    >>> signal("entropy", np.array([[0, -1, 0, -1], [1, 1, 1, 1], [-1, -1, -1, -1]]), k=2).round(2)
    array([0.63, 0.  ,  nan])
    """
    if strategy == "self_evaluation":
        if confidences is None:
            raise ValueError("self_evaluation sorts by stated confidences, but none are given")
        return confidence(confidences)
    usable = (votes != NO_VOTE).any(axis=1)
    if strategy == "random":
        return np.where(usable, 0.0, np.nan)
    if strategy != "entropy":
        raise ValueError(
            f"strategy is {strategy!r}, but must be random, entropy or self_evaluation"
        )
    return np.where(usable, entropy(np.where(votes == NO_VOTE, k, votes), k + 1), np.nan)


POLICIES.add(CoAnnotating.name, CoAnnotating)
