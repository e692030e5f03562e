"""What a promise costs: stacker, freeze, audit, certificate; how often it is broken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routing.audit import audit_size
from routing.certificate import certify, too_many
from routing.evidence import Evidence
from routing.stacker import Stacker
from routing.types import Labels
from tests.bench.router.replay import BATCH, pilot, riskiest

LEARN = 0.20  # human share before the freeze; these items would go to people anyway
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """Means over all audits: share of items that people label, share of audits that broke it."""

    human_share: float
    broken: float
    audits: int


def frozen(seen: Evidence, gold: Labels, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The open items, their place in the frozen order and whether their label is wrong."""
    rng = np.random.default_rng(seed)
    stacker, n = Stacker(seen), len(seen)
    human = np.full(n, -1)
    batch = pilot(n, rng)
    while True:
        human[batch] = gold[batch]
        fitted = stacker.fit(human)
        wanted = round(LEARN * n) - int((human >= 0).sum())
        if wanted <= 0:
            break
        batch = riskiest(fitted.risk, human < 0, rng, min(wanted, round(BATCH * n)))
    items = np.flatnonzero(human < 0)
    return items, np.argsort(fitted.risk[items], kind="stable"), (fitted.labels != gold)[items]


def cost(
    seen: Evidence, gold: Labels, tolerances: tuple[float, ...], *, freezes: int, audits: int
) -> dict[float, Cost]:
    """For each tolerance, over `audits` draws after each of `freezes` freezes."""
    shares: dict[float, list[float]] = {tolerance: [] for tolerance in tolerances}
    broken = dict.fromkeys(tolerances, 0)
    for seed in range(freezes):
        _, order, wrong = frozen(seen, gold, seed)
        rng, m, n = np.random.default_rng(10_000 + seed), len(order), len(gold)
        for tolerance in tolerances:
            drawn = audit_size(m, tolerance, ALPHA, size=n)
            for _ in range(audits):
                audited = np.zeros(m, dtype=bool)
                audited[rng.permutation(m)[:drawn]] = True
                promise = certify(order, audited, wrong, tolerance=tolerance, alpha=ALPHA, size=n)
                shares[tolerance].append(promise.human_share)
                broken[tolerance] += int((promise.machine & wrong).sum()) >= too_many(tolerance, n)
    count = freezes * audits
    return {
        tolerance: Cost(float(np.mean(shares[tolerance])), broken[tolerance] / count, count)
        for tolerance in tolerances
    }
