"""Which items are alike, so that a budget is not spent on asking the same thing again.

Policies take groups, not features, so that alike may mean what one likes: near-duplicates as here,
sentences of one document, answers to one prompt. `routing.choice.spread_out` puts the further items
of a group off; a batch later, when the first ones are answered, they count fully again.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.sparse import coo_array, csr_array, sparray, spmatrix
from scipy.sparse.csgraph import connected_components

from routing.student import Features
from routing.types import Groups

SIMILARITY: Final = 0.9
_BLOCK: Final = 1_000  # rows compared at a time: memory is this times n


def near_duplicates(
    features: Features | sparray | spmatrix, *, similarity: float = SIMILARITY
) -> Groups:
    """A number for each item; items that are near-duplicates, or linked by some, have the same.

    features: (n, d) dense or sparse, any lengths: compared by cosine. Rows of zeros are like no
    other. similarity: above 0, up to 1. Returns (n,): groups are numbered by their first item, and
    an item that is like no other is -1. ValueError when features is not (n, d), or similarity is
    out of range.

    Every pair is compared, in blocks: 20,000 items of 120 features take a few seconds.

    >>> near_duplicates(np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 0.1], [0.0, 0.0]]))
    array([ 0, -1,  0, -1])
    """
    if len(features.shape) != 2:
        raise ValueError(f"features has shape {features.shape}, but must be (n, d)")
    if not 0 < similarity <= 1:
        raise ValueError(f"similarity is {similarity}, but must be above 0, up to 1")
    rows = _unit(features)
    n = int(rows.shape[0])
    one, other = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for start in range(0, n, _BLOCK):
        block = rows[start : start + _BLOCK]
        alike = block @ rows[start:].T  # each pair once
        found = alike > similarity - _ROUNDING
        left, right = found.nonzero()
        one.append(left + start)
        other.append(right + start)
    a, b = np.concatenate(one), np.concatenate(other)
    links = coo_array((np.ones(len(a), dtype=bool), (a, b)), shape=(n, n))
    _, group = connected_components(links, directed=False)
    return _numbered(group)


_ROUNDING: Final = 1e-6  # of a float32 product of two equal rows


def _unit(features: Features | sparray | spmatrix) -> Features | csr_array:
    """Rows of length 1 as float32, rows of zeros left as they are."""
    if isinstance(features, np.ndarray):
        dense = features.astype(np.float32)
        length = np.linalg.norm(dense, axis=1, keepdims=True)
        return np.divide(dense, length, out=np.zeros_like(dense), where=length > 0)
    sparse = csr_array(features, dtype=np.float32)
    length = np.sqrt(np.asarray(sparse.multiply(sparse).sum(axis=1)).ravel())
    inverse = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return csr_array(sparse.multiply(inverse[:, None]))


def _numbered(group: Groups) -> Groups:
    """The number of each group's first item; -1 for a group of one."""
    _, first, index, size = np.unique(
        group, return_index=True, return_inverse=True, return_counts=True
    )
    return np.where(size[index] > 1, first[index], -1)
