"""Who is asked next: one person each, or a second and third only where it is worth it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from annotate.consensus.estimate import Floats, Ints
from annotate.consensus.joint import joint
from routing.evidence import Evidence
from tests.bench.consensus.crowds import ASIDE, Crowd, Part, parted

ITEMS, SEED_ITEMS, BATCH, AT_HAND = 600, 40, 20, 4
LOW = 0.7
Eligible = Callable[[Ints, Ints, Ints, Floats], NDArray[np.bool_]]


def overlap(counts: Ints, first: Ints, machine: Ints, posterior: Floats) -> NDArray[np.bool_]:
    """A second person where the first differs from the machine, a third where it stays unsure."""
    second = (counts == 1) & (first != machine)
    third = (counts == 2) & (posterior.max(axis=1) < LOW)
    return (counts == 0) | second | third


def once(counts: Ints, first: Ints, machine: Ints, posterior: Floats) -> NDArray[np.bool_]:
    """Everybody another item."""
    return counts == 0


def anywhere(counts: Ints, first: Ints, machine: Ints, posterior: Floats) -> NDArray[np.bool_]:
    """Whatever is least sure, as long as anybody is left to be asked."""
    return counts < AT_HAND


POLICIES: dict[str, Eligible] = {"one each": once, "overlap": overlap, "least sure": anywhere}


def course(crowd: Crowd, eligible: Eligible, shares: list[float], seed: int) -> list[float]:
    """Accuracy once so many labels per item were given, always asking of the least sure first."""
    rng = np.random.default_rng(seed)
    part = parted(crowd, AT_HAND, rng)
    rows = rng.permutation(np.flatnonzero(part.truth != ASIDE))[:ITEMS]
    part = Part(part.who[rows], part.said[rows], part.truth[rows])
    evidence = crowd.evidence(rows=rows)
    counts = np.zeros(len(rows), dtype=np.int64)
    counts[rng.permutation(len(rows))[:SEED_ITEMS]] = 2
    planned, reached = counts.copy(), []
    wanted = [round(share * len(rows)) for share in shares]
    while True:
        posterior, prior = _believe(crowd, part, counts, planned, evidence)
        while wanted and counts.sum() >= wanted[0]:
            reached.append(float((posterior.argmax(axis=1) == part.truth).mean()))
            wanted = wanted[1:]
        if not wanted:
            return reached
        free = np.flatnonzero(eligible(counts, part.said[:, 0], prior.argmax(axis=1), posterior))
        if not len(free):
            free = np.flatnonzero(counts < AT_HAND)
        doubt = 1 - posterior[free].max(axis=1)
        most = min(BATCH, int(wanted[0] - counts.sum()))
        counts[free[np.argsort(-doubt, kind="stable")[:most]]] += 1


def _believe(
    crowd: Crowd, part: Part, counts: Ints, planned: Ints, evidence: Evidence
) -> tuple[Floats, Floats]:
    k, p = crowd.answers.k, crowd.answers.p
    given, nth = part.first(counts), np.nonzero(np.arange(AT_HAND) < counts[:, None])[1]
    asked = nth < np.maximum(planned, 1)[given[0]]
    found = joint(*given, k, evidence, n=len(counts), p=p, planned=asked)
    return found.posterior, found.prior
