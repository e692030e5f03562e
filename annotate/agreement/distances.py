"""How far apart two classes are, for Krippendorff's alpha, and how near, for weighted measures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.bootstrap import Floats

Distance: TypeAlias = Floats | Literal["ordinal"]
"""(k, k), symmetric, 0 on the diagonal; `ordinal` is made from how often each class is used."""

Weighting: TypeAlias = Literal["none", "linear", "quadratic", "ordinal"]


def nominal(k: int) -> Floats:
    """(k, k): 1 between any two classes."""
    return 1.0 - np.eye(k)


def interval(values: NDArray[Any]) -> Floats:
    """(k, k) squared differences of the values (k,): Krippendorff's interval metric."""
    return np.asarray(np.subtract.outer(values, values) ** 2, dtype=float)


def ratio(values: NDArray[Any]) -> Floats:
    """(k, k), 0..1: squared differences over squared sums, Krippendorff's ratio metric.

    values: (k,), not negative.
    """
    total = np.add.outer(values, values)
    return np.asarray((np.subtract.outer(values, values) / np.where(total == 0, 1, total)) ** 2)


def masi(members: NDArray[np.bool_]) -> Floats:
    """(k, k), 0..1, between sets (Passonneau 2006): 1 - Jaccard's index times 1 for the same sets,
    2/3 where one holds the other, 1/3 where they share some, 0 where they share none.

    members: (k, l), which of l labels each of k sets has. Two empty sets are the same.
    """
    sets = members.astype(float)
    shared = sets @ sets.T
    sizes = sets.sum(axis=1)
    union = sizes[:, None] + sizes[None, :] - shared
    jaccard = np.where(union > 0, shared / np.maximum(union, 1), 1.0)
    nested = shared == np.minimum.outer(sizes, sizes)
    same = (shared == sizes[:, None]) & (shared == sizes[None, :])
    monotone = np.where(same, 1.0, np.where(nested & (shared > 0), 2 / 3, 1 / 3))
    return np.asarray(1 - jaccard * monotone)


def weights(k: int, weighting: Weighting) -> Floats:
    """(k, k) closeness of ordered classes, 1 for the same .. 0 for the ends.

    ordinal: by how many pairs of classes lie between (Gwet 2014, section 3.5).
    """
    return np.eye(k) if weighting == "none" or k < 2 else _WEIGHTS[weighting](k)


def _linear(k: int) -> Floats:
    return np.asarray(1 - _steps(k) / (k - 1))


def _quadratic(k: int) -> Floats:
    return np.asarray(1 - (_steps(k) / (k - 1)) ** 2)


def _ordinal(k: int) -> Floats:
    between = _steps(k) * (_steps(k) + 1) / 2
    return np.asarray(1 - between / between.max())


def _steps(k: int) -> Floats:
    return np.abs(np.subtract.outer(np.arange(k), np.arange(k))).astype(float)


_WEIGHTS: dict[str, Callable[[int], Floats]] = {
    "linear": _linear,
    "quadratic": _quadratic,
    "ordinal": _ordinal,
}
