"""What every policy offers, and the steps they share: checks, and the audit at the end."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import ClassVar, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from routing.choice import Chosen
from routing.registry import Registry
from routing.types import Draws, Groups, Mask, Scores, Verdicts

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """What is known of n items besides their scores. None: not known of any item.

    risk: (n,), chance 0..1 that the model's label is wrong. Without it the scores are taken for
        that chance by policies that need one; entropy is none, `routing.calibration` makes it one.
    seconds: (n,), above 0, what an answer to the item takes a person; NaN where not known.
    groups: (n,), items with the same number are alike, -1 is like no other; see
        `routing.diversity`. For policies that can avoid asking the same thing twice.
    asked: (n,), True where the stronger model has answered too, for a policy that can ask it.
    """

    risk: Scores | None = None
    seconds: Floats | None = None
    groups: Groups | None = None
    asked: Mask | None = None


UNKNOWN: Final = Situation()


class Policy(Protocol):
    """A frozen dataclass of settings that decides, for n items, between the model and people.

    Same arguments, same verdicts: all chance is in `draws`. Permuting the items permutes the
    verdicts. `reads` names the parts of a `Situation` that it looks at; the others change nothing.
    """

    name: ClassVar[str]
    reads: ClassVar[frozenset[str]]

    def route(
        self, scores: Scores, draws: Draws, fixed: Mask, situation: Situation = UNKNOWN
    ) -> Verdicts:
        """Who labels each item, and with what probability it was sent to people.

        scores: (n,), 0 sure .. 1 unsure. NaN is nothing usable from the model: always people,
            propensity 1, even when that exceeds a budget; it counts towards the budget.
        draws: (n, 2), from `draws.pairs`. Column 0 chooses among equals, column 1 draws the
            audit. Two, because an item that lost the first draw is known to have a high number.
        fixed: (n,), True where people already have the item. It counts towards a budget and stays
            with people: `annotate`, propensity 1. That 1 is about this call; for an estimate keep
            the propensity that was recorded when the item was first sent.
        situation: what else is known. An item whose score is NaN has no risk either.

        ValueError when shapes differ, a score or risk is outside 0..1, a draw outside 0 <= u < 1,
        or seconds are not above 0.
        """
        ...


# Callable, not type[Policy]: each class takes settings of its own
POLICIES: Registry[Callable[..., Policy]] = Registry("policy")


def check_arguments(
    scores: Scores, draws: Draws, fixed: Mask, situation: Situation = UNKNOWN
) -> None:
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
    _check_situation(situation, n)


def _check_situation(situation: Situation, n: int) -> None:
    kinds = {"risk": np.floating, "seconds": np.floating, "groups": np.integer, "asked": np.bool_}
    for name, kind in kinds.items():
        part = getattr(situation, name)
        if part is not None and (part.shape != (n,) or not np.issubdtype(part.dtype, kind)):
            raise ValueError(
                f"situation.{name} is {part.dtype} of shape {part.shape}, but must be "
                f"{kind.__name__} of ({n},)"
            )
    if situation.risk is not None and ((situation.risk < 0) | (situation.risk > 1)).any():
        outside = situation.risk[(situation.risk < 0) | (situation.risk > 1)]
        raise ValueError(f"situation.risk holds {outside[0]}, but a chance is 0..1, or NaN")
    if situation.seconds is not None and (situation.seconds <= 0).any():
        outside = situation.seconds[situation.seconds <= 0]
        raise ValueError(f"situation.seconds holds {outside[0]}, but must be above 0, or NaN")


def risks(scores: Scores, situation: Situation) -> Scores:
    """(n,) chance that the model's label is wrong, NaN where the item has no score."""
    if situation.risk is None:
        return scores
    return np.where(np.isnan(scores), np.nan, situation.risk)


def check_share(name: str, value: object) -> None:
    """Raise ValueError unless the setting is a number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) <= 1:
        raise ValueError(f"{name} is {value!r}, but must be a number from 0 to 1")


def check_amount(name: str, value: object, *, zero: bool = True) -> None:
    """Raise ValueError unless the setting is a finite number above 0, or 0 where that may be."""
    rule = "0 or more" if zero else "above 0"
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"{name} is {value!r}, but must be a number, {rule}")
    if value < 0 or (value == 0 and not zero):
        raise ValueError(f"{name} is {value!r}, but must be {rule}")


def nearest(share: float, n: float) -> int:
    """Whole items in `share` of n, halves up: 0.29 of 100 is 29, though 0.29 * 100 < 29.

    >>> nearest(0.29, 100), nearest(0.5, 5), nearest(1.0, 5)
    (29, 3, 5)
    """
    return math.floor(share * n + 0.5)


def with_audit(
    chosen: Chosen, draws: Draws, audit_rate: float, explored: Mask | None = None
) -> Verdicts:
    """Verdicts when a random `audit_rate` of the items that were not chosen goes to people too.

    chosen: who goes to people before the audit, and how probable that was. An item escapes people
    only if it escapes both independent draws: p = chance + (1 - chance) audit_rate. explored: those
    of the chosen who were drawn by chance.

    >>> draws = np.array([[0.5, 0.01], [0.5, 0.01], [0.5, 0.9]])
    >>> chosen = np.array([True, False, False]), np.array([1, 0.5, 0])
    >>> v = with_audit(chosen, draws, 0.25)
    >>> v.annotate, v.audit, v.propensity
    (array([ True, False, False]), array([False,  True, False]), array([1.   , 0.625, 0.25 ]))
    """
    sent, chance = chosen
    audit = ~sent & (draws[:, 1] < audit_rate)
    return Verdicts(
        accept=~sent & ~audit,
        audit=audit,
        propensity=chance + (1 - chance) * audit_rate,
        explored=np.zeros_like(sent) if explored is None else explored,
    )
