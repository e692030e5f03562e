"""What the tests of labelling share: a queue, and the verbs as its people use them."""

from __future__ import annotations

from annotate.model import Annotation, Person
from annotate.store import Store
from annotate.workflow.labelling import Task, assign, skip, submit, undo
from tests.small import QUESTION, Clock, add_items, add_slots, small_project, someone

LEASE_MINUTES = 30


class Desk:
    """A queue of items, and the verbs as one person after the other uses them."""

    def __init__(self, store: Store, clock: Clock, items: int, per_item: int) -> None:
        self.store, self.clock = store, clock
        self.project = small_project(people={"per_item": per_item, "lease_minutes": LEASE_MINUTES})
        self.ids = add_items(store, self.project, items)
        add_slots(store, self.project, self.ids, per_item)
        self.ann, self.bob = someone(store, "Ann"), someone(store, "Bob")

    def next(self, person: Person) -> Task:
        task = self.maybe(person)
        assert task is not None
        return task

    def maybe(self, person: Person) -> Task | None:
        return assign(self.store, self.project, actor=person, now=self.clock.forward(0.001))

    def submit(self, task: Task, person: Person, value: object = "spam") -> Annotation:
        now = self.clock.forward(0.001)
        return submit(self.store, self.project, task, value, actor=person, now=now)

    def skip(self, task: Task, person: Person) -> Annotation:
        now = self.clock.forward(0.001)
        return skip(self.store, self.project, task, actor=person, now=now, reason="unclear")

    def undo(self, person: Person) -> Task | None:
        return undo(self.store, self.project, actor=person, now=self.clock.forward(0.001))

    def answer_next(self, person: Person, value: str = "spam") -> Task:
        task = self.next(person)
        self.submit(task, person, value)
        return task

    def counting(self) -> list[tuple[int, str, object]]:
        """(item's number, person, value) of every answer that counts."""
        names = {person.id: person.name for person in self.store.people.all()}
        rows = self.store.annotations.counting("mails", QUESTION)
        return [(self.ids.index(a.item_id), names[a.person_id], a.value) for a in rows]

    def slots(self) -> dict[str, int]:
        return self.store.progress.slots("mails", QUESTION)
