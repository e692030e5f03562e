"""Chances of saying one class where another is right, by person, and what follows for an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotate.consensus.estimate import Answers, Floats, Ints, normalised

if TYPE_CHECKING:
    from scipy.sparse import csr_array


_LEAST = 1e-300


def expected(said: csr_array, posterior: Floats, p: int) -> Floats:
    """(p, k, k) how often each person said the column where the row is right, in expectation.

    said: (n, p * k), see `Answers.said`. posterior: (n, k).
    """
    k = posterior.shape[1]
    counts: Floats = np.asarray(said.T @ posterior)
    return counts.reshape(p, k, k).transpose(0, 2, 1)


def shrunk(counts: Floats, towards: Floats, strength: float) -> Floats:
    """Rows of (..., k, k) that sum to 1: the counts, and `strength` answers like `towards`.

    towards: rows that sum to 1. strength: above 0.

    >>> shrunk(np.array([[[8.0, 0.0], [0.0, 0.0]]]), np.array([[0.5, 0.5], [0.5, 0.5]]), 2.0)
    array([[[0.9, 0.1],
            [0.5, 0.5]]])
    """
    raised = counts + strength * towards
    result: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return result


def heard(said: csr_array, confusion: Floats, prior: Floats) -> Floats:
    """(n, k) chances once people were heard. confusion: (p, k, k). prior: (k,) of every item, or
    (n, k) of each, above 0."""
    k = confusion.shape[1]
    by_answer = np.log(confusion).transpose(0, 2, 1).reshape(-1, k)
    return normalised(np.log(prior) + np.asarray(said @ by_answer))


def without_own(
    answers: Answers, posterior: Floats, confusion: Floats, known: Ints | None = None
) -> Floats:
    """(m, k) for each answer what is believed of its item when the answer itself is left out.

    known: (n,), classes that are certain whatever anybody said, -1 elsewhere.
    """
    own = confusion[answers.people, :, answers.labels]
    logs = np.log(np.maximum(posterior, _LEAST))[answers.items] - np.log(own)
    return clamped(normalised(logs), None if known is None else known[answers.items])


def clamped(posterior: Floats, known: Ints | None) -> Floats:
    """The chances, with certainty where the class is known: (n, k). known: (n,), -1 elsewhere.

    >>> clamped(np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([-1, 1]))
    array([[0.5, 0.5],
           [0. , 1. ]])
    """
    if known is None:
        return posterior
    certain = np.eye(posterior.shape[1])[np.maximum(known, 0)]
    return np.where((known >= 0)[:, None], certain, posterior)


def belief(k: int, accuracy: float) -> Floats:
    """(k, k) right with this chance, any other class equally likely.

    >>> belief(3, 0.8)
    array([[0.8, 0.1, 0.1],
           [0.1, 0.8, 0.1],
           [0.1, 0.1, 0.8]])
    """
    wrong = np.full((k, k), (1 - accuracy) / (k - 1))
    np.fill_diagonal(wrong, accuracy)
    return wrong


def class_shares(posterior: Floats, known: NDArray[np.bool_]) -> Floats:
    """(k,) how frequent the classes are among the items that are known, one more of each kind."""
    shares: Floats = (known @ posterior + 1) / (known.sum() + posterior.shape[1])
    return shares


def where_heard(shares: Floats, known: NDArray[np.bool_]) -> Floats:
    """(n, k) the shares (k,) of the classes for items that are known, and 1/k each for others."""
    return np.where(known[:, None], shares, 1 / len(shares))
