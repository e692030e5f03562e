"""Many people at one queue: a random day against a simple model, eight processes, query plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from annotate.errors import Conflict
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.workflow.labelling import Task, assign, day, skip, submit, undo
from tests.annotate.workers import claim_all, in_processes
from tests.small import QUESTION, START, add_items, add_slots, small_project, someone

ITEMS, PER_ITEM, LEASE_MINUTES = 3, 2, 30


@dataclass
class Slot:
    """What the model holds for true of one slot."""

    id: str
    item: str
    person: str | None = None
    until: datetime | None = None
    done: bool = False

    @property
    def open(self) -> bool:
        return self.person is None


@dataclass
class Answer:
    """An answer or a skip (value None) that was acknowledged."""

    person: str
    slot: Slot
    value: str | None
    undone: bool = False


@dataclass
class Model:
    """The rules of the queue, without a database."""

    slots: list[Slot]
    answers: dict[str, Answer] = field(default_factory=dict)

    def had(self, person: str, item: str) -> bool:
        """Whether this person has the item in hand, has answered it or has skipped it."""
        return any(s.person == person and s.item == item for s in self.slots) or any(
            a.person == person and a.slot.item == item and not a.undone
            for a in self.answers.values()
        )

    def assign(self, person: str, now: datetime, until: datetime) -> Slot | None:
        held = [s for s in self.slots if s.person == person and not s.done]
        if not held:
            for slot in self.slots:
                if slot.until is not None and slot.until < now:
                    slot.person = slot.until = None
        free = [s for s in self.slots if s.open and not self.had(person, s.item)]
        taken = max(held, key=lambda s: s.until or now) if held else next(iter(free), None)
        if taken is not None:
            taken.person, taken.until = person, until
        return taken

    def settle(self, person: str, slot_id: str, answer_id: str, value: str | None) -> bool:
        slot = next(s for s in self.slots if s.id == slot_id)
        if answer_id in self.answers:
            return self.answers[answer_id] == Answer(person, slot, value)
        mine = slot.person == person and not slot.done
        if not mine and not (slot.open and not self.had(person, slot.item)):
            return False
        slot.person, slot.until, slot.done = (person if value else None), None, bool(value)
        self.answers[answer_id] = Answer(person, slot, value)
        return True

    def undo(self, person: str, until: datetime) -> Slot | Conflict | None:
        own = [a for a in self.answers.values() if a.person == person and not a.undone]
        if not own:
            return None
        last = own[-1]
        if not last.slot.open and last.slot.person != person:
            return Conflict()
        last.undone = True
        last.slot.person, last.slot.until, last.slot.done = person, until, False
        return last.slot


NAMES = st.sampled_from(["Ann", "Bob", "Cyd"])
ANSWERS = st.sampled_from(["spam", "ham", None])


class RandomDay(RuleBasedStateMachine):
    """Three people do anything in any order; the store and the model must always agree."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = open_store(Path(self.folder.name) / "day.db")
        self.project = small_project(people={"per_item": PER_ITEM, "lease_minutes": LEASE_MINUTES})
        add_slots(self.store, self.project, add_items(self.store, self.project, ITEMS), PER_ITEM)
        self.people = {name: someone(self.store, name) for name in ("Ann", "Bob", "Cyd")}
        rows = self.store._engine.query(
            "select id, item_id from assignments order by priority desc, id"
        )
        self.model = Model([Slot(row["id"], row["item_id"]) for row in rows])
        self.now = START
        self.tasks: list[tuple[str, Task]] = []
        self.in_hand: dict[str, Task | None] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def tick(self) -> datetime:
        """A little later; and when a lease from then on ends."""
        self.now += timedelta(seconds=1)
        return self.now + timedelta(minutes=LEASE_MINUTES)

    def remember(self, name: str, task: Task | None, expected: Slot | None) -> None:
        assert (task and task.assignment.id) == (expected and expected.id)
        self.in_hand[name] = task
        if task is not None:
            self.tasks.append((name, task))

    def send(self, name: str, task: Task, value: str | None) -> None:
        self.tick()
        person = self.people[name]
        fine = self.model.settle(name, task.assignment.id, task.answer_id, value)
        try:
            if value is None:
                skip(self.store, self.project, task, actor=person, now=self.now)
            else:
                submit(self.store, self.project, task, value, actor=person, now=self.now)
        except Conflict:
            assert not fine
        else:
            assert fine

    @rule(name=NAMES)
    def assign(self, name: str) -> None:
        until = self.tick()
        expected = self.model.assign(name, self.now, until)
        task = assign(self.store, self.project, actor=self.people[name], now=self.now)
        self.remember(name, task, expected)

    @rule(name=NAMES, value=ANSWERS)
    def answer(self, name: str, value: str | None) -> None:
        task = self.in_hand.get(name)
        if task is not None:
            self.send(name, task, value)

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), name=NAMES, value=ANSWERS)
    def answer_from_an_old_window(self, data: st.DataObject, name: str, value: str | None) -> None:
        """Any task anybody was ever shown, mostly by who was shown it."""
        shown_to, task = data.draw(st.sampled_from(self.tasks))
        self.send(data.draw(st.sampled_from([shown_to, shown_to, name])), task, value)

    @rule(name=NAMES)
    def undo(self, name: str) -> None:
        until = self.tick()
        expected = self.model.undo(name, until)
        try:
            task = undo(self.store, self.project, actor=self.people[name], now=self.now)
        except Conflict:
            assert isinstance(expected, Conflict)
        else:
            assert not isinstance(expected, Conflict)
            if expected is not None:
                self.remember(name, task, expected)
            else:
                assert task is None

    @rule(minutes=st.sampled_from([1, 20, LEASE_MINUTES + 1]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def every_acknowledged_answer_is_stored(self) -> None:
        names = {person.id: name for name, person in self.people.items()}
        stored = {
            a.id: (names[a.person_id], a.assignment_id, a.value, a.undone_at is not None)
            for slot in self.model.slots
            for a in self.store.annotations.of_item(slot.item)
        }
        assert stored == {
            answer_id: (a.person, a.slot.id, a.value, a.undone)
            for answer_id, a in self.model.answers.items()
        }

    @invariant()
    def nobody_counts_twice_and_no_item_too_often(self) -> None:
        counting = list(self.store.annotations.counting("mails", QUESTION))
        assert max(Counter(a.item_id for a in counting).values(), default=0) <= PER_ITEM
        assert max(Counter((a.item_id, a.person_id) for a in counting).values(), default=0) <= 1
        assert max(Counter(a.assignment_id for a in counting).values(), default=0) <= 1

    @invariant()
    def slots_are_as_the_model_says(self) -> None:
        rows = self.store._engine.query("select id, state, person_id from assignments")
        ids = {name: person.id for name, person in self.people.items()}
        states = {row["id"]: (row["state"], row["person_id"]) for row in rows}
        assert states == {
            slot.id: (
                "done" if slot.done else "open" if slot.open else "leased",
                None if slot.person is None else ids[slot.person],
            )
            for slot in self.model.slots
        }

    @invariant()
    def what_waits_is_what_the_model_says(self) -> None:
        for name, person in self.people.items():
            free = sum(s.open and not self.model.had(name, s.item) for s in self.model.slots)
            held = sum(s.person == name and not s.done for s in self.model.slots)
            shown = day(self.store, self.project, actor=person, now=self.now)
            assert shown.waiting == free + held


TestRandomDay = RandomDay.TestCase
TestRandomDay.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


# ---- many at once, and the plans of the queries


def test_eight_processes_empty_one_queue(database: Path, store: Store, project: Project) -> None:
    count = 2_000
    add_slots(store, project, add_items(store, project, count))
    store.close()
    people = [(database, f"person {at}") for at in range(8)]
    taken: Sequence[list[str]] = in_processes(8, claim_all, people)
    times = Counter(slot for mine in taken for slot in mine)
    assert len(times) == count
    assert set(times.values()) == {1}
    assert sum(1 for mine in taken if mine) > 1
    with open_store(database) as again:
        answers = list(again.annotations.counting("mails", QUESTION))
        assert Counter(a.assignment_id for a in answers) == times
        assert again.progress.slots("mails", QUESTION) == {"done": count}


def test_taking_and_counting_never_scan(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, Mapping[str, Any]]] = []
    query = store._engine.query

    def listen(sql: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        said.append((sql, params))
        return query(sql, params)

    monkeypatch.setattr(store._engine, "query", listen)
    store.assignments.claim("mails", "p", until="t")
    store.assignments.renew("mails", "p", until="t")
    store.assignments.retake("a", "p", until="t")
    store.assignments.waiting("mails", "p")
    store.annotations.attempts("a")
    store.annotations.last_of("mails", "p")
    store.progress.answered_today("mails", "p", since="t")
    assert len(said) == 7
    for sql, params in said:
        plan = [row["detail"] for row in query(f"explain query plan {sql}", params)]
        whole = [step for step in plan if step.startswith("SCAN")]
        # `had` is what one person has had, not a table
        assert set(whole) <= {"SCAN had", "SCAN CONSTANT ROW"}, sql
