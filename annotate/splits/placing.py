"""Which split each row comes to, and what is not where its own hash would have put it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.splits.components import Labels, alone, first_rows, with_the_same
from annotate.splits.near import Signatures, near_duplicates
from annotate.splits.plan import Codes, SplitPlan

Draws = NDArray[np.uint64]
"""(n,): hashes; spread evenly over all 64-bit numbers."""

KEPT_BY = "has the same {names} as an item that came before it"
KEPT_NEAR = "has nearly the text of an item that came before it"
KEPT_WITH = "is kept together with one of these"


@dataclass(frozen=True, slots=True)
class Rows:
    """What placing needs to know of n items, in the order in which they came in.

    draws: of the key that each is placed by. values: a hash for each name of `plan.by`, 0 where
    an item has no such value. signed: signatures of the texts; None: near duplicates do not matter.
    barred: why -> the rows that must not be tested on.
    """

    draws: Draws
    values: tuple[Draws, ...]
    signed: Signatures | None
    barred: Mapping[str, NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class Placed:
    """code: (n,), a place in `plan.shares`. groups: how many. moved: why -> which rows."""

    code: Codes
    groups: int
    moved: Mapping[str, NDArray[np.intp]]


def draw_of(*parts: str) -> int:
    """1..2^64 - 1: a hash of these texts, the same everywhere.

    >>> draw_of("0", "a") == draw_of("0", "a") != draw_of("1", "a")
    True
    """
    joined = "\0".join(parts).encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(joined, digest_size=8).digest()) or 1


def place(plan: SplitPlan, rows: Rows) -> Placed:
    """Each group goes where the draw of its first row says; a barred row takes its group along
    to the first split.

    The first row of a group stays the first one, whatever comes in behind it: a group moves only
    when a new item ties it to an older group, which would leak otherwise.
    """
    own = split_of(plan, rows.draws)
    by = alone(len(own))
    for values in rows.values:
        by = with_the_same(by, values)
    together = by if rows.signed is None else near_duplicates(rows.signed, plan.similarity, by)
    tied, free = _of_first(own, by), _of_first(own, together)
    closed = np.zeros(int(together.max()) + 1 if len(together) else 0, dtype=np.bool_)
    for barred in rows.barred.values():
        closed[together[barred]] = True
    code = np.where(closed[together], np.int16(0), free)
    moved = _moved(plan, rows, (own, tied, free), closed[together])
    return Placed(code, len(closed), moved)


def split_of(plan: SplitPlan, draws: Draws) -> Codes:
    """(n,): the place in `plan.shares` of each draw.

    >>> split_of(SplitPlan(), np.array([0, 2**64 - 1], dtype=np.uint64)).tolist()
    [0, 1]
    """
    ends = np.cumsum([share for _, share in plan.shares])[:-1]
    return np.searchsorted(ends, draws / 2.0**64, side="right").astype(np.int16)


def _of_first(code: Codes, labels: Labels) -> Codes:
    return code[first_rows(labels)][labels]


def _moved(
    plan: SplitPlan, rows: Rows, codes: tuple[Codes, Codes, Codes], closed: NDArray[np.bool_]
) -> Mapping[str, NDArray[np.intp]]:
    """Why -> rows, each row once. codes: by its own draw, its group by value, its whole group."""
    own, tied, free = codes
    left = np.where(closed, own != 0, True)
    found: dict[str, NDArray[np.intp]] = {}
    for why, barred in rows.barred.items():
        mine = np.zeros(len(own), dtype=np.bool_)
        mine[barred] = True
        found[why] = np.flatnonzero(mine & left & (own != 0))
        left &= ~mine
    names = " or ".join(plan.by)
    found[KEPT_WITH] = np.flatnonzero(left & closed)
    found[KEPT_BY.format(names=names)] = np.flatnonzero(left & ~closed & (own != tied))
    found[KEPT_NEAR] = np.flatnonzero(left & ~closed & (own == tied) & (tied != free))
    return {why: which for why, which in found.items() if len(which)}
