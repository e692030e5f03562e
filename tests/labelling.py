"""One task after the other, for tests that only need people's answers to be there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotate.errors import Conflict
from annotate.hashing import digest
from annotate.model import Assignment, Item, Person, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, Control
from annotate.store import Store
from annotate.workflow.labelling.syncing import sync


@dataclass(frozen=True, slots=True)
class Task:
    """What a browser was given. shown: the JSON; slots: in the order of its questions."""

    item: Item
    shown: Mapping[str, Any]
    slots: tuple[Assignment, ...]
    control: Control

    @property
    def assignment(self) -> Assignment:
        return self.slots[0]


def assign(store: Store, project: Project, *, actor: Person, now: datetime) -> Task | None:
    """The task this person has in hand, else the next one; None when there is none."""
    reply = sync(store, project, {"request": "r", "want": 1}, actor=actor, now=now)
    return _task(store, project, reply["tasks"][0], actor) if reply["tasks"] else None


def submit(
    store: Store,
    project: Project,
    task: Task,
    value: Value,
    *,
    actor: Person,
    now: datetime,
    seconds: float | None = None,
    note: str | None = None,
) -> None:
    """value: for each question of the task, where it has several. Raises Conflict."""
    names = [question["name"] for question in task.shown["questions"]]
    answers = value if len(names) > 1 else {names[0]: value}
    timed = {} if seconds is None else dict.fromkeys(names, seconds)
    more = {"answers": answers, "seconds": timed, "note": note}
    _do(store, project, _op("answer", task, actor, **more), actor, now)


def skip(
    store: Store,
    project: Project,
    task: Task,
    *,
    actor: Person,
    now: datetime,
    reason: str | None = None,
) -> None:
    _do(store, project, _op("skip", task, actor, reason=reason), actor, now)


def undo(store: Store, project: Project, *, actor: Person, now: datetime) -> Task | None:
    """The task of the newest answer or skip, in hand again; None when there is none."""
    done = store.operations.history(project.project, actor.id, before=None, limit=1)
    if not done:
        return None
    op = {"op": "undo", "id": digest("undo", done[0].id), "target": done[0].id}
    [task] = _do(store, project, op, actor, now)["tasks"]
    return _task(store, project, task, actor)


def _task(store: Store, project: Project, shown: Mapping[str, Any], actor: Person) -> Task:
    item = store.items.get(shown["id"])
    assert item is not None
    names = [question["name"] for question in shown["questions"]]
    own = store.leases.of_items(actor.id, [item.id])[item.id]
    slots = tuple(next(slot for slot in own if slot.question == name) for name in names)
    question: Any = project.question(names[0])
    return Task(item, shown, slots, QUESTION_TYPES[question.type].control(question))


def _op(kind: str, task: Task, actor: Person, **more: Any) -> dict[str, Any]:
    attempt = task.shown["attempt"]
    op_id = digest(actor.id, kind, task.item.id, attempt, more)
    return {"op": kind, "id": op_id, "task": task.item.id, "attempt": attempt, **more}


def _do(
    store: Store, project: Project, op: Mapping[str, Any], actor: Person, now: datetime
) -> dict[str, Any]:
    reply = sync(store, project, {"request": "r", "ops": [op]}, actor=actor, now=now)
    [result] = reply["results"]
    if result["status"] != "stored":
        raise Conflict(result["message"])
    return reply
