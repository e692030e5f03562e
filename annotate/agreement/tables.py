"""Answers in long form -> tables of counts, which the measures take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.bootstrap import Floats, Ints


def counts(items: NDArray[Any], labels: NDArray[Any], n: int, k: int) -> Ints:
    """(n, k): how many answers put item i into class c.

    items: (m,) 0..n-1. labels: (m,) 0..k-1, or -1 for an answer that does not count.
    """
    items, labels = items[labels >= 0].astype(np.int64), labels[labels >= 0]
    return np.bincount(items * k + labels, minlength=n * k).reshape(n, k)


def pairs_of_raters(
    items: NDArray[Any], raters: NDArray[Any], labels: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """(item, rater, rater, label, label), each (q,): every two answers to one item once, the lower
    rater first.

    items, raters, labels: (m,), one answer each. A rater answers an item once.
    """
    order = np.lexsort((raters, items))
    items, raters, labels = items[order], raters[order], labels[order]
    found = []
    for step in range(1, len(items)):
        same = np.flatnonzero(items[step:] == items[:-step])
        if not len(same):
            break
        found.append((same, same + step))
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none, none, none
    one = np.concatenate([a for a, _ in found])
    other = np.concatenate([b for _, b in found])
    return items[one], raters[one], raters[other], labels[one], labels[other]


def one_against_rest(table: NDArray[Any], members: NDArray[np.bool_]) -> Ints:
    """(n, 2): answers that are among `members` (k,), and the others."""
    inside = table @ members.astype(np.int64)
    return np.column_stack([inside, table.sum(axis=1) - inside])


def shares(table: NDArray[Any]) -> Floats:
    """(n, k) -> (n, k): each row as shares of its sum; a row without answers stays 0."""
    total = table.sum(axis=1, keepdims=True)
    return np.asarray(table / np.maximum(total, 1), dtype=float)


def only_class(table: NDArray[Any], names: Sequence[str] | None) -> str | None:
    """The name of the one class that all answers of (n, k) counts are of; None where there are
    several, or none."""
    used = np.flatnonzero(table.sum(axis=0))
    if len(used) != 1:
        return None
    return names[int(used[0])] if names else str(int(used[0]))


NO_PAIRS = "no item has two answers"
NO_BOTH = "no item has an answer of both"


def why_not(measure: str, table: NDArray[Any], names: Sequence[str] | None) -> str:
    """Why chance-corrected agreement within (n, k) counts is undefined, should it be.

    >>> why_not("kappa", np.array([[0, 2], [0, 3]]), ["spam", "ham"])
    "every answer is 'ham': chance agreement is 1, so kappa is not defined"
    """
    paired = table[table.sum(axis=1) >= 2]
    if not len(paired):
        return NO_PAIRS
    return _why(measure, paired, names)


def why_not_across(
    measure: str, one: NDArray[Any], other: NDArray[Any], names: Sequence[str] | None
) -> str:
    """As `why_not`, of agreement between two groups. one, other: (n, k) counts."""
    both = (one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)
    if not both.any():
        return NO_BOTH
    return _why(measure, one[both] + other[both], names)


def _why(measure: str, table: NDArray[Any], names: Sequence[str] | None) -> str:
    name = only_class(table, names)
    if name is None:
        return f"the answers leave no room for chance, so {measure} is not defined"
    return f"every answer is {name!r}: chance agreement is 1, so {measure} is not defined"
