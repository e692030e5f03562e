"""What a promise costs: stacker, freeze, audit, certificate; how often it is broken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routing.audit import audit_size
from routing.certificate import certify, too_many
from routing.evidence import Evidence
from routing.replay import Moment, Strategy, learned, moments, most_unsure_first
from routing.types import Labels

LEARN = 0.20  # human share before the freeze; these items would go to people anyway
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """Means over all audits: share of items that people label, share of audits that broke it."""

    human_share: float
    broken: float
    audits: int


def frozen(seen: Evidence, gold: Labels, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The order in which the open items are frozen, and whether the label of each is wrong."""
    last = round(LEARN * len(seen))
    until = Strategy(learned(seen), lambda items: most_unsure_first(min(items, last)), pilot=True)
    end: Moment = list(moments(gold, until, seed=seed, growth=0.0))[-1]
    left = end.human < 0
    return np.argsort(end.scores[left], kind="stable"), (end.labels != gold)[left]


def cost(
    seen: Evidence, gold: Labels, tolerances: tuple[float, ...], *, freezes: int, audits: int
) -> dict[float, Cost]:
    """For each tolerance, over `audits` draws after each of `freezes` freezes."""
    shares: dict[float, list[float]] = {tolerance: [] for tolerance in tolerances}
    broken = dict.fromkeys(tolerances, 0)
    for seed in range(freezes):
        order, wrong = frozen(seen, gold, seed)
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
