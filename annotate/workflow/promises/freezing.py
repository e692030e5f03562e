"""Labels and order are frozen, then the audit is drawn and mixed into the queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from annotate.clock import iso
from annotate.errors import AnnotateError, NothingToDo
from annotate.llm.able import require_able
from annotate.llm.spoken import has_classes
from annotate.model import Person, Promise, PromiseItem
from annotate.project import Project
from annotate.promise.basis import basis_of
from annotate.promise.draw import chances, draw, fingerprint
from annotate.promise.plan import Plan, Terms, frozen_order, plan
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.store.standing.promises import Routed
from annotate.workflow.labelling.slots import open_slots
from annotate.workflow.prelabels.examples import human_values
from annotate.workflow.promises.settling import record
from annotate.workspace import require_items

RANKS_ONLY: frozenset[str] = frozenset({"entropy", "confidence"})
"""Signals that put items in an order and do not claim to be a chance."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would be frozen, safest first; all other routed items; and what it costs."""

    frozen: list[Routed]
    others: list[Routed]
    plan: Plan


def prepare(store: Store, project: Project, question: QuestionSettings, terms: Terms) -> Prepared:
    """Raises NothingToDo, and AnnotateError for terms that nothing could be certified under."""
    require_able(project, question)
    total = require_items(store, project)
    if not has_classes(question):
        raise AnnotateError(
            f"{question.name!r} is a question without a fixed set of answers ({question.type}): "
            "how many of them are wrong cannot be promised. A promise takes a single_label or a "
            "preference without strength"
        )
    routed = list(store.promises.routed(project.project, question.name))
    if not routed:
        raise NothingToDo(
            f"no item of {question.name!r} has been routed: `coannotate prelabel` and then "
            "`coannotate route` give the labels and the order that a promise is about"
        )
    touched = store.assignments.touched_items(project.project, question.name)
    classes = set(QUESTION_TYPES[question.type].classes(question))
    frozen: list[Routed] = []
    others: list[Routed] = []
    for one in routed:
        usable = one.item_id not in touched and one.score is not None and one.label in classes
        (frozen if usable else others).append(one)
    if not frozen:
        raise NothingToDo(
            "people have answered or hold every item that the model has a label for: nothing is "
            "left to promise"
        )
    frozen = frozen_order(frozen, seed=project.routing.seed)
    ranks = project.routing.signal in RANKS_ONLY
    answered = _answered(store, project, question, others) if ranks else None
    planned = plan(frozen, len(routed), terms, answered)
    return Prepared(frozen, others, replace(planned, unrouted=total - len(routed)))


def _answered(
    store: Store, project: Project, question: QuestionSettings, others: Sequence[Routed]
) -> Mapping[str, tuple[float, bool]]:
    """item -> its score, and whether people say otherwise than the model."""
    people = human_values(store, project.project, question)
    return {
        one.item_id: (one.score, people[one.item_id] != one.label)
        for one in others
        if one.score is not None and one.label is not None and one.item_id in people
    }


@dataclass(frozen=True, slots=True)
class Ready:
    """A promise with its draw, not stored yet. routings: number of the next one when it was made.

    What people take or answer before it is stored does no harm: their answers only repair errors.
    """

    promise: Promise
    items: list[PromiseItem]
    plan: Plan
    routings: int

    def outdated(self, store: Store) -> bool:
        """Whether labels or order may be others now."""
        now = store.decisions.next_number(self.promise.project, self.promise.question)
        return now != self.routings


def freeze_and_draw(
    store: Store,
    project: Project,
    question: QuestionSettings,
    terms: Terms,
    *,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
) -> Ready:
    """Nothing is stored yet. Raises as `prepare` does; the promise's number is still to be set."""
    routings = store.decisions.next_number(project.project, question.name)
    prepared = prepare(store, project, question, terms)
    promise_id, items = new_id(), _frozen(prepared)
    promise = Promise(
        id=promise_id,
        project=project.project,
        question=question.name,
        number=0,
        tolerance=terms.tolerance,
        alpha=terms.alpha,
        size=prepared.plan.size,
        population=prepared.plan.population,
        audited=prepared.plan.audited,
        frozen=fingerprint(items),
        seed=new_id(),
        basis=basis_of(store, project, question),
        created_by=actor.name,
        created_at=iso(now),
    )
    return Ready(promise, _drawn(promise, items), prepared.plan, routings)


def _frozen(prepared: Prepared) -> list[PromiseItem]:
    """The items of a promise before anything is drawn."""
    return [
        *(
            PromiseItem(one.item_id, place, None, one.label, one.score)
            for place, one in enumerate(prepared.frozen)
        ),
        *(PromiseItem(one.item_id, None, None, None, None) for one in prepared.others),
    ]


def _drawn(promise: Promise, items: list[PromiseItem]) -> list[PromiseItem]:
    """The frozen items, with the turn in which each was drawn."""
    frozen = [item.item_id for item in items if item.place is not None]
    drawn = draw(frozen, promise.audited, seed=promise.seed, frozen=promise.frozen)
    result = list(items)
    for turn, place in enumerate(drawn.tolist()):
        result[place] = items[place]._replace(drawn=turn)
    return result


def open_audit(
    store: Store,
    project: Project,
    question: QuestionSettings,
    promise: Promise,
    items: Sequence[PromiseItem],
    now: datetime,
) -> None:
    """Decisions and slots for the items drawn, and for what was people's but had none.

    The items drawn stand among the most urgent of those that wait, one of these beside each, in
    the order drawn: an audit that is finished sooner wastes fewer answers.
    """
    drawn = sorted((i for i in items if i.drawn is not None), key=lambda i: i.drawn or 0)
    audits = [
        replace(
            decision,
            destination="audit",
            propensity=round(promise.audited / promise.population, 9),
            reason=f"drawn at random for the audit of promise {promise.number}",
        )
        for decision in store.decisions.of_items(question.name, [i.item_id for i in drawn])
    ]
    theirs = store.decisions.of_items(question.name, [i.item_id for i in items if i.place is None])
    given = [
        replace(d, destination="annotate", propensity=1.0, reason="people had it before the freeze")
        for d in theirs
        if d.destination == "auto"
    ]
    record(store, promise, [*audits, *given], {"audited": promise.audited}, now)
    urgency = _urgency(store, promise, [item.item_id for item in drawn])
    open_slots(store, project, question, audits, now=iso(now), place=lambda d: urgency[d.item_id])
    open_slots(store, project, question, given, now=iso(now))
    store.assignments.reprioritise(project.project, question.name, urgency)


def _urgency(store: Store, promise: Promise, drawn: Sequence[str]) -> Mapping[str, float]:
    """A priority for each item drawn, falling in this order, and for as many others that wait.

    The two kinds alternate by chance. Those others keep the rank they have; they are moved up by
    next to nothing, since many have the same score and nothing could stand between them.
    """
    waiting = store.assignments.open_priorities(promise.project, promise.question)
    numbers = chances(drawn, seed=promise.seed)
    for item_id in drawn:
        waiting.pop(item_id, None)
    others = sorted(waiting, key=lambda item_id: (-waiting[item_id], item_id))[: len(drawn)]
    if not others:
        return dict(zip(drawn, np.sort(numbers)[::-1].tolist(), strict=True))
    before = np.sort((numbers * (len(others) + 1)).astype(np.int64)).tolist()
    queue = sorted(
        [(at, 0, item_id) for at, item_id in zip(before, drawn, strict=True)]
        + [(at, 1, item_id) for at, item_id in enumerate(others)],
        key=lambda place: place[:2],
    )
    last = len(others) - 1
    return {
        item_id: waiting[others[min(at, last)]] + (len(queue) - rank) * _STEP
        for rank, (at, _, item_id) in enumerate(queue)
    }


_STEP = 1e-12
