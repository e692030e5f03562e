"""Cheap model, then a stronger one, then a person: who should look at an item next.

Each has a price. The stronger model is worth asking where its answer may change what is done: where
it may agree and make a person unnecessary, or disagree and show an error. What it would say is not
known beforehand, only how often it has agreed with the cheap one: see `Record`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from routing.choice import Floats
from routing.policies.cost import SECONDS, time_usd
from routing.policies.protocol import (
    POLICIES,
    UNKNOWN,
    Situation,
    check_amount,
    check_arguments,
    check_share,
    risks,
    with_audit,
)
from routing.types import NO_VOTE, Draws, Labels, Mask, Scores, Verdicts


@dataclass(frozen=True, slots=True)
class Record:
    """How the stronger model has answered where the cheap one was right, and where it was wrong.

    keeps: chance that it says the same where the cheap one was right.
    catches: chance that it says something else where the cheap one was wrong.
    fixes: chance that what it says then is right; with two classes 1. All 0..1.
    """

    keeps: float
    catches: float
    fixes: float


@dataclass(frozen=True, slots=True, eq=False)
class Stages:
    """Who looks at each item next.

    strong: (n,), ask the stronger model, then route again with its answer in the risks and
        `Situation.asked`. Until then `verdicts` says accept, with propensity 0.
    verdicts: for the other items, where they end.
    """

    strong: Mask
    verdicts: Verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """Whatever is expected to cost least: accept, ask the stronger model, or ask people.

    Accepting costs risk x error_usd. People cost their time, and people_error x error_usd. Asking
    the stronger model costs strong_usd and then, if it agrees or if it does not, the cheaper of the
    other two at the risk that is left.

    error_usd: above 0, what one wrong label in the finished set costs, in dollars.
    hour_usd, seconds, people_error: as in `cost`; answers too.
    strong_usd: 0 or more, what the stronger model's answers to one item cost.
    keeps, catches, fixes: 0..1, its `Record`; `measured` takes one from labelled items. The
        defaults lie between GPT-4 after GPT-3.5 and Mixtral on biased sentences (.94, .35 to .38,
        1.0) and after GPT-3.5, Claude 1 and Bard as a judge of pairs (.77 to .87, .44 to .69, .62
        to .88).
    audit_rate: 0..1 of the items where the model's label ends; those that wait are not audited yet.

    `situation.asked` says who has been asked; nobody if it is not given. These only go to people or
    are accepted. `route` gives the verdicts alone; `stages` also says whom to ask.

    >>> policy = Cascade(error_usd=1, hour_usd=36, seconds=30, strong_usd=0.01, audit_rate=0)
    >>> risk, draws = np.array([0.9, 0.5, 0.2, 0.01]), np.full((4, 2), 0.5)
    >>> stages = policy.stages(risk, draws, np.zeros(4, dtype=bool))
    >>> stages.strong, stages.verdicts.annotate
    (array([ True, False,  True, False]), array([False,  True, False, False]))
    """

    name: ClassVar[str] = "cascade"
    reads: ClassVar[frozenset[str]] = frozenset({"risk", "seconds", "asked"})

    error_usd: float
    hour_usd: float
    strong_usd: float
    seconds: float = SECONDS
    answers: float = 1.0
    people_error: float = 0.0
    keeps: float = 0.9
    catches: float = 0.4
    fixes: float = 0.8
    audit_rate: float = 0.05

    def __post_init__(self) -> None:
        for name in ("error_usd", "seconds", "answers"):
            check_amount(name, getattr(self, name), zero=False)
        for name in ("hour_usd", "strong_usd"):
            check_amount(name, getattr(self, name))
        for name in ("people_error", "keeps", "catches", "fixes", "audit_rate"):
            check_share(name, getattr(self, name))

    def route(
        self, scores: Scores, draws: Draws, fixed: Mask, situation: Situation = UNKNOWN
    ) -> Verdicts:
        """See `Policy.route`. Items that wait for the stronger model are accepted, propensity 0."""
        return self.stages(scores, draws, fixed, situation).verdicts

    def stages(
        self, scores: Scores, draws: Draws, fixed: Mask, situation: Situation = UNKNOWN
    ) -> Stages:
        """Who looks at each item next. Arguments as in `Policy.route`."""
        check_arguments(scores, draws, fixed, situation)
        risk = risks(scores, situation)
        people = self._people(len(scores), situation)
        accept = risk * self.error_usd
        strong = ~fixed & (self._strong(risk, people) < np.minimum(accept, people))
        if situation.asked is not None:
            strong &= ~situation.asked
        sent = fixed | ~(strong | (accept <= people))  # NaN compares as False: to people
        ended = with_audit((sent, sent.astype(np.float64)), draws, self.audit_rate)
        verdicts = Verdicts(
            ended.accept | strong, ended.audit & ~strong, np.where(strong, 0.0, ended.propensity)
        )
        return Stages(strong, verdicts)

    def _people(self, n: int, situation: Situation) -> Floats:
        """(n,) dollars: people's time and what their own errors cost."""
        time = time_usd(n, situation, self.seconds, self.answers, self.hour_usd)
        return time + self.people_error * self.error_usd

    def _strong(self, risk: Scores, people: Floats) -> Floats:
        """(n,) dollars expected in all when the stronger model is asked; NaN where risk is."""
        agree, after, differ, after_differ = self.second_opinion(risk)
        best = agree * np.minimum(after * self.error_usd, people)
        best += differ * np.minimum(after_differ * self.error_usd, people)
        return np.asarray(self.strong_usd + best, dtype=np.float64)

    def second_opinion(self, risk: Scores) -> tuple[Floats, Floats, Floats, Floats]:
        """Chance that the stronger model agrees, the risk then, and the same if it does not: (n,).

        Bayes' rule on the record. After a disagreement the label is whichever is likelier right.
        """
        agree = (1 - risk) * self.keeps + risk * (1 - self.catches)
        differ = 1 - agree
        after = _divide(risk * (1 - self.catches), agree)
        cheap_wrong = _divide(risk * self.catches, differ)
        after_differ = np.minimum(cheap_wrong, 1 - cheap_wrong * self.fixes)
        return agree, after, differ, after_differ


def measured(cheap: Labels, strong: Labels, human: Labels) -> Record:
    """The stronger model's record on items that both and people have answered.

    Each: (n,), label index, or -1 for no answer; items without all three are left out. Every share
    starts from two imagined items, one of each kind, so that few items give no certainty.
    ValueError when the shapes differ.

    >>> measured(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), np.array([0, 0, 1, -1]))
    Record(keeps=0.75, catches=0.6666666666666666, fixes=0.6666666666666666)
    """
    if not cheap.shape == strong.shape == human.shape:
        raise ValueError(
            f"cheap {cheap.shape}, strong {strong.shape} and human {human.shape} must share one "
            f"shape (n,)"
        )
    known = (cheap != NO_VOTE) & (strong != NO_VOTE) & (human != NO_VOTE)
    right, same = known & (cheap == human), cheap == strong
    wrong = known & (cheap != human)
    caught = wrong & ~same
    return Record(
        keeps=_share(right & same, right),
        catches=_share(caught, wrong),
        fixes=_share(caught & (strong == human), caught),
    )


def _share(part: Mask, whole: Mask) -> float:
    return float((part.sum() + 1) / (whole.sum() + 2))


def _divide(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


POLICIES.add(Cascade.name, Cascade)
