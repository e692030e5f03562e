"""How honest the learned risks are: measured on people's answers that were held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.learning import Seen, gather
from routing.calibration import brier, calibration_error
from routing.types import NO_VOTE

FOLDS = 5
FEWEST = 30
"""Answers below which a fold holds too few to say anything."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Of `items` that people answered, each judged by a model that had not seen its answer.

    brier: mean squared distance of risk and outcome, 0 best. calibration_error: expected, over ten
    bins, 0 best. label_error, vote_error: share of labels, and of the machine's majority votes,
    that people disagree with. mean_risk: what the risks say label_error should be.
    """

    items: int
    brier: float
    calibration_error: float
    mean_risk: float
    label_error: float
    vote_error: float


def held_out(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    features: ItemFeatures | None = None,
) -> HeldOut | None:
    """Five-fold cross-validation over people's answers; None below 30, or with no learned signal.

    People mostly answer what is uncertain, so these numbers speak of such items and not of the
    whole set. Raises NotAllowed, and NothingToDo before any pre-labelling.
    """
    require(actor, "review")
    if project.routing.signal != "learned":
        return None
    return measure(gather(store, project, question, features or ItemFeatures()), project)


def measure(seen: Seen, project: Project) -> HeldOut | None:
    """As `held_out`, of what was gathered."""
    scored = (seen.human != NO_VOTE) & (seen.machine.votes != NO_VOTE).any(axis=1)
    if scored.sum() < FEWEST:
        return None
    # an item's fold is its own, whoever else has been answered
    keys = np.array([int(item_id[:16], 16) for item_id in seen.machine.item_ids], dtype=np.uint64)
    fold = (keys % np.uint64(FOLDS)).astype(np.int64)
    risk = np.full(len(fold), np.nan)
    label = np.full(len(fold), NO_VOTE)
    for at in range(FOLDS):
        rest = np.where(fold == at, NO_VOTE, seen.human)
        belief = seen.believe(project.routing, rest)
        mine = fold == at
        fitted = belief.fitted
        every = belief.scores if fitted is None else fitted.risk_of(belief.labels)
        risk[mine] = every[mine]
        label[mine] = belief.labels[mine]
    vote = seen.believe(project.routing, np.full(len(fold), NO_VOTE)).votes
    known = scored & ~np.isnan(risk)
    wrong = seen.wrong(label)[known]
    return HeldOut(
        items=int(known.sum()),
        brier=brier(risk[known], wrong),
        calibration_error=calibration_error(risk[known], wrong),
        mean_risk=float(risk[known].mean()),
        label_error=float(wrong.mean()),
        vote_error=float(seen.wrong(vote)[known].mean()),
    )
