"""How large an audit should be, and when an unfinished one may be looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from routing.certificate import fewest_audits

EXPONENT: Final = 0.7
MOST_OF_POPULATION: Final = 3  # at most a third of the items is spent on the audit


def audit_size(population: int, tolerance: float, alpha: float, *, size: int | None = None) -> int:
    """How many items to draw: sqrt(size) / tolerance^0.7, at most a third of the population.

    A larger audit costs labels and moves the cut up; this is near the least total for made-up
    sets of 500 to 10,000 items with 15 to 35 % errors, and the optimum is flat: half or twice as
    many cost 1 to 5 points of human share. Too few is worse than too many.
    0 when that third is too few to certify anything even if it finds no error: such an audit
    would only cost labels, and everything goes to people anyway.

    >>> audit_size(2000, 0.05, 0.05), audit_size(2000, 0.1, 0.05), audit_size(100, 0.05, 0.05)
    (365, 225, 0)
    """
    fewest = fewest_audits(population, tolerance, alpha, size=size)
    whole = population if size is None else size
    wanted = math.ceil(math.sqrt(whole) / tolerance**EXPONENT) if tolerance > 0 else population
    drawn = min(max(wanted, fewest), population // MOST_OF_POPULATION)
    return drawn if drawn >= fewest else 0


@dataclass(frozen=True, slots=True)
class Look:
    """One planned look at an unfinished audit: after this many answers, with this part of alpha."""

    audited: int
    alpha: float


def planned_looks(audited: int, alpha: float, *, count: int = 3) -> tuple[Look, ...]:
    """Times at which a growing audit may be looked at, and stopped, without breaking the promise.

    The audit is one random sequence of items; at each look its first `audited` items, all
    answered, go to `certify` with that look's alpha. Fixed before the first answer. One look
    certifies most, so plan more only if stopping early is worth about 5 % more human labels.

    >>> planned_looks(240, 0.06)
    (Look(audited=80, alpha=0.02), Look(audited=160, alpha=0.02), Look(audited=240, alpha=0.02))
    """
    if not 1 <= count <= max(audited, 1):
        raise ValueError(f"count is {count}, but must be 1..{max(audited, 1)} for this audit")
    return tuple(Look(round(audited * i / count), alpha / count) for i in range(1, count + 1))
