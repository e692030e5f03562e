"""What people's answers over classes are, and what an estimator makes of them: numbers alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

NO_LABEL: Final = -1
_EQUAL: Final = 1e-9  # chances closer than this are equal


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Who said what about which item: m answers, over k classes.

    items: (m,), 0..n-1. people: (m,), 0..p-1. labels: (m,), 0..k-1. n, p: how many items and people
    there are, also those without an answer; as many as are named unless given. k is at least 2.
    ValueError when the shapes differ or a number is out of its range.
    """

    items: Ints
    people: Ints
    labels: Ints
    k: int
    n: int = -1
    p: int = -1

    def __post_init__(self) -> None:
        shapes = {self.items.shape, self.people.shape, self.labels.shape}
        if len(shapes) != 1 or self.items.ndim != 1 or self.k < 2:
            raise ValueError(
                f"items {self.items.shape}, people {self.people.shape} and labels "
                f"{self.labels.shape} must share one shape (m,), over at least 2 classes ({self.k})"
            )
        for name, values, size in (("n", self.items, self.n), ("p", self.people, self.p)):
            if size < 0:
                object.__setattr__(self, name, int(values.max(initial=-1)) + 1)
        parts = (("items", self.n), ("people", self.p), ("labels", self.k))
        for name, size in parts:
            values = getattr(self, name)
            if len(values) and not 0 <= values.min() <= values.max() < size:
                raise ValueError(
                    f"{name} holds {values.min()}..{values.max()}, but must lie in 0..{size - 1}"
                )

    def __len__(self) -> int:
        return len(self.items)

    def per_item(self) -> Ints:
        """(n,) answers to each item."""
        return np.bincount(self.items, minlength=self.n).astype(np.int64)

    def said(self) -> csr_array:
        """(n, p * k) how often each person gave an item each label: column person * k + label."""
        from scipy.sparse import csr_array

        cells = self.items, self.people * self.k + self.labels
        return csr_array((np.ones(len(self)), cells), shape=(self.n, self.p * self.k))

    def only(self, kept: NDArray[np.bool_]) -> Answers:
        """Some of the answers, (m,); items and people keep their numbers."""
        return Answers(
            self.items[kept], self.people[kept], self.labels[kept], self.k, self.n, self.p
        )


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """How good each of p people is.

    answers: (p,). accuracy, low, high: (p,), 0..1, the chance that a further answer is right and
    the interval that holds it with 95 %; all three are of no one's own making: an answer is judged
    by what others say of the item. confusion: (p, k, k), chance that a person says the column where
    the row is right; rows sum to 1.
    """

    answers: Ints
    accuracy: Floats
    low: Floats
    high: Floats
    confusion: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """posterior: (n, k), rows sum to 1; 1/k each where nothing is known. quality: of the people.

    prior: (n, k), what was believed of each item before people were heard.
    """

    posterior: Floats
    quality: Quality
    prior: Floats = field(repr=False)
    label: Ints = field(init=False)
    """(n,) the most probable class; -1 where several are equally probable."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", most_probable(self.posterior))


def most_probable(chances: NDArray[Any]) -> Ints:
    """(n, k) -> (n,): the class with the largest chance, -1 where another has the same.

    >>> most_probable(np.array([[0.2, 0.8], [0.5, 0.5]]))
    array([ 1, -1])
    """
    if not len(chances):
        return np.zeros(0, dtype=np.int64)
    ordered = np.partition(chances, -2, axis=1)
    tied = ordered[:, -1] - ordered[:, -2] < _EQUAL
    return np.where(tied, NO_LABEL, chances.argmax(axis=1)).astype(np.int64)


def normalised(logs: Floats) -> Floats:
    """Chances from their logarithms, up to a constant by row: (n, k) -> (n, k)."""
    most = logs[:, 0].copy()
    for label in range(1, logs.shape[1]):  # by column: over rows this short, max and sum are slow
        np.maximum(most, logs[:, label], out=most)
    chances = np.exp(logs - most[:, None])
    chances /= (chances @ np.ones(logs.shape[1]))[:, None]
    return chances
