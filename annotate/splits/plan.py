"""Which items train and which test, so that nothing of the test was seen in training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How to split. shares: name -> share > 0, in order, summing to 1; the first takes whatever
    must not be tested on.

    by: names of fields or metadata that keep items together (a source, a prompt). near_duplicates:
    texts whose word shingles have a Jaccard similarity of at least `similarity` (0..1) stay
    together. seed: of the hash that places a group.
    """

    shares: tuple[tuple[str, float], ...] = (("train", 0.9), ("test", 0.1))
    by: tuple[str, ...] = ()
    near_duplicates: bool = True
    similarity: float = 0.8
    seed: str = "0"


@dataclass(frozen=True, slots=True)
class Moved:
    """Items that are not where their own hash would have put them. why: in words."""

    why: str
    count: int
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Splitting:
    """Where each item is. names: of the splits. code: (n,), by item position; -1: no such item.

    counts: items of each split. groups: how many groups there are. moved: what was moved, why.
    """

    names: tuple[str, ...]
    code: Codes
    counts: tuple[int, ...]
    groups: int
    moved: tuple[Moved, ...] = field(default=())

    def of(self, position: int) -> str:
        """The split of the item at this position."""
        return self.names[int(self.code[position])]
