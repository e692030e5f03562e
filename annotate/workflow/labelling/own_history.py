"""A person's own answers and skips, newest first, as the screen walks back through them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from annotate.model import Annotation, Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.store.queue.checks import Check
from annotate.store.queue.operations import Operation
from annotate.workflow.labelling.requests import Malformed
from annotate.workflow.labelling.seat import Seat
from annotate.workflow.labelling.showing import described
from annotate.workflow.projects.opening import opening

MOST = 200


def own_history(
    store: Store,
    project: Project,
    *,
    actor: Person,
    now: datetime,
    before: str | None = None,
    limit: int | str = 50,
) -> dict[str, Any]:
    """`{answers: [{op, task, answers, kind, note, at, revisable, second?}], next}` as JSON.

    before: the `next` of an earlier reply, which is None at the end. limit: 1 to 200. Raises
    NotAllowed, and Malformed.
    """
    require(actor, "label")
    stands = opening(store, project)
    pause = store.person_events.pause(project.project, actor.id)
    seat = Seat(store, project, actor, now, "open" if stands is None else stands.state, pause)
    count = _limit(limit)
    with store.snapshot():
        found = store.operations.history(
            seat.name, actor.id, before=_cursor(before), limit=count + 1
        )
        rows, more = found[:count], found[count:]
        answers = _described(seat, rows)
    cursor = f"{rows[-1].created_at}~{rows[-1].id}" if more else None
    return {"answers": answers, "next": cursor}


def _limit(given: int | str) -> int:
    try:
        limit = int(given)
    except ValueError:
        limit = 0
    if not 1 <= limit <= MOST:
        raise Malformed(f"limit: {given!r} is no number from 1 to {MOST}")
    return limit


def _cursor(before: str | None) -> tuple[str, str] | None:
    if before is None:
        return None
    at, parted, operation_id = before.partition("~")
    if not parted:
        raise Malformed(f"before: {before!r} is not the `next` of an earlier reply")
    return at, operation_id


def _described(seat: Seat, rows: Sequence[Operation]) -> list[dict[str, Any]]:
    item_ids = list(dict.fromkeys(row.item_id for row in rows))
    said = seat.store.annotations.by_person(item_ids, seat.actor.id)
    checks = seat.store.checks.of_items(seat.actor.id, item_ids)
    of_row = {
        row.id: [one for one in said if one.op_id == row.id and one.undone_at is None]
        for row in rows
    }
    made = []
    for row in rows:
        own, check = of_row[row.id], checks.get(row.item_id)
        names = [one.question for one in own if one.question in _questions(seat.project)]
        if own and not names:  # of questions that are no longer asked
            continue
        tasks = described(seat, {row.item_id: names})
        if tasks:
            seconds = [one for one in said if one.item_id == row.item_id and _second(one)]
            made.append(_entry(seat, row, tasks[0], own, check) | _beside(seconds))
    return made


def _questions(project: Project) -> set[str]:
    return {question.name for question in project.questions}


def _second(one: Annotation) -> bool:
    return one.kind == "second" and one.undone_at is None


def _beside(seconds: Sequence[Annotation]) -> dict[str, Any]:
    return {"second": {one.question: one.value for one in seconds}} if seconds else {}


def _entry(
    seat: Seat,
    row: Operation,
    task: dict[str, Any],
    own: Sequence[Annotation],
    check: Check | None,
) -> dict[str, Any]:
    skipped = any(one.kind == "skip" for one in own)
    answers = {one.question: one.value for one in own if one.kind == "answer"}
    note = own[0].note if own else None
    if not own and check is not None:
        skipped, answers, note = check.state == "skipped", dict(check.answers or {}), check.note
    trained = not own and check is not None and check.purpose == "training"
    return {
        "op": row.id,
        "task": task,
        "answers": answers,
        "kind": "skip" if skipped else "answer",
        "note": note,
        "at": row.created_at,
        "revisable": seat.opening != "frozen" and seat.paused is None and not trained,
    }
