"""Agreement on stretches of text: F1 of exact and of overlapping spans, and labels of tokens."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.bootstrap import Floats, Statistic

Span: TypeAlias = tuple[int, int, str]
"""(start, end, label); offsets in characters, the end not included."""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|[^\w\s]")


def exact(one: Collection[Span], other: Collection[Span]) -> tuple[int, int]:
    """(matched, marked): spans of either that the other has exactly alike, of all spans of both.

    F1 is matched over marked (Hripcsak and Rothschild 2005).

    >>> exact([(0, 3, "a"), (5, 9, "b")], [(0, 3, "a"), (5, 8, "b")])
    (2, 4)
    """
    return 2 * len(set(one) & set(other)), len(one) + len(other)


def partial(one: Collection[Span], other: Collection[Span]) -> tuple[int, int]:
    """As `exact`; a span of the same label that shares a character is enough.

    >>> partial([(0, 3, "a"), (5, 9, "b")], [(0, 3, "a"), (5, 8, "b"), (9, 12, "b")])
    (4, 5)
    """
    return _met(one, other) + _met(other, one), len(one) + len(other)


def _met(these: Collection[Span], those: Collection[Span]) -> int:
    return sum(
        any(label == name and start < to and begin < end for begin, to, name in those)
        for start, end, label in these
    )


def ratio(above: NDArray[Any], below: NDArray[Any]) -> Statistic:
    """The sum of `above` (p,) over the sum of `below` (p,)."""

    def statistic(weights: Floats) -> Floats:
        total = weights @ below
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(total > 0, (weights @ above) / total, np.nan)

    return statistic


def tokens(text: str) -> list[tuple[int, int]]:
    """(start, end) of words, of single signs, and of single characters of scripts without blanks.

    >>> tokens("It's 3.5 米")
    [(0, 2), (2, 3), (3, 4), (5, 6), (6, 7), (7, 8), (9, 10)]
    """
    return [found.span() for found in _TOKEN.finditer(text)]


def words(text: str) -> list[str]:
    """The tokens themselves.

    >>> words("It's 米")
    ['It', "'", 's', '米']
    """
    return _TOKEN.findall(text)


def token_labels(
    text_tokens: Sequence[tuple[int, int]], spans: Collection[Span]
) -> list[tuple[str, ...]]:
    """What each token is marked as: its labels in order, () for none.

    >>> token_labels([(0, 2), (3, 5)], [(3, 4, "b"), (0, 5, "a")])
    [('a',), ('a', 'b')]
    """
    return [
        tuple(sorted({name for begin, to, name in spans if begin < end and start < to}))
        for start, end in text_tokens
    ]
