"""What other routing settings would change, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotate.llm.able import require_able
from annotate.model import Destination, Person
from annotate.people import require
from annotate.project import Project
from annotate.project.settings import RoutingSettings
from annotate.promise.plan import as_chances
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.arrays import keys as keys_of
from annotate.workflow.guideline.revising import plan
from annotate.workflow.promises.freezing import RANKS_ONLY
from annotate.workflow.routes.deciding import Kept, asked_next, situation_of, verdicts_of
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.ground import DESTINATIONS, Codes, Ground, stand
from annotate.workflow.routes.learning import gather
from annotate.workflow.routes.outlook import prices_of
from annotate.workflow.routes.outlook_parts import Prices
from annotate.workflow.routes.rerouting import changes_for
from annotate.workflow.routes.routing import build_policy, policy_for
from routing import draws
from routing.policies import Policy, Situation
from routing.types import Keys, Scores

LEARNED_ANEW = ("signal", "relabel", "embeddings", "tolerance", "diversity")
"""Keys of `routing:` under which items get other scores, so that those on record do not do."""


@dataclass(frozen=True, slots=True)
class Split:
    """Where n items go under some settings, and what it comes to.

    labels: people's answers that are still to be given. error: share of wrong labels that is
    expected in the end, people's answers counting as right.
    """

    destinations: Mapping[Destination, int]
    labels: float
    minutes: float | None
    usd: float | None
    error: float


@dataclass(frozen=True, slots=True)
class Preview:
    """What other settings would do to a question's routed items; nothing is stored.

    told: how the settings differ, in words. moved: (from, to) -> items, most first. before: as it
    is decided now. exact: the risks were worked out anew, as a routing would; else those on record
    stand in for them, which move a little with every answer.
    """

    told: tuple[str, ...]
    before: Split
    after: Split
    moved: Mapping[tuple[Destination, Destination], int]
    exact: bool


def preview(
    store: Store,
    path: Path,
    project: Project,
    question: QuestionSettings,
    wanted: Mapping[str, object],
    *,
    actor: Person,
    ground: Ground | None = None,
    features: ItemFeatures | None = None,
) -> Preview:
    """What these keys of `routing:` would do to a question's items. Only reads.

    wanted: empty for the settings as they are, so that it tells what routing now would change.
    ground: the record, where somebody keeps it. features: as in `route`.
    Raises NotAllowed, InvalidProject for settings that do not fit, and NothingToDo before any
    routing or for a question that no model is asked.
    """
    require(actor, "review")
    require_able(project, question)
    changes = changes_for(project.routing, wanted)
    planned = plan(store, path, project, changes, actor=actor) if changes else None
    other = project if planned is None else planned.project
    ground = stand(store, project, question) if ground is None else ground
    prices = prices_of(store, other, question)
    if _anew(project.routing, other.routing):
        chances, after = _worked_out(store, other, question, ground, features or ItemFeatures())
    else:
        chances, after = ground.chances, _on_record(store, other, question, ground)
    before = ground.destination
    return Preview(
        told=() if planned is None else planned.told,
        before=_split(project, ground, before, ground.chances, prices),
        after=_split(other, ground, after, chances, prices),
        moved=_moved(before, after),
        exact=chances is not ground.chances,
    )


def _anew(old: RoutingSettings, new: RoutingSettings) -> bool:
    """Whether the scores on record do not tell where items would go."""
    differ = any(getattr(old, key) != getattr(new, key) for key in LEARNED_ANEW)
    return differ or "cascade" in (old.policy, new.policy)


def _on_record(store: Store, project: Project, question: QuestionSettings, ground: Ground) -> Codes:
    policy = build_policy(store, project, question)
    return _decided(policy, Situation(), ground.keys, ground.scores, ground, project.routing.seed)


def _worked_out(
    store: Store,
    project: Project,
    question: QuestionSettings,
    ground: Ground,
    features: ItemFeatures,
) -> tuple[Scores, Codes]:
    """Chances and destinations as a routing would find them, in the order of `ground`; items that
    have come since they were routed are left out."""
    seen = gather(store, project, question, features)
    belief = seen.believe(project.routing)
    keys = keys_of(tuple(seen.machine.item_ids))
    rows = np.searchsorted(ground.keys, keys)
    known = rows < len(ground)
    known[known] = ground.keys[rows[known]] == keys[known]
    rows, scores = rows[known], belief.scores[known].round(9)
    situation = situation_of(project, seen)
    situation = Situation(
        groups=None if situation.groups is None else situation.groups[known],
        asked=None if situation.asked is None else situation.asked[known],
    )
    policy = policy_for(store, project, question, seen)
    part = _part(ground, rows)
    after = ground.destination.copy()
    after[rows] = _decided(policy, situation, keys[known], scores, part, project.routing.seed)
    chances = ground.chances.copy()
    chances[rows] = scores
    if project.routing.signal in RANKS_ONLY:
        known = ground.compared
        chances = as_chances(chances, chances[known], ground.wrong[known])
    return chances, after


def _part(ground: Ground, rows: Any) -> Ground:
    arrays = {
        name: getattr(ground, name)[rows]
        for name in Ground.__slots__
        if isinstance(getattr(ground, name), np.ndarray)
    }
    return Ground(items=ground.items, learned=ground.learned, **arrays)


def _decided(
    policy: Policy, situation: Situation, keys: Keys, scores: Scores, ground: Ground, seed: int
) -> Codes:
    """(n,) where a routing would send them: index into `DESTINATIONS`."""
    stay = ground.touched | ground.held
    auto, annotate, audit, strong = range(len(DESTINATIONS))
    kept = Kept(*(stay & (ground.destination == code) for code in (annotate, audit, auto)))
    drawn = draws.pairs(keys, seed=seed)
    verdicts = verdicts_of(policy, situation, scores, drawn, kept)
    after = np.where(verdicts.accept, auto, np.where(verdicts.audit, audit, annotate))
    after[asked_next(policy, situation, scores, drawn, stay)] = strong
    return np.where(stay, ground.destination, after).astype(np.int8)


def _split(
    project: Project, ground: Ground, destination: Codes, chances: Scores, prices: Prices
) -> Split:
    counts = np.bincount(destination, minlength=len(DESTINATIONS)).tolist()
    to_people = np.isin(destination, [DESTINATIONS.index(n) for n in ("annotate", "audit")])
    labels = float((to_people & ~ground.answered).sum()) * project.people.per_item
    left = ~to_people & ~ground.answered
    wrong = float(np.where(np.isnan(chances[left]), 1.0, chances[left]).sum())
    return Split(
        {name: n for name, n in zip(DESTINATIONS, counts, strict=True) if n},
        labels,
        prices.minutes_of(labels),
        prices.usd_of(labels),
        wrong / max(len(ground), 1),
    )


def _moved(before: Codes, after: Codes) -> Mapping[tuple[Destination, Destination], int]:
    wide = len(DESTINATIONS)
    counts = np.bincount(before.astype(np.int64) * wide + after, minlength=wide * wide)
    return {
        (DESTINATIONS[at // wide], DESTINATIONS[at % wide]): int(counts[at])
        for at in np.argsort(-counts, kind="stable").tolist()
        if counts[at] and at // wide != at % wide
    }
