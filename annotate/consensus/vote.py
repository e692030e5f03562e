"""Votes counted: everybody's answer weighs the same."""

from __future__ import annotations

import numpy as np

from annotate.consensus.confusions import clamped, expected, shrunk
from annotate.consensus.estimate import Answers, Estimate, Floats, Ints
from annotate.consensus.trust import quality_of


def voted(
    items: Ints,
    people: Ints,
    labels: Ints,
    k: int,
    *,
    n: int = -1,
    p: int = -1,
    known: Ints | None = None,
) -> Estimate:
    """The vote, and how often each person is with the others who answered the same items.

    known: (n,), classes that are certain, -1 elsewhere.
    """
    answers = Answers(items, people, labels, k, n, p)
    posterior = clamped(shares_of(answers), known)
    others = counted(answers)[answers.items]
    others[np.arange(len(answers)), answers.labels] -= 1
    seen = clamped(_shares(others), None if known is None else known[answers.items])
    prior = np.full_like(posterior, 1 / k)
    flat = np.full((k, k), 1 / k)
    confusion = shrunk(expected(answers.said(), posterior, answers.p), flat, 1.0)
    return Estimate(posterior, quality_of(answers, seen, confusion), prior)


def shares_of(answers: Answers) -> Floats:
    """(n, k) share of the answers that each class got; 1/k each where nobody has answered.

    >>> items, people, labels = np.array([[0, 0, 0], [0, 1, 2], [0, 1, 0]])
    >>> shares_of(Answers(items, people, labels, 2, 2)).round(2)
    array([[0.67, 0.33],
           [0.5 , 0.5 ]])
    """
    return _shares(counted(answers))


def counted(answers: Answers) -> Floats:
    """(n, k) how many people gave each class to each item."""
    n, k = answers.n, answers.k
    counts = np.bincount(answers.items * k + answers.labels, minlength=n * k)
    return counts.reshape(n, k).astype(np.float64)


def _shares(counts: Floats) -> Floats:
    total = counts.sum(axis=1, keepdims=True)
    shares: Floats = np.where(total > 0, counts / np.maximum(total, 1), 1 / counts.shape[1])
    return shares
