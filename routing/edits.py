"""How far two texts are apart, in single characters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def edit_share(a: str, b: str) -> float:
    """Levenshtein's distance over the length of the longer text: 0 the same .. 1 nothing in common.

    >>> edit_share("kitten", "sitting"), edit_share("标", "标"), edit_share("", "ab")
    (0.42857142857142855, 0.0, 1.0)
    """
    longer = max(len(a), len(b))
    return edits(a, b) / longer if longer else 0.0


def edits(a: str, b: str) -> int:
    """Fewest insertions, deletions and replacements of characters that make `b` of `a`.

    Time grows with the product of the lengths of the parts that differ.
    """
    one, other = _code_points(a), _code_points(b)
    one, other = _apart(one, other)
    one, other = (r[::-1] for r in _apart(one[::-1], other[::-1]))
    if len(one) > len(other):
        one, other = other, one
    ahead = np.arange(len(other) + 1)
    row = ahead.copy()
    for at, char in enumerate(one, 1):
        changed = np.minimum(row[1:] + 1, row[:-1] + (other != char))
        row = np.concatenate(([at], changed))
        # an insertion adds 1 to the place before: the least of all places before, 1 for each step
        row = np.minimum.accumulate(row - ahead) + ahead
    return int(row[-1])


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _apart(
    one: NDArray[np.uint32], other: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Both without the beginning that they share."""
    length = min(len(one), len(other))
    differs = np.flatnonzero(one[:length] != other[:length])
    same = int(differs[0]) if differs.size else length
    return one[same:], other[same:]
