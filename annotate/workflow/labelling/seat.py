"""One person at one project's queue, at one moment: what every step of labelling is about."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from annotate.clock import iso, later
from annotate.errors import Conflict
from annotate.model import Annotation, Assignment, Person
from annotate.project import Project
from annotate.store import Store
from annotate.store.openings import Opening
from annotate.store.persons.person_events import PersonEvent
from annotate.store.queue.operations import Status
from annotate.workflow.labelling.messages import Message


@dataclass(frozen=True, slots=True)
class Seat:
    """Asks about the person's rights are behind us."""

    store: Store
    project: Project
    actor: Person
    now: datetime
    opening: Opening = "open"
    paused: PersonEvent | None = None
    """Set while a lead has paused this person here."""

    @property
    def name(self) -> str:
        """The project's."""
        return self.project.project

    @property
    def questions(self) -> tuple[str, ...]:
        """What is asked now: slots of a question that left the project file wait for its return."""
        return tuple(question.name for question in self.project.questions)

    @property
    def at(self) -> str:
        return iso(self.now)

    @property
    def until(self) -> str:
        """When a lease given now ends."""
        return later(self.now, self.project.people.lease_minutes)

    @property
    def midnight(self) -> str:
        return iso(self.now.replace(hour=0, minute=0, second=0, microsecond=0))

    def minutes_from_now(self, moment: str) -> float:
        return (datetime.fromisoformat(moment) - self.now) / timedelta(minutes=1)


class Turned(Conflict):
    """An operation that was not done; what was sent is kept all the same."""

    def __init__(self, status: Status, code: str, **facts: object) -> None:
        self.status, self.said = status, Message(code, dict(facts))
        super().__init__(self.said.words("en"))


def attempts(said: Iterable[Annotation]) -> int:
    """How often somebody has settled an item: what they said counts by operation."""
    return len({one.op_id for one in said if one.kind != "second"})


def in_hand(
    seat: Seat, item_id: str, attempt: int, answered: Container[str] | None = None
) -> list[Assignment]:
    """This person's slots of the item; what ran out is theirs until somebody else takes it.

    attempt: how often they had settled the item when it was shown. answered: of an item that comes
    late only these questions are taken again, since others may have been opened meanwhile. Raises
    Turned when they have settled it again since, or the item has gone.
    """
    said = seat.store.annotations.by_person([item_id], seat.actor.id)
    if attempts(said) != attempt:
        counting = any(one.undone_at is None for one in said)
        raise Turned("conflict", "other_window" if counting else "taken_back")
    own = seat.store.leases.of_items(seat.actor.id, [item_id]).get(item_id, [])
    held = [slot for slot in own if slot.state == "leased" and slot.question in seat.questions]
    if not held:
        wanted = [name for name in seat.questions if answered is None or name in answered]
        held = take(seat, [item_id], wanted)
    if not held:
        raise Turned("conflict", "gone")
    return held


def take(seat: Seat, item_ids: Sequence[str], questions: Sequence[str]) -> list[Assignment]:
    """These questions of the items, as far as they are free, lent to this person."""
    return seat.store.leases.take(
        seat.name, seat.actor.id, item_ids, questions=questions, until=seat.until
    )
