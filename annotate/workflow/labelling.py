"""A person's day: take the next item, answer, skip, undo. Nothing said is ever lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from annotate.clock import iso, later
from annotate.errors import Conflict, NotFound
from annotate.model import Annotation, Assignment, Item, Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, Control, QuestionSettings, accept
from annotate.store import Store


@dataclass(frozen=True, slots=True)
class Task:
    """An assignment in somebody's hands, with all that a page shows of it. Blind: no model answer.

    answer_id: what the answer will be stored under, so that a double click is one answer.
    """

    assignment: Assignment
    item: Item
    question: QuestionSettings
    control: Control
    answer_id: str


@dataclass(frozen=True, slots=True)
class Done:
    """An answer of one's own, as a list shows it."""

    annotation: Annotation
    item: Item


@dataclass(frozen=True, slots=True)
class Day:
    """Where a person stands: answers today, and slots they could still fill."""

    answered_today: int
    waiting: int


def assign(store: Store, project: Project, *, actor: Person, now: datetime) -> Task | None:
    """The item this person has in hand, else the next one of the queue; None when it is empty.

    A page runs again on every click, so asking twice gives the same item and renews its lease.
    """
    require(actor, "label")
    until = later(now, project.people.lease_minutes)
    with store.transaction():  # asked from two windows at once, the second gets what the first got
        taken = store.assignments.renew(project.project, actor.id, until=until)
        if taken is None:
            store.assignments.release_expired(project.project, now=iso(now))
            taken = store.assignments.claim(project.project, actor.id, until=until)
    return None if taken is None else _task(store, project, taken)


def submit(
    store: Store,
    project: Project,
    task: Task,
    value: object,
    *,
    actor: Person,
    now: datetime,
    seconds: float | None = None,
    note: str | None = None,
) -> Annotation:
    """Store an answer; the same answer sent twice is stored once.

    Raises NotAllowed, InvalidValue, and Conflict when the item has gone to somebody else or
    was already answered otherwise.
    """
    require(actor, "label")
    parsed = accept(task.question, value, task.item.fields)
    return _settle(store, task, "answer", parsed, actor, now, seconds, note)


def skip(
    store: Store,
    project: Project,
    task: Task,
    *,
    actor: Person,
    now: datetime,
    reason: str | None = None,
    seconds: float | None = None,
) -> Annotation:
    """Leave an item to somebody else; this person will not get it again."""
    require(actor, "label")
    return _settle(store, task, "skip", None, actor, now, seconds, reason)


def undo(store: Store, project: Project, *, actor: Person, now: datetime) -> Task | None:
    """Take the last answer or skip back, and the item into hand again; None when there is none.

    The answer stays stored as retracted. What was in hand comes back once this item is answered.
    Raises Conflict when the item has gone to somebody else (after a skip).
    """
    require(actor, "label")
    until = later(now, project.people.lease_minutes)
    with store.transaction():
        last = store.annotations.last_of(project.project, actor.id)
        if last is None:
            return None
        # the lease that ends last is the one in hand
        taken = store.assignments.retake(last.assignment_id, actor.id, until=until)
        if taken is None:
            raise Conflict(
                "the item you skipped has gone to somebody else: it cannot come back; "
                "go on with the next one"
            )
        store.annotations.retract(last.id, actor.id, now=iso(now))
    return _task(store, project, taken)


def recent(store: Store, project: Project, *, actor: Person, limit: int = 5) -> list[Done]:
    """This person's own last answers and skips, newest first."""
    require(actor, "label")
    own = store.annotations.history_of(project.project, actor.id, limit=limit)
    items = store.items.several([annotation.item_id for annotation in own])
    return [Done(annotation, items[annotation.item_id]) for annotation in own]


def day(store: Store, project: Project, *, actor: Person, now: datetime) -> Day:
    """Counts for the progress line."""
    require(actor, "label")
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = store.progress.answered_today(project.project, actor.id, since=iso(midnight))
    return Day(today, store.assignments.waiting(project.project, actor.id))


def _settle(
    store: Store,
    task: Task,
    kind: str,
    value: Value,
    actor: Person,
    now: datetime,
    seconds: float | None,
    note: str | None,
) -> Annotation:
    annotation = Annotation(
        id=task.answer_id,
        project=task.assignment.project,
        item_id=task.assignment.item_id,
        question=task.question.name,
        assignment_id=task.assignment.id,
        person_id=actor.id,
        kind="skip" if kind == "skip" else "answer",
        value=value,
        note=note or None,
        shown_prelabel=None,
        seconds=seconds,
        created_at=iso(now),
        undone_at=None,
    )
    with store.transaction():
        stored = store.annotations.get(task.answer_id)
        if stored is not None:
            return _same(stored, annotation)
        if not store.assignments.settle(task.assignment.id, actor.id, done=kind == "answer"):
            raise Conflict(_GONE)
        store.annotations.add(annotation)
    return annotation


def _same(stored: Annotation, sent: Annotation) -> Annotation:
    """The stored answer when the sent one is a repetition of it."""
    if stored.person_id != sent.person_id:
        raise Conflict(_GONE)
    if stored.undone_at is not None:
        raise Conflict("you took this answer back: answer the item again as it is shown now")
    if (stored.kind, stored.value) != (sent.kind, sent.value):
        done = "skipped it" if stored.kind == "skip" else f"answered it with {stored.value!r}"
        raise Conflict(f"you are through with this item, you {done}: undo first to change that")
    return stored


_GONE = (
    "this item has gone to somebody else or is no longer asked about, because it was open for too "
    "long: your answer was not stored; the next item is yours"
)


def _task(store: Store, project: Project, assignment: Assignment) -> Task:
    item = store.items.get(assignment.item_id)
    if item is None:
        raise NotFound(f"item {assignment.item_id} is gone from the database")
    try:
        question = project.question(assignment.question)
    except KeyError:
        raise NotFound(
            f"the queue holds items for question {assignment.question!r}, which the project file "
            "no longer has: put it back, or start a new project"
        ) from None
    attempt = store.annotations.attempts(assignment.id)
    control = QUESTION_TYPES[question.type].control(question)
    return Task(assignment, item, question, control, f"{assignment.id}.{attempt}")


def shown_fields(task: Task) -> Mapping[str, str]:
    """The item's fields beside the candidate responses, which the control lays out itself."""
    aside = set(task.control.responses)
    return {name: text for name, text in task.item.fields.items() if name not in aside}


def lease_left(task: Task, now: datetime) -> timedelta:
    """How long the item is still kept for this person."""
    until = datetime.fromisoformat(task.assignment.leased_until or iso(now))
    return until - now
