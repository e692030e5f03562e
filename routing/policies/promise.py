"""The fewest human labels with which a promise about the rest is expected to hold.

`routing.certificate` makes the promise, after the audit and without believing any risk. This policy
plans for it: which items people label before the freeze, and how many of the others the audit
draws. Wrong risks make the plan dear or let the certificate cut it short; they never break it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from scipy.special import bdtr

from routing.audit import audit_size
from routing.certificate import critical_value, too_many
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

STEPS: Final = 40  # numbers of items tried before the best is looked for between two of them


@dataclass(frozen=True, slots=True)
class Plan:
    """How many items go where. size is all of them; with people: fixed, or without a score.

    annotate: of the others, the riskiest, who go to people before the freeze.
    audit: of the rest, drawn by chance, labelled blind after the freeze.
    critical: errors the audit may find and the promise still holds for the whole rest.
    chance: that it finds no more than these, if the risks are right: 0..1.
    model: items that then keep the model's label. None of it when nothing can be certified:
    annotate is everything, audit 0, critical None, chance 0, model 0.
    """

    size: int
    with_people: int
    annotate: int
    audit: int
    critical: int | None
    chance: float

    @property
    def model(self) -> int:
        return self.size - self.with_people - self.annotate - self.audit

    @property
    def human_share(self) -> float:
        """Share of all items that people label when the plan works out: 0..1."""
        return 1 - self.model / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """At most `tolerance` of all labels wrong, with chance 1 - alpha, for the fewest human labels.

    tolerance: 0..1, share of all n items that may stay wrong.
    alpha: between 0 and 1, chance that the promise fails.
    likely: 0..1, how probable it should be, if the risks are right, that one audit is enough. A
        higher one sends more items beforehand; if an audit finds more errors than planned,
        `routing.certificate.certify` still says which part of the order may stay.

    What people are sent beforehand is the least of `STEPS` numbers, and those between the last two.
    If only so few items could be left that all of them may be wrong, that is no promise worth
    making, and everything goes to people.

    The audit is of a fixed number, drawn by column 1 of the draws. For the certificate the
    population are the items that are accepted or audited, in the order of their risks, and `size`
    is n. Labels and risks must be frozen before, and these draws must be new: give every freeze a
    seed of its own, else the audit may have taught the model.

    >>> risk = np.repeat([0.4, 0.01], [300, 700])
    >>> nobody_yet = np.zeros(1000, dtype=bool)
    >>> plan = Promise(tolerance=0.05).plan(risk, nobody_yet)
    >>> plan.annotate, plan.audit, plan.critical, round(plan.human_share, 3)
    (223, 258, 15, 0.481)
    >>> Promise(tolerance=0.001).plan(risk, nobody_yet).human_share
    1.0
    """

    name: ClassVar[str] = "promise"
    reads: ClassVar[frozenset[str]] = frozenset({"risk"})

    tolerance: float = 0.05
    alpha: float = 0.05
    likely: float = 0.8

    def __post_init__(self) -> None:
        for name in ("tolerance", "alpha", "likely"):
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
        riskiest = -np.sort(-risk[~(fixed | np.isnan(risk))])
        left = np.concatenate([np.cumsum(riskiest[::-1])[::-1], [0.0]])  # errors after k are sent
        n, m = len(scores), len(riskiest)
        before = 0
        for sent in np.unique(np.linspace(0, m, STEPS + 1).astype(np.int64)).tolist():
            if self._plan(n, m, sent, left[sent]).chance >= self.likely:
                return self._first(n, m, before, sent, left)
            before = sent + 1
        return Plan(n, n - m, m, 0, None, 0.0)

    def _first(self, n: int, m: int, low: int, high: int, left: Floats) -> Plan:
        """The least plan of low..high that is likely enough; the one at `high` is."""
        while low < high:
            middle = (low + high) // 2
            if self._plan(n, m, middle, left[middle]).chance >= self.likely:
                high = middle
            else:
                low = middle + 1
        return self._plan(n, m, low, left[low])

    def _plan(self, n: int, m: int, sent: int, errors: float) -> Plan:
        """The plan that sends so many of the m items and leaves so many errors in the others."""
        rest = m - sent
        drawn = audit_size(rest, self.tolerance, self.alpha, size=n) if n else 0
        critical = None
        if drawn and rest - drawn >= too_many(self.tolerance, n):  # fewer may all be wrong
            critical = critical_value(rest, drawn, self.tolerance, self.alpha, size=n)
        if critical is None:
            return Plan(n, n - m, sent, drawn, None, -1.0)
        chance = float(bdtr(critical, drawn, errors / rest))
        return Plan(n, n - m, sent, drawn, critical, chance)


POLICIES.add(Promise.name, Promise)
