"""What a lead decides about one person: to pause them, to let them go on, to take items from them.

Each decision is appended with its time, its reason and who took it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotate.clock import iso
from annotate.errors import AnnotateError
from annotate.model import Assignment, Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.store.persons.person_events import Kind, PersonEvent
from annotate.workflow.labelling import checking
from annotate.workflow.labelling.seat import Seat, take
from annotate.workflow.projects.opening import LONGEST_REASON
from annotate.workflow.team.attention import known_person


@dataclass(frozen=True, slots=True)
class Reassigned:
    """items: taken from somebody. lent: those that went to who was named."""

    items: int
    lent: int = 0


def pause_person(
    store: Store, project: Project, name: str, *, reason: str, actor: Person, now: datetime
) -> int:
    """The person gets no items here until they are resumed; how many items went back to the queue.

    They are shown the reason. Nothing they send is taken meanwhile; it is kept as it was sent.
    Raises NotAllowed, NotFound, and AnnotateError without a reason or when they are paused already.
    """
    require(actor, "lead people")
    person = known_person(store, name)
    if not reason.strip():
        raise AnnotateError(f"why is {person.name} paused? Give a reason: they are shown it")
    with store.transaction():
        pause = store.person_events.pause(project.project, person.id)
        if pause is not None:
            when = pause.created_at[:16].replace("T", " ")
            raise AnnotateError(
                f"{person.name} is paused in {project.project!r} already, by {pause.person} at "
                f"{when} UTC: resume them first to give another reason"
            )
        item_ids = _give_back(store, project, person)
        _record(store, project, person, "paused", reason, {"items": item_ids}, actor, now)
    return len(item_ids)


def resume_person(
    store: Store,
    project: Project,
    name: str,
    *,
    actor: Person,
    now: datetime,
    reason: str | None = None,
) -> PersonEvent:
    """The person gets items here again. Raises NotAllowed, NotFound, and AnnotateError when they
    are not paused."""
    require(actor, "lead people")
    person = known_person(store, name)
    with store.transaction():
        if store.person_events.pause(project.project, person.id) is None:
            raise AnnotateError(f"{person.name} is not paused in {project.project!r}")
        return _record(store, project, person, "resumed", reason, {}, actor, now)


def reassign(
    store: Store,
    project: Project,
    name: str,
    *,
    actor: Person,
    now: datetime,
    reason: str | None = None,
    to: str | None = None,
) -> Reassigned:
    """What the person has in hand goes to others, and these items never to them again.

    to: the name of who gets them now, as far as they may have them; None: whoever asks next.
    Raises NotAllowed, NotFound, and AnnotateError for a receiver who cannot work here now.
    """
    require(actor, "lead people")
    person = known_person(store, name)
    other = None if to is None else _receiver(store, project, person, to, now)
    with store.transaction():
        slots = store.leases.held(project.project, person.id)
        item_ids = _give_back(store, project, person)
        store.person_events.withhold(person.id, item_ids, now=iso(now))
        lent = [] if other is None else _lend(other, slots)
        if item_ids:
            details = {"items": item_ids, "to": to, "lent": lent}
            _record(store, project, person, "reassigned", reason, details, actor, now)
    return Reassigned(len(item_ids), len(lent))


def take_back(
    store: Store, project: Project, name: str, *, actor: Person, now: datetime
) -> PersonEvent:
    """Undo the newest reassigning: the person may get those items again, as far as they are free.

    Raises NotAllowed, NotFound, and AnnotateError when there is nothing to undo.
    """
    require(actor, "lead people")
    person = known_person(store, name)
    with store.transaction():
        made = store.person_events.of(project.project, person.id, limit=1000)
        undone = {one.details["undoes"] for one in made if "undoes" in one.details}
        left = [one for one in made if one.kind == "reassigned" and one.number not in undone]
        newest = next((one for one in left if "undoes" not in one.details), None)
        if newest is None:
            raise AnnotateError(f"nothing was reassigned from {person.name} that could be undone")
        store.person_events.give_again(person.id, newest.details["items"])
        details = {"items": newest.details["items"], "undoes": newest.number}
        return _record(store, project, person, "reassigned", None, details, actor, now)


def _give_back(store: Store, project: Project, person: Person) -> list[str]:
    """All that the person has in hand goes back; the items that were work."""
    slots = store.leases.held(project.project, person.id)
    store.leases.give_back([slot.id for slot in slots])
    checks = store.checks.held(project.project, person.id)
    store.checks.drop_held(project.project, person.id, ("training", "gold", "reask"), checks)
    return list(dict.fromkeys(slot.item_id for slot in slots))


def _receiver(store: Store, project: Project, person: Person, to: str, now: datetime) -> Seat:
    other = known_person(store, to)
    seat = Seat(store, project, other, now)
    account = next((one for one in store.accounts.all() if one.person.id == other.id), None)
    if other.id == person.id:
        problem = "has them now"
    elif account is not None and not account.active:
        problem = "may no longer come in"
    elif store.person_events.pause(project.project, other.id) is not None:
        problem = "is paused here"
    elif checking.lesson(seat).state != "none":
        problem = "has not passed the training"
    else:
        return seat
    raise AnnotateError(f"{other.name} {problem}: name somebody else, or nobody for the queue")


def _lend(seat: Seat, slots: list[Assignment]) -> list[str]:
    """The items of these slots that the person may have, lent to them."""
    skills = {"", *seat.store.skills.of(seat.actor.id)}
    wanted = list(dict.fromkeys(one.item_id for one in slots if one.skill in skills))
    return sorted({one.item_id for one in take(seat, wanted, seat.questions)})


def _record(
    store: Store,
    project: Project,
    person: Person,
    kind: Kind,
    reason: str | None,
    details: Mapping[str, Any],
    actor: Person,
    now: datetime,
) -> PersonEvent:
    reason = (reason or "").strip() or None
    if reason is not None and len(reason) > LONGEST_REASON:
        raise AnnotateError(f"a reason has at most {LONGEST_REASON} characters: shorten it")
    return store.person_events.add(
        person.id,
        kind,
        project=project.project,
        reason=reason,
        details=details,
        by=actor.name,
        now=iso(now),
    )
