"""How large an audit should be."""

from __future__ import annotations

import math
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
