"""Arrays that routing takes and gives back. Item first: axis 0 is always the n items.

| alias         | shape  | values                                                               |
| ------------- | ------ | -------------------------------------------------------------------- |
| `Votes`       | (n, m) | any int dtype: label index 0..k-1, or -1 (`NO_VOTE`)                  |
| `Confidences` | (n, m) | 0..1 as stated with each vote, higher is surer; NaN is not stated     |
| `Probs`       | (n, k) | each row sums to 1; a row of NaN is an item nothing is known about    |
| `Scores`      | (n,)   | 0 is sure, 1 is unsure; NaN is nothing to score (no valid vote)       |
| `Labels`      | (n,)   | label index 0..k-1, or -1 where no label can be named                 |
| `Mask`        | (n,)   | True or False for each item                                          |
| `Keys`        | (n,)   | uint64, one per item, the same in every call (see `draws`)            |
| `Draws`       | (n, 2) | two independent uniform numbers per item, 0 <= u < 1 (see `draws`)    |
| `Groups`      | (n,)   | items with the same number are alike; -1 is like no other             |

An abstention, an invalid reply, a failed call and a call never made are all -1: none is a vote.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Votes: TypeAlias = NDArray[np.integer[Any]]
Confidences: TypeAlias = NDArray[np.float64]
Probs: TypeAlias = NDArray[np.float64]
Scores: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
Keys: TypeAlias = NDArray[np.uint64]
Draws: TypeAlias = NDArray[np.float64]
Groups: TypeAlias = NDArray[np.int64]

NO_VOTE: Final = -1
_NOBODY: Final = np.zeros(0, dtype=bool)


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """Who labels each of n items: exactly one of `accept`, `audit` and `annotate` is True.

    accept: (n,) the model's label stands.
    audit: (n,) the model's label would have stood, but chance picked the item for people.
    propensity: (n,) probability, over the draws, that the item was sent to a person (audit or
        annotate): 1 is certain, 0 is never. Weight by its inverse to speak about all items.
    explored: (n,) sent to people only so that something is learned where nobody would look; part
        of `annotate`. No one unless given.

    ValueError when shapes differ, an item is both accepted and audited, explored without being
    annotated, or a propensity contradicts what happened: accepted at 1, sent at 0, or outside 0..1.

    >>> v = Verdicts(np.array([True, False, False]), np.array([False, True, False]),
    ...              np.array([0.05, 0.05, 1.0]))
    >>> v.annotate
    array([False, False,  True])
    """

    accept: Mask
    audit: Mask
    propensity: NDArray[np.float64]
    explored: Mask = field(default_factory=lambda: _NOBODY)

    def __post_init__(self) -> None:
        if self.explored is _NOBODY:
            object.__setattr__(self, "explored", np.zeros_like(self.accept))
        shapes = {part.shape for part in (self.accept, self.audit, self.propensity, self.explored)}
        if len(shapes) != 1 or self.accept.ndim != 1:
            raise ValueError(
                f"accept {self.accept.shape}, audit {self.audit.shape}, propensity "
                f"{self.propensity.shape} and explored {self.explored.shape} must share one "
                f"shape (n,)"
            )
        if (self.accept & self.audit).any():
            raise ValueError(f"item {_first(self.accept & self.audit)} is accepted and audited")
        if (self.explored & ~self.annotate).any():
            item = _first(self.explored & ~self.annotate)
            raise ValueError(f"item {item} is explored, but not sent to people for it")
        possible = np.where(self.accept, self.propensity < 1, self.propensity > 0)
        possible &= (self.propensity >= 0) & (self.propensity <= 1)
        if not possible.all():
            item = _first(~possible)
            verdict = "accepted" if self.accept[item] else "sent to people"
            raise ValueError(
                f"item {item} was {verdict} with propensity {self.propensity[item]}, but a "
                f"propensity is 0..1, below 1 if accepted and above 0 if sent"
            )

    @property
    def annotate(self) -> Mask:
        """(n,) the item goes to people because of its score, or because they already have it."""
        return ~self.accept & ~self.audit


def _first(mask: Mask) -> int:
    return int(np.flatnonzero(mask)[0])
