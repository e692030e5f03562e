"""What a promise would cost, before anything is frozen; and why one cannot be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotate.errors import AnnotateError
from annotate.promise.draw import order
from annotate.promise.wording import confidence, percent
from annotate.store.standing.promises import Routed
from routing.audit import audit_size
from routing.calibration import platt
from routing.certificate import critical_value, fewest_audits
from routing.types import Mask, Scores

USUAL = ((0.0, 1, 9), (1.0, 5, 5))
"""(score, wrong, right) added to what people have answered: where nobody looked, models have been
found wrong about as often as this, from the items they are surest of to those they are torn on."""


@dataclass(frozen=True, slots=True)
class Terms:
    """At most `tolerance` wrong, with chance 1 - alpha. audited: None lets the program choose."""

    tolerance: float
    alpha: float
    audited: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be frozen and drawn, and what it is likely to cost.

    size: items the promise is about. population: of these, labels that would be frozen. audited:
    how many are drawn. critical: how many of those may be wrong before the cut. human_share: of
    all items, 0..1, those that people will have labelled in the end, if the risks are right.
    answers: how many human answers the scores were turned into risks with.
    unrouted: items that are left out because they were not routed yet.
    """

    size: int
    population: int
    audited: int
    critical: int
    human_share: float
    answers: int
    unrouted: int


def frozen_order(items: Sequence[Routed], *, seed: int) -> list[Routed]:
    """The items safest first. Their scores are not None."""
    scores = [item.score or 0.0 for item in items]
    return [items[at] for at in order(scores, [item.item_id for item in items], seed=seed)]


def plan(
    frozen: Sequence[Routed],
    size: int,
    terms: Terms,
    answered: Mapping[str, tuple[float, bool]] | None,
) -> Plan:
    """frozen: safest first. answered: item -> its score, and whether people found it wrong; None
    when the scores are chances of being wrong themselves.

    Raises AnnotateError when nothing could be promised for it.
    """
    m = len(frozen)
    audited, critical = _audit(m, size, terms)
    scores = np.array([item.score for item in frozen], dtype=np.float64)
    chances = scores
    if answered is not None:
        known, wrong = np.array(list(answered.values()), dtype=np.float64).reshape(-1, 2).T
        chances = as_chances(scores, known, wrong > 0)
    found = np.cumsum(chances) * audited / m
    kept = int(np.searchsorted(found, critical + 1)) * (1 - audited / m)
    return Plan(size, m, audited, critical, 1 - kept / size, len(answered or ()), 0)


def as_chances(scores: Scores, known: Scores, wrong: Mask) -> Scores:
    """Scores that only put items in an order as chances of an error: (n,), NaN stays NaN.

    known, wrong: (m,), scores that people have answered, and where they found the label wrong;
    `USUAL` counts beside them.
    """
    usual = [
        (score, wrong)
        for score, errors, right in USUAL
        for wrong in (True,) * errors + (False,) * right
    ]
    at, were = zip(*usual, strict=True)
    return platt(np.append(known, at), np.append(wrong, were)).apply(scores)


def _audit(m: int, size: int, terms: Terms) -> tuple[int, int]:
    """How many items to draw, and the critical value."""
    fewest = fewest_audits(m, terms.tolerance, terms.alpha, size=size)
    audited = terms.audited
    if audited is None:
        audited = audit_size(m, terms.tolerance, terms.alpha, size=size) if fewest else 0
        if audited < fewest:
            raise AnnotateError(_too_few(m, fewest, terms))
    if audited > m:
        raise AnnotateError(
            f"an audit of {audited:,} is more than the {m:,} labels that people have not given: "
            f"draw at most {m:,}"
        )
    critical = critical_value(m, audited, terms.tolerance, terms.alpha, size=size)
    if critical is None:
        raise AnnotateError(
            f"an audit of {audited:,} would certify nothing even if it found no error: "
            f"{fewest - audited:,} more are needed, so ask for --audit {fewest} or more"
        )
    return audited, critical


def _too_few(m: int, fewest: int, terms: Terms) -> str:
    return (
        f"nothing could be promised: for {percent(terms.tolerance)} with "
        f"{confidence(terms.alpha)} confidence at least {fewest:,} of the {m:,} labels have to be "
        f"audited, more than a third, and that hardly pays. Let people answer everything "
        f"(`routing: {{budget: 1}}`), allow more errors (--error), or insist with --audit {fewest}"
    )
