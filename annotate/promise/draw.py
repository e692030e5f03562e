"""The frozen order, and the draw that is made after it: both can be computed again by anyone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from annotate.hashing import digest
from annotate.model import PromiseItem
from annotate.store.rows import to_json
from routing import draws
from routing.types import Keys

_TIES = 2
"""Stream of the seed that settles ties; routing uses 0 and 1."""


def order(scores: Sequence[float], item_ids: Sequence[str], *, seed: int) -> NDArray[np.int64]:
    """(n,) positions in `scores`, lowest first; equal scores in an order by each item's own draw.

    scores, item_ids: n each, ids of 32 hexadecimal digits.

    >>> order([0.5, 0.1, 0.9], ["00" * 16, "11" * 16, "22" * 16], seed=0)
    array([1, 0, 2])
    """
    ties = draws.uniform(_keys(item_ids), seed=seed, stream=_TIES)
    placed: NDArray[np.int64] = np.lexsort((ties, np.array(scores, dtype=np.float64)))
    return placed


def fingerprint(items: Iterable[PromiseItem]) -> str:
    """Digest of the frozen labels and their order, and of which items were people's already.

    When an item was drawn is no part of it: the draw comes after the freeze.
    """
    hashed = hashlib.blake2b(digest_size=16)
    for item in sorted(items, key=_by_place):
        line = to_json([item.item_id, item.place, item.label, item.score])
        hashed.update(f"{line}\n".encode())
    return hashed.hexdigest()


def draw(item_ids: Sequence[str], count: int, *, seed: str, frozen: str) -> NDArray[np.int64]:
    """(count,) positions of items, uniformly by chance, without replacement, in the order drawn.

    Each item gets a number from its id, the seed and the digest of the freeze; the lowest are
    drawn. With the freeze in it, no seed can be chosen before the labels and their order are.
    """
    numbers = _uniform(item_ids, "draw", seed, frozen)
    return np.argsort(numbers, kind="stable")[:count]


def chances(item_ids: Sequence[str], *, seed: str) -> NDArray[np.float64]:
    """(n,): a number for each item, 0 <= u < 1, that has nothing to do with the draw."""
    return _uniform(item_ids, "queue", seed)


def _uniform(item_ids: Sequence[str], *words: str) -> NDArray[np.float64]:
    return draws.uniform(_keys(item_ids), seed=int(digest("promise", *words, size=8), 16))


def _by_place(item: PromiseItem) -> tuple[bool, int, str]:
    return item.place is None, item.place or 0, item.item_id


def _keys(item_ids: Sequence[str]) -> Keys:
    return np.array([int(item_id[:16], 16) for item_id in item_ids], dtype=np.uint64)
