"""Which items train and which test, so that nothing of the test was seen in training."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError

Codes: TypeAlias = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How to split. shares: name -> share > 0, in order, summing to 1; the first takes whatever
    must not be tested on.

    by: names of fields or metadata that keep items together (a source, a prompt). near_duplicates:
    texts whose word shingles have a Jaccard similarity of at least `similarity` (0..1) stay
    together. seed: of the hash that places a group.

    Raises AnnotateError for shares or a similarity that mean nothing.
    """

    shares: tuple[tuple[str, float], ...] = (("train", 0.9), ("test", 0.1))
    by: tuple[str, ...] = ()
    near_duplicates: bool = True
    similarity: float = 0.8
    seed: str = "0"

    def __post_init__(self) -> None:
        for wrong in _wrong(self):
            raise AnnotateError(wrong)

    @classmethod
    def read(cls, shares: str, **rest: object) -> SplitPlan:
        """Of shares as people write them. Raises AnnotateError.

        >>> SplitPlan.read("train=0.8, dev=0.1, test=0.1").shares
        (('train', 0.8), ('dev', 0.1), ('test', 0.1))
        """
        return cls(shares=shares_of(shares), **rest)  # type: ignore[arg-type]


def shares_of(text: str) -> tuple[tuple[str, float], ...]:
    """(name, share) of each split, as people write them. Raises AnnotateError for what is no share;
    whether they add up is the plan's to say."""
    return tuple(_share(part) for part in text.split(","))


def _share(part: str) -> tuple[str, float]:
    name, _, number = part.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError:
        raise AnnotateError(
            f"{part.strip()!r} is no share of a split: write NAME=SHARE, as in train=0.9,test=0.1"
        ) from None


NAME = re.compile(r"\w+(\.\w+)*", re.ASCII)
"""What `datasets` takes as a split's name."""


def _wrong(plan: SplitPlan) -> Iterable[str]:
    names = [name for name, _ in plan.shares]
    for name in names:
        if not NAME.fullmatch(name):
            yield f"{name!r} is no name for a split: use letters, digits and _"
        if names.count(name) > 1:
            yield f"two splits are called {name!r}: give each a name of its own"
    shares = [share for _, share in plan.shares]
    if not all(0 < share <= 1 for share in shares) or not math.isclose(sum(shares), 1):
        told = ", ".join(f"{name}={share:g}" for name, share in plan.shares)
        yield (
            f"the shares {told or 'of no split'} must be over 0 and sum to 1: "
            "write for example train=0.9,test=0.1"
        )
    if not 0.1 <= plan.similarity <= 1:
        yield f"a similarity of {plan.similarity:g} is not between 0.1 and 1: 0.8 is usual"


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
