"""The fewest human labels with which a promise about the rest is expected to hold.

`routing.certificate` makes the promise, after the audit and without believing any risk. This policy
plans for it: how many items people should label before the freeze, how many of the others the audit
draws, and where its cut will probably lie. Wrong risks make the plan dear; they never break the
promise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from scipy.special import bdtr

from routing.audit import audit_size
from routing.certificate import critical_value
from routing.choice import Floats, highest
from routing.policies.protocol import (
    POLICIES,
    UNKNOWN,
    Situation,
    check_arguments,
    check_share,
    risks,
)
from routing.types import Draws, Mask, Scores, Verdicts

STEPS: Final = 50  # numbers of items that are tried, between none and all
_ROUNDING: Final = 1e-9  # 0.29 * 100 is a bit less than 29
_MIDDLE: Final = 2 / 3  # the (c+1)-th of rare events is as likely before as after c + 2/3 expected


@dataclass(frozen=True, slots=True)
class Plan:
    """How many items go where. size is all of them; with people: fixed, or without a score.

    annotate: of the others, the riskiest, who go to people before the freeze.
    audit: of the rest, drawn by chance, labelled blind after the freeze.
    critical: errors that the audit may find before the cut.
    chance: that it finds no more than these at all, so that the cut is the end: 0..1.
    model: items that are expected to keep the model's label: before the cut and not drawn.
    When nothing worth it can be certified: annotate is everything, audit 0, critical None, chance
    0, model 0.
    """

    size: int
    with_people: int
    annotate: int
    audit: int
    critical: int | None
    chance: float
    model: float

    @property
    def human_share(self) -> float:
        """Share of all items that people are expected to label, audit and all: 0..1."""
        return 1 - self.model / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """At most `tolerance` of all labels wrong, with chance 1 - alpha, for the fewest human labels.

    tolerance: 0..1, share of all n items that may stay wrong.
    alpha: between 0 and 1, chance that the promise fails.
    learn: 0..1, share of all items that people label before the freeze at least, the riskiest
        first. They teach the model, which the plan cannot foresee, and most would have lain beyond
        the cut that `routing.certificate.certify` finds later. docs/router.md has the figures.

    Of `STEPS` numbers of items to label before, from `learn` on, the one is taken that leads to the
    fewest labels in all, if the risks are right. If it would leave the model no more items than may
    be wrong, that is no promise worth making, and everything goes to people.

    The audit is of a fixed number, drawn by column 1 of the draws. For the certificate the
    population are the items that are accepted or audited, in the order of their risks, and `size`
    is n. Labels and risks must be frozen before, and these draws must be new: give every freeze a
    seed of its own, else the audit may have taught the model.

    >>> risk = np.repeat([0.4, 0.01], [300, 700])
    >>> nobody_yet = np.zeros(1000, dtype=bool)
    >>> plan = Promise(tolerance=0.05).plan(risk, nobody_yet)
    >>> plan.annotate, plan.audit, plan.critical, round(plan.human_share, 3)
    (200, 258, 14, 0.461)
    >>> Promise(tolerance=0.001).plan(risk, nobody_yet).human_share
    1.0
    """

    name: ClassVar[str] = "promise"
    reads: ClassVar[frozenset[str]] = frozenset({"risk"})

    tolerance: float = 0.05
    alpha: float = 0.05
    learn: float = 0.2

    def __post_init__(self) -> None:
        for name in ("tolerance", "alpha", "learn"):
            check_share(name, getattr(self, name))
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha is {self.alpha}, but must be between 0 and 1, such as 0.05")

    def route(
        self, scores: Scores, draws: Draws, fixed: Mask, situation: Situation = UNKNOWN
    ) -> Verdicts:
        """See `Policy.route`."""
        check_arguments(scores, draws, fixed, situation)
        plan = self.plan(scores, fixed, situation)
        risk = risks(scores, situation)
        certain = fixed | np.isnan(risk)
        sent, chance = highest(risk, draws[:, 0], ~certain, plan.annotate, certain)
        rest = np.flatnonzero(~sent)
        audit = np.zeros_like(sent)
        audit[rest[np.argsort(draws[rest, 1], kind="stable")[: plan.audit]]] = True
        rate = plan.audit / max(len(rest), 1)
        return Verdicts(~sent & ~audit, audit, chance + (1 - chance) * rate)

    def plan(self, scores: Scores, fixed: Mask, situation: Situation = UNKNOWN) -> Plan:
        """How many items go where, from what the risks say. Arguments as in `route`."""
        risk = risks(scores, situation)
        safest = np.sort(risk[~(fixed | np.isnan(risk))])
        errors = np.cumsum(safest)
        n, m = len(scores), len(safest)
        best = everyone = Plan(n, n - m, m, 0, None, 0.0, 0.0)
        # Steps of all items, so that a second plan tries the same numbers as the first.
        tried = np.linspace(0, n, STEPS + 1).astype(np.int64)
        tried = tried[tried >= self.learn * n - _ROUNDING] - (n - m)
        for sent in np.unique(np.maximum(tried, 0)).tolist():
            plan = self._plan(n, m, sent, errors[: m - sent])
            if plan is not None and plan.model > best.model:
                best = plan
        return best if best.model > self.tolerance * n else everyone

    def _plan(self, n: int, m: int, sent: int, errors: Floats) -> Plan | None:
        """The plan that sends so many of the m items; None when that leads to no promise.

        errors: (m - sent,), expected among the safest 1, 2, ... of the others.
        """
        rest = m - sent
        drawn = audit_size(rest, self.tolerance, self.alpha, size=n) if rest else 0
        if not drawn:
            return None
        critical = critical_value(rest, drawn, self.tolerance, self.alpha, size=n)
        assert critical is not None  # an audit of that size certifies something
        cut = int(np.searchsorted(errors * (drawn / rest), critical + _MIDDLE))
        chance = float(bdtr(critical, drawn, min(errors[-1] / rest, 1.0)))
        return Plan(n, n - m, sent, drawn, critical, chance, cut * (1 - drawn / rest))


POLICIES.add(Promise.name, Promise)
