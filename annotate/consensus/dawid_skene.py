"""Dawid and Skene's estimator: whose answers to believe is learned from the answers alone."""

from __future__ import annotations

import numpy as np

from annotate.consensus.confusions import (
    clamped,
    class_shares,
    expected,
    heard,
    shrunk,
    where_heard,
    without_own,
)
from annotate.consensus.estimate import Answers, Estimate, Ints
from annotate.consensus.trust import quality_of
from annotate.consensus.vote import shares_of

STEPS = 200
CHANGE = 1e-4
SMOOTHING = 0.1


def dawid_skene(
    items: Ints,
    people: Ints,
    labels: Ints,
    k: int,
    *,
    n: int = -1,
    p: int = -1,
    known: Ints | None = None,
    smoothing: float = SMOOTHING,
    steps: int = STEPS,
) -> Estimate:
    """Expectation maximisation over items' classes and people's confusions, from the vote on.

    A. P. Dawid and A. M. Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM
    Algorithm, Applied Statistics 28 (1979). See `Answers` for the first four and n, p. known: (n,),
    classes that are certain, -1 elsewhere. smoothing: answers that every cell of a confusion is
    believed to hold before the first, above 0. steps: at most; it ends when no chance moves by
    1e-4. Where items are answered by one person each, nothing tells good people from bad ones:
    then this believes everybody.
    """
    answers = Answers(items, people, labels, k, n, p)
    said = answers.said()
    seen = answers.per_item() > 0
    if known is not None:
        seen = seen | (known >= 0)
    flat = np.full((k, k), 1 / k)
    posterior = clamped(shares_of(answers), known)
    confusion = np.repeat(flat[None], answers.p, axis=0)
    shares = np.full(k, 1 / k)
    for _ in range(steps):
        shares = class_shares(posterior, seen)
        confusion = shrunk(expected(said, posterior, answers.p), flat, smoothing * k)
        before, posterior = posterior, clamped(heard(said, confusion, shares), known)
        if np.abs(posterior - before).max(initial=0.0) < CHANGE:
            break
    prior = where_heard(shares, seen)
    posterior = np.where(seen[:, None], posterior, prior)
    others = without_own(answers, posterior, confusion, known)
    return Estimate(posterior, quality_of(answers, others, confusion), prior)
