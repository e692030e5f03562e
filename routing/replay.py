"""Replay a labelled set: people answer batch after batch, and routers see only what was bought.

`routing.simulate.curve` gives the exact curve of a score that never changes. Here scores may learn,
policies may explore, put off or stop, and people may err; every seed is one course of events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.course import Course
from routing.crowd import confusion
from routing.draws import pairs, uniform
from routing.evidence import Evidence
from routing.policies import Policy, Situation
from routing.policies.budget import Budget
from routing.policies.protocol import UNKNOWN
from routing.risk import RiskModel
from routing.stacker import SMALL, Stacker
from routing.types import NO_VOTE, Draws, Labels, Mask, Scores
from routing.uncertainty import confidence, entropy, majority

__all__ = [
    "Course",
    "Moment",
    "Prices",
    "Router",
    "Strategy",
    "answers",
    "buys",
    "learned",
    "learned_changes",
    "moments",
    "most_unsure_first",
    "pilot_size",
    "replay",
    "strategies",
    "unchanging",
]

Floats = NDArray[np.float64]
Router = Callable[[Labels], tuple[Scores, Labels]]
"""What people have said, (n,), -1 where nothing -> (n,) scores and the (n,) labels to keep."""

SHARES: Final[Floats] = np.linspace(0, 1, 101)
BATCH: Final = 0.02  # of the items, between two looks at what has been learned
FEWEST: Final = 5  # in a batch
GROWTH: Final = 0.05  # of what people have answered: later answers change less of what is believed
_PILOT, _PEOPLE = 2, 3  # streams of draws beside the two that policies get


def most_unsure_first(items: int) -> Policy:
    """The policy of a curve: whoever is most unsure, for as many items as there is budget."""
    return Budget(items=items, audit_rate=0.0)


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to share the work: a router, told what people have said, and a policy.

    router: makes a fresh one for each seed. policy: given how many items may be with people after
    the next batch; a policy that has its own end may ignore it, and the course ends when it sends
    nobody new. pilot: begin with a few items drawn by chance, to learn from.
    """

    router: Callable[[], Router]
    policy: Callable[[int], Policy] = most_unsure_first
    pilot: bool = False


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars: model, what the model's answers cost per item of the set; answer, a person's."""

    model_usd: float = 0.0
    answer_usd: float = 0.0


def learned(evidence: Evidence, *, relabel: bool = True) -> Callable[[], Router]:
    """`routing.stacker`, fitted anew to all that people have said. relabel: keep its labels too."""

    def fresh() -> Router:
        stacker, start = Stacker(evidence), None

        def look(human: Labels) -> tuple[Scores, Labels]:
            nonlocal start
            fitted = stacker.fit(human, start=start)
            start = fitted.start
            if relabel:
                return fitted.risk, fitted.labels
            return fitted.risk_of(evidence.label), evidence.label

        return look

    return fresh


def learned_changes(model: RiskModel) -> Callable[[], Router]:
    """`routing.risk`, for types without classes: 0, the model's answer stands; 1, it is changed."""

    def look(human: Labels) -> tuple[Scores, Labels]:
        return model.fit(human != NO_VOTE, human == 1), np.zeros_like(human)

    return lambda: look


def unchanging(scores: Scores, labels: Labels) -> Callable[[], Router]:
    """Scores and labels that people's answers do not change, (n,) each."""
    return lambda: lambda human: (scores, labels)


def strategies(evidence: Evidence) -> dict[str, Strategy]:
    """The usual ones, by name, as far as the evidence goes: what it takes to compare them.

    random, entropy and confidence keep the majority's label, as in CoAnnotating; learned routes and
    relabels, learned_keep routes only.
    """
    label, n = majority(evidence.votes, evidence.k), len(evidence)
    result = {
        "random": Strategy(unchanging(np.zeros(n), label)),
        "entropy": Strategy(unchanging(entropy(evidence.votes, evidence.k), label)),
    }
    if evidence.confidences is not None:
        sure = confidence(evidence.confidences, votes=evidence.votes)
        result["confidence"] = Strategy(unchanging(sure, label))
    result["learned"] = Strategy(learned(evidence), pilot=True)
    result["learned_keep"] = Strategy(learned(evidence, relabel=False), pilot=True)
    return result


def replay(
    truth: Labels,
    tried: Mapping[str, Strategy],
    *,
    k: int,
    seeds: Sequence[int] = range(20),
    batch: float = BATCH,
    growth: float = GROWTH,
    people: Floats | float = 0.0,
    situation: Situation = UNKNOWN,
    prices: Prices = Prices(),
    shares: Floats = SHARES,
) -> dict[str, Course]:
    """What comes of each strategy on a labelled set, over seeds. The same seeds, the same courses.

    truth: (n,), 0..k-1. batch: share of the n items that people label between two looks; at least
    5, and at least `growth` of what they have labelled before. people: chance that a person errs,
    0..1, then saying any other label; or (k, k), the chance of each answer (column) to each truth
    (row). ValueError when something does not fit.
    """
    _check(truth, k, batch)
    says = confusion(people if isinstance(people, np.ndarray) else 1 - people, k)
    result = {}
    for name, strategy in tried.items():
        runs = []
        for seed in seeds:
            said = answers(truth, says, seed=seed)
            course = moments(
                said, strategy, seed=seed, batch=batch, growth=growth, situation=situation
            )
            runs.append([_wrong(truth, moment) for moment in course])
        result[name] = _together(runs, len(truth), prices, shares)
    return result


def buys(risk: Scores, human: Mask, *, labels: int = 100, people_error: float = 0.0) -> float:
    """Errors that the next so many people's answers are expected to repair, riskiest first.

    risk: (n,), 0..1, NaN is not known (and repairs nothing). human: (n,), items people have.

    >>> buys(np.array([0.5, 0.9, 0.1, 0.3]), np.array([False, True, False, False]), labels=2)
    0.8
    """
    left = np.nan_to_num(risk[~human])
    return float(np.clip(np.sort(left)[::-1][:labels] - people_error, 0, None).sum())


def pilot_size(n: int) -> int:
    """Items drawn by chance to learn from at first: 2 %, 30 at most; none of a set below 150.

    A small set has too few answers to spend any on items that the votes agree on.

    >>> pilot_size(100), pilot_size(200), pilot_size(5_000)
    (0, 4, 30)
    """
    return min(round(0.02 * n), 30) if n >= SMALL else 0


def answers(truth: Labels, says: Floats, *, seed: int) -> Labels:
    """What a person would say of each item: (n,). says: (k, k), see `routing.crowd.confusion`."""
    u = uniform(np.arange(len(truth), dtype=np.uint64), seed=seed, stream=_PEOPLE)
    reached = np.cumsum(says, axis=1)[truth]
    said: Labels = np.minimum((u[:, None] >= reached).sum(axis=1), len(says) - 1)
    return said


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What stands after a batch, (n,) each. human: -1 where nobody has answered yet."""

    human: Labels
    scores: Scores
    labels: Labels


def moments(
    said: Labels,
    strategy: Strategy,
    *,
    seed: int,
    batch: float = BATCH,
    growth: float = GROWTH,
    situation: Situation = UNKNOWN,
) -> Iterator[Moment]:
    """One course of events: before anyone has answered, then after each batch, until its end.

    said: (n,), what a person will say of each item. Other arguments as in `replay`.
    """
    n = len(said)
    keys = np.arange(n, dtype=np.uint64)
    draws, first = pairs(keys, seed=seed), max(FEWEST, round(batch * n))
    human, router = np.full(n, -1), strategy.router()
    scores, labels = router(human)
    yield Moment(human.copy(), scores, labels)
    if strategy.pilot and pilot_size(n):
        chosen = np.argsort(uniform(keys, seed=seed, stream=_PILOT))[: pilot_size(n)]
    else:
        chosen = _next(scores, human, strategy, draws, first, situation)
    while len(chosen):
        human[chosen] = said[chosen]
        scores, labels = router(human)
        yield Moment(human.copy(), scores, labels)
        size = max(first, round(growth * int((human >= 0).sum())))
        chosen = _next(scores, human, strategy, draws, size, situation)


def _wrong(truth: Labels, moment: Moment) -> tuple[int, float]:
    """Items with people, and the error of the whole set."""
    have = moment.human >= 0
    return int(have.sum()), float((np.where(have, moment.human, moment.labels) != truth).mean())


def _next(
    scores: Scores,
    human: Labels,
    strategy: Strategy,
    draws: Draws,
    size: int,
    situation: Situation,
) -> NDArray[np.int64]:
    """The items that people get next: at most `size` of those the policy sends, unsurest first."""
    have = human >= 0
    policy = strategy.policy(min(int(have.sum()) + size, len(human)))
    verdicts = policy.route(scores, draws, have, situation)
    new = np.flatnonzero(~verdicts.accept & ~have)
    order = np.lexsort((draws[new, 0], -np.nan_to_num(scores[new], nan=2.0)))
    return new[order[:size]]


def _together(
    runs: Sequence[list[tuple[int, float]]], n: int, prices: Prices, shares: Floats
) -> Course:
    error = np.full((len(runs), len(shares)), np.nan)
    for row, steps in enumerate(runs):
        bought, wrong = np.array(steps).T
        there = shares <= bought[-1] / n + 1e-12
        error[row, there] = np.interp(shares[there], bought / n, wrong)
    spent = n * (prices.model_usd + shares * prices.answer_usd)
    usd = np.where(np.isnan(error), np.nan, spent)
    ends = np.array([steps[-1] for steps in runs])
    return Course(n, shares, error, usd, ends[:, 0] / n, ends[:, 1])


def _check(truth: Labels, k: int, batch: float) -> None:
    if truth.ndim != 1 or not len(truth) or not 0 <= truth.min() <= truth.max() < k:
        raise ValueError(f"truth must be (n,), n above 0, with labels 0..{k - 1}")
    if not 0 < batch <= 1:
        raise ValueError(f"batch is {batch}, but must be above 0, up to 1")
