"""How far two texts are apart: what has to be changed in one to make it the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST = 10_000
"""Characters of the longer text beyond which words are compared: two texts of this length that have
nothing in common take about a second."""

Units = NDArray[np.uint32]


def edit_share(a: str, b: str) -> float:
    """Levenshtein's distance over the length of the longer text: 0 the same .. 1 nothing in common.

    In characters (code points); in words where a text has more than `LONGEST` characters.

    >>> edit_share("kitten", "sitting"), edit_share("标", "标"), edit_share("", "ab")
    (0.42857142857142855, 0.0, 1.0)
    """
    if a == b:
        return 0.0
    long = max(len(a), len(b)) > LONGEST
    one, other = _words(a, b) if long else (_characters(a), _characters(b))
    return edits(one, other) / max(len(one), len(other), 1)


def edits(one: Units, other: Units) -> int:
    """Fewest insertions, deletions and replacements that make `other` of `one`.

    one: (n,), other: (m,). Time grows with the product of the lengths of the parts that differ.
    """
    one, other = _apart(one, other)
    one, other = _apart(one[::-1], other[::-1])
    if len(one) > len(other):
        one, other = other, one
    return _bits(other.tolist(), one.tolist()) if len(one) else len(other)


def _bits(pattern: Sequence[int], text: Sequence[int]) -> int:
    """A whole column of the table in two numbers: bit i tells whether its cell i is one more, or
    one less, than the cell above (Myers 1999, as Hyyrö 2003 has it for the whole distance)."""
    places: dict[int, int] = {}
    for at, unit in enumerate(pattern):
        places[unit] = places.get(unit, 0) | 1 << at
    every, last = (1 << len(pattern)) - 1, 1 << (len(pattern) - 1)
    more, less, distance = every, 0, len(pattern)
    for unit in text:
        equal = places.get(unit, 0)
        down = equal | less
        equal |= ((equal & more) + more) ^ more
        up, fallen = less | ~(equal | more), more & equal
        distance += bool(up & last) - bool(fallen & last)
        up, fallen = up << 1 | 1, fallen << 1
        more, less = (fallen | ~(down | up)) & every, up & down & every
    return distance


def _characters(text: str) -> Units:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _words(a: str, b: str) -> tuple[Units, Units]:
    """Both texts as numbers of their words."""
    words = [a.split(), b.split()]
    number = {word: at for at, word in enumerate(dict.fromkeys(words[0] + words[1]))}
    one, other = (np.array([number[word] for word in each], dtype=np.uint32) for each in words)
    return one, other


def _apart(one: Units, other: Units) -> tuple[Units, Units]:
    """Both without the beginning that they share."""
    length = min(len(one), len(other))
    differs = np.flatnonzero(one[:length] != other[:length])
    same = int(differs[0]) if differs.size else length
    return one[same:], other[same:]
