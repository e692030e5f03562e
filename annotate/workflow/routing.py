"""Send each pre-labelled item to the model, to people, or to the random audit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np

from annotate.clock import iso
from annotate.errors import NothingToDo
from annotate.hashing import digest
from annotate.model import Decision, Destination, Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.store.decisions import Routing
from annotate.workflow.settling import settle
from annotate.workflow.slots import match_slots
from annotate.workflow.votes import Votes, collect_votes, score, sentences
from annotate.workspace import require_items
from routing import draws, uncertainty
from routing.types import NO_VOTE, Draws, Mask, Scores, Verdicts

MAX_FITS = 8  # rounds of fitting the policy around what people have, before all of it is fixed


@dataclass(frozen=True, slots=True)
class RouteReport:
    """Where the pre-labelled items stand now, and how many decisions are new."""

    items: int
    destinations: Mapping[Destination, int]
    changed: int
    waiting_prelabel: int
    unusable: int


@dataclass(frozen=True, slots=True)
class _Standing:
    """What earlier routings and people have left: decisions by item, and who has had what."""

    before: Mapping[str, Decision]
    touched: set[str]
    number: int


def route(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
) -> RouteReport:
    """Decide for every pre-labelled item and open the slots that people will fill.

    Running it again with nothing new changes nothing. Items a person has answered, skipped or
    holds keep their decision, and so do those of a promise that stands. Raises NotAllowed, and
    NothingToDo before any pre-labelling.
    """
    require(actor, "route")
    settle(store, project, question, actor=actor, now=now)
    total = require_items(store, project)
    classes = QUESTION_TYPES[question.type].classes(question)
    machine = collect_votes(store.prelabels.said(project.project, question.name), classes)
    if not machine.item_ids:
        raise NothingToDo(
            f"nothing of {project.project!r} is pre-labelled yet: `coannotate prelabel` comes first"
        )
    standing = _standing(store, project, question)
    decided = _decide(project, question, machine, standing, iso(now))
    with store.transaction():  # people go on working until here, so look again at what they have
        if store.decisions.next_number(project.project, question.name) != standing.number:
            standing = _standing(store, project, question)
            decided = _decide(project, question, machine, standing, iso(now))
        touched = store.assignments.touched_items(project.project, question.name)
        taken = touched - standing.touched
        decided = [standing.before[d.item_id] if d.item_id in taken else d for d in decided]
        changed = [d for d in decided if _differs(standing.before.get(d.item_id), d)]
        if changed:
            _record(store, project, question, changed, standing.number, iso(now), new_id)
        hidden = store.promises.audited_items(project.project, question.name)
        match_slots(store, project, question, decided, hidden=hidden, now=iso(now))
    counts: Counter[Destination] = Counter(d.destination for d in decided)
    unusable = sum(d.score is None for d in decided)
    waiting = total - len(machine.item_ids)
    return RouteReport(len(decided), dict(counts), len(changed), waiting, unusable)


def _standing(store: Store, project: Project, question: QuestionSettings) -> _Standing:
    before = {d.item_id: d for d in store.decisions.current(project.project, question.name)}
    touched = store.assignments.touched_items(project.project, question.name)
    touched |= store.promises.held_items(project.project, question.name)  # frozen: as if touched
    number = store.decisions.next_number(project.project, question.name)
    return _Standing(before, touched, number)


def _decide(
    project: Project,
    question: QuestionSettings,
    machine: Votes,
    standing: _Standing,
    now: str,
) -> list[Decision]:
    classes = QUESTION_TYPES[question.type].classes(question)
    scores = score(project.routing.signal, machine, len(classes))
    keys = np.array([int(item_id[:16], 16) for item_id in machine.item_ids], dtype=np.uint64)
    kept = [standing.before[i] if i in standing.touched else None for i in machine.item_ids]
    verdicts = _verdicts(project, scores, draws.pairs(keys, seed=project.routing.seed), kept)
    labels = uncertainty.majority(machine.votes, len(classes)).tolist()
    said = sentences(machine, classes, scores)
    rounded = scores.round(9).tolist()
    propensity = verdicts.propensity.round(9).tolist()
    destinations = _destinations(verdicts)
    return [
        old
        or Decision(
            id=digest(item_id, question.name, standing.number),
            project=project.project,
            item_id=item_id,
            question=question.name,
            destination=destinations[at],
            score=None if math.isnan(rounded[at]) else rounded[at],
            model_value=None if labels[at] == NO_VOTE else classes[labels[at]],
            propensity=propensity[at],
            policy=project.routing.policy,
            reason=_reason(said[at], destinations[at], propensity[at]),
            created_at=now,
        )
        for at, (item_id, old) in enumerate(zip(machine.item_ids, kept, strict=True))
    ]


def _verdicts(
    project: Project, scores: Scores, drawn: Draws, kept: Sequence[Decision | None]
) -> Verdicts:
    """The policy's verdicts, given what people already have.

    As long as people have only what the policy would send them now, nothing is fixed and every
    propensity is that of one undisturbed draw: answering items must not change it for the rest.
    """
    policy = project.routing.build()
    annotated = _mask(kept, "annotate")
    audited = _mask(kept, "audit")
    fixed = aside = np.zeros(len(scores), dtype=bool)
    for _ in range(MAX_FITS):
        # an audited item that the policy would not audit now takes no part of a budget
        verdicts = policy.route(np.where(aside, 0.0, scores), drawn, fixed)
        strangers = annotated & ~verdicts.annotate
        others = audited & ~verdicts.audit & ~aside
        if not strangers.any() and not others.any():
            return verdicts
        fixed, aside = fixed | strangers, aside | others
    return policy.route(np.where(audited, 0.0, scores), drawn, annotated)


def _mask(kept: Sequence[Decision | None], destination: Destination) -> Mask:
    return np.array([d is not None and d.destination == destination for d in kept], dtype=bool)


def _destinations(verdicts: Verdicts) -> list[Destination]:
    pairs = zip(verdicts.accept.tolist(), verdicts.audit.tolist(), strict=True)
    return ["auto" if accept else "audit" if audit else "annotate" for accept, audit in pairs]


def _reason(said: str, destination: Destination, propensity: float) -> str:
    """One plain sentence: what the model said, and what part chance had in it."""
    if destination == "audit":
        return f"{said}; drawn at random for the audit"
    if destination == "annotate" and propensity < 1:
        return f"{said}; drawn at random among equals"
    return said


def _differs(old: Decision | None, new: Decision) -> bool:
    if old is None:
        return True
    same = ("destination", "score", "model_value", "propensity", "policy", "reason")
    return any(getattr(old, name) != getattr(new, name) for name in same)


def _record(
    store: Store,
    project: Project,
    question: QuestionSettings,
    changed: Sequence[Decision],
    number: int,
    now: str,
    new_id: Callable[[], str],
) -> None:
    policy: Any = project.routing.build()
    routing = Routing(
        id=new_id(),
        project=project.project,
        question=question.name,
        number=number,
        policy=project.routing.policy,
        settings={**asdict(policy), **project.routing.model_dump(mode="json")},
        created_at=now,
    )
    store.decisions.start(routing)
    store.decisions.add(routing, changed)
