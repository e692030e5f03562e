"""Curves of a task: exact where scores never change, from `routing.replay` where they learn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from routing.evidence import Evidence
from routing.replay import SHARES, Course, Strategy, learned, replay
from routing.simulate import area, curve
from routing.stacker import Stacker
from routing.uncertainty import entropy, majority
from tests.bench.router.tasks import Task

Floats = NDArray[np.float64]


def entropy_curve(task: Task) -> tuple[Floats, float]:
    """CoAnnotating: vote entropy decides, the majority is the label; exact over ties."""
    scores, wrong = entropy(task.votes, task.k), majority(task.votes, task.k) != task.gold
    return curve(scores, wrong, shares=SHARES), area(scores, wrong)


def cold_area(task: Task, seen: Evidence) -> float:
    """The stacker before any human label, never refitted."""
    cold = Stacker(seen).fit(np.full(len(seen), -1))
    return area(cold.risk, cold.labels != task.gold)


def learned_course(
    task: Task, seen: Evidence, seeds: Sequence[int], *, relabel: bool = True, batch: float
) -> Course:
    """The stacker, refitted after each batch of people's labels. relabel: use its labels too."""
    strategy = Strategy(learned(seen, relabel=relabel), pilot=True)
    tried = {"learned": strategy}
    return replay(task.gold, tried, k=task.k, seeds=seeds, batch=batch, growth=0.0)["learned"]
