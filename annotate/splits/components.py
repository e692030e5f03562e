"""What hangs together, as labels: arrays in, arrays out."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Labels: TypeAlias = NDArray[np.int32]
"""(n,): rows with the same label are together; labels are 0, 1, 2, ... without a gap."""

Edges: TypeAlias = NDArray[np.intp]
"""(m, 2): pairs of rows that belong together."""


def alone(rows: int) -> Labels:
    """Every row by itself."""
    return np.arange(rows, dtype=np.int32)


def components(labels: Labels, edges: Edges) -> Labels:
    """The labels when the rows of each edge are together too, numbered by first row."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    count = int(labels.max()) + 1 if len(labels) else 0
    left, right = labels[edges[:, 0]], labels[edges[:, 1]]
    graph = coo_matrix((np.ones(len(left), dtype=np.bool_), (left, right)), shape=(count, count))
    _, merged = connected_components(graph, directed=False)
    return by_first(merged[labels])


def by_first(labels: NDArray[np.integer]) -> Labels:
    """The same groups, numbered in the order in which they first appear.

    >>> by_first(np.array([7, 2, 7, 5])).tolist()
    [0, 1, 0, 2]
    """
    _, first, code = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return rank[code]


def first_rows(labels: Labels) -> NDArray[np.intp]:
    """(groups,): the first row of each group."""
    return np.unique(labels, return_index=True)[1]


def with_the_same(labels: Labels, values: NDArray[np.uint64]) -> Labels:
    """The labels when rows of one value are together too; 0 is no value.

    >>> with_the_same(alone(4), np.array([5, 0, 5, 0], dtype=np.uint64)).tolist()
    [0, 1, 0, 2]
    """
    rows = np.flatnonzero(values)
    _, first, code = np.unique(values[rows], return_index=True, return_inverse=True)
    return components(labels, np.stack([rows[first[code]], rows], axis=1))
