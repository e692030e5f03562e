"""What every policy offers, and the steps they share: checks, and the audit at the end."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from routing.registry import Registry
from routing.types import Draws, Mask, Scores, Verdicts


class Policy(Protocol):
    """A frozen dataclass of settings that decides, for n items, between the model and people.

    Same arguments, same verdicts: all chance is in `draws`. Permuting the items permutes the
    verdicts.
    """

    name: ClassVar[str]

    def route(self, scores: Scores, draws: Draws, fixed: Mask) -> Verdicts:
        """Who labels each item, and with what probability it was sent to people.

        scores: (n,), 0 sure .. 1 unsure. NaN is nothing usable from the model: always people,
            propensity 1, even when that exceeds a budget; it counts towards the budget.
        draws: (n, 2), from `draws.pairs`. Column 0 chooses among equals, column 1 draws the
            audit. Two, because an item that lost the first draw is known to have a high number.
        fixed: (n,), True where people already have the item. It counts towards a budget and stays
            with people: `annotate`, propensity 1. That 1 is about this call; for an estimate keep
            the propensity that was recorded when the item was first sent.

        ValueError when shapes differ, a score is outside 0..1, or a draw outside 0 <= u < 1.
        """
        ...


# Callable, not type[Policy]: each class takes settings of its own
POLICIES: Registry[Callable[..., Policy]] = Registry("policy")


def check_arguments(scores: Scores, draws: Draws, fixed: Mask) -> None:
    """Raise ValueError, naming value and rule, unless these are arguments `route` can take."""
    if scores.ndim != 1:
        raise ValueError(f"scores has shape {scores.shape}, but must be (items,)")
    n = len(scores)
    if draws.shape != (n, 2):
        raise ValueError(f"draws has shape {draws.shape}, but {n} scores need ({n}, 2)")
    if fixed.shape != (n,) or fixed.dtype != np.bool_:
        raise ValueError(
            f"fixed is {fixed.dtype} of shape {fixed.shape}, but must be bool of ({n},)"
        )
    outside = scores[(scores < 0) | (scores > 1)]
    if outside.size:
        raise ValueError(
            f"scores holds {outside[0]}, but a score is 0..1, or NaN for nothing to score"
        )
    outside = draws[~((draws >= 0) & (draws < 1))]
    if outside.size:
        raise ValueError(f"draws holds {outside[0]}, but a draw is 0 <= u < 1")


def check_share(name: str, value: object) -> None:
    """Raise ValueError unless the setting is a number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) <= 1:
        raise ValueError(f"{name} is {value!r}, but must be a number from 0 to 1")


def with_audit(
    sent: Mask, chance: NDArray[np.float64], draws: Draws, audit_rate: float
) -> Verdicts:
    """Verdicts when a random `audit_rate` of the items that are not `sent` goes to people too.

    sent, chance: (n,), who goes to people before the audit, and how probable that was. An item
    escapes people only if it escapes both independent draws: p = chance + (1 - chance) audit_rate.

    >>> draws = np.array([[0.5, 0.01], [0.5, 0.01], [0.5, 0.9]])
    >>> v = with_audit(np.array([True, False, False]), np.array([1, 0.5, 0]), draws, 0.25)
    >>> v.annotate, v.audit, v.propensity
    (array([ True, False, False]), array([False,  True, False]), array([1.   , 0.625, 0.25 ]))
    """
    audit = ~sent & (draws[:, 1] < audit_rate)
    return Verdicts(
        accept=~sent & ~audit, audit=audit, propensity=chance + (1 - chance) * audit_rate
    )
