"""What the tests of labelling share: a queue, and the verbs as its people use them."""

from __future__ import annotations

from annotate.store import Store
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

    def counting(self) -> list[tuple[int, str, object]]:
        """(item's number, person, value) of every answer that counts."""
        names = {person.id: person.name for person in self.store.people.all()}
        rows = self.store.annotations.counting("mails", QUESTION)
        return [(self.ids.index(a.item_id), names[a.person_id], a.value) for a in rows]

    def slots(self) -> dict[str, int]:
        return self.store.progress.slots("mails", QUESTION)
