"""Replay a task: people label batch after batch; how wrong is the set at each human share?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.evidence import Evidence
from routing.simulate import area, curve
from routing.stacker import Fitted, Stacker
from routing.types import Labels, Mask
from routing.uncertainty import entropy, majority
from tests.bench.router.tasks import Task

Floats = NDArray[np.float64]

SHARES = np.linspace(0, 1, 101)
BATCH = 0.02  # of the items
FEWEST_IN_BATCH = 5


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Error of the whole set at each of SHARES, and the area under it."""

    error: Floats
    area: float


def entropy_curve(task: Task) -> Curve:
    """CoAnnotating: vote entropy decides, the majority is the label; exact over ties."""
    scores, wrong = entropy(task.votes, task.k), majority(task.votes, task.k) != task.gold
    return Curve(curve(scores, wrong, shares=SHARES), area(scores, wrong))


def cold_curve(task: Task, seen: Evidence) -> Curve:
    """The stacker before any human label, never refitted."""
    cold = Stacker(seen).fit(np.full(len(seen), -1))
    wrong = cold.labels != task.gold
    return Curve(curve(cold.risk, wrong, shares=SHARES), area(cold.risk, wrong))


def learned_curve(task: Task, seen: Evidence, seed: int, *, relabel: bool = True) -> Curve:
    """The stacker, refitted after each batch of people's labels. relabel: use its labels too."""
    rng = np.random.default_rng(seed)
    stacker, vote = Stacker(seen), majority(task.votes, task.k)
    human = np.full(len(seen), -1)
    fitted = stacker.fit(human)
    x, y = [0.0], [_error(fitted, vote, human, task.gold, relabel)]
    batch = pilot(len(seen), rng)
    while True:
        human[batch] = task.gold[batch]
        fitted = stacker.fit(human, start=fitted.start)
        x.append(float((human >= 0).mean()))
        y.append(_error(fitted, vote, human, task.gold, relabel))
        open_items = human < 0
        if not open_items.any():
            return Curve(np.interp(SHARES, x, y), float(np.trapezoid(y, x)))
        risk = fitted.risk if relabel else fitted.risk_of(vote)
        batch = riskiest(risk, open_items, rng, max(FEWEST_IN_BATCH, round(BATCH * len(seen))))


def pilot(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """2 % of the items, 10 to 30, by chance."""
    return rng.permutation(n)[: min(max(round(0.02 * n), 10), 30)]


def riskiest(
    risk: Floats, open_items: Mask, rng: np.random.Generator, count: int
) -> NDArray[np.int64]:
    """The `count` open items of highest risk; chance decides among equals."""
    items = rng.permutation(np.flatnonzero(open_items))
    chosen: NDArray[np.int64] = items[np.argsort(-risk[items], kind="stable")[:count]]
    return chosen


def _error(fitted: Fitted, vote: Labels, human: Labels, gold: Labels, relabel: bool) -> float:
    label = fitted.labels if relabel else vote
    return float((np.where(human >= 0, human, label) != gold).mean())
