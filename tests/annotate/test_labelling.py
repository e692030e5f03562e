"""Taking, answering, skipping, undoing: leases, doubles, several people, rights."""

from __future__ import annotations

import sqlite3

import pytest

from annotate import people
from annotate.clock import iso
from annotate.errors import Conflict, InvalidValue, NotAllowed, NotFound
from annotate.model import Annotation, Person
from annotate.store import Store
from annotate.workflow.labelling import (
    Task,
    assign,
    day,
    lease_left,
    recent,
    shown_fields,
    skip,
    submit,
    undo,
)
from tests.conftest import Clock
from tests.small import MINUTE, QUESTION, START, add_items, add_slots, small_project, someone

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


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    """Three items, one answer wanted of each."""
    return Desk(store, clock, items=3, per_item=1)


@pytest.fixture
def pair_desk(store: Store, clock: Clock) -> Desk:
    """Two items, two people wanted for each."""
    return Desk(store, clock, items=2, per_item=2)


# ---- taking


def test_the_most_urgent_item_comes_first(desk: Desk) -> None:
    assert [desk.answer_next(desk.ann).item.id for _ in range(3)] == desk.ids
    assert desk.maybe(desk.ann) is None


def test_what_is_in_hand_comes_again(desk: Desk) -> None:
    first = desk.next(desk.ann)
    desk.clock.forward(20)
    again = desk.next(desk.ann)
    assert (again.assignment.id, again.answer_id) == (first.assignment.id, first.answer_id)
    assert again.assignment.leased_until == iso(desk.clock() + LEASE_MINUTES * MINUTE)
    assert lease_left(again, desk.clock()) == LEASE_MINUTES * MINUTE
    assert desk.next(desk.bob).item.id == desk.ids[1]


def test_a_task_says_what_a_page_shows_and_nothing_of_the_model(desk: Desk) -> None:
    task = desk.next(desk.ann)
    assert [option.value for option in task.control.options] == ["spam", "ham"]
    assert shown_fields(task) == {"text": "mail 0"}
    assert task.answer_id == f"{task.assignment.id}.0"
    assert not hasattr(task, "prelabel")


def test_a_lease_that_ran_out_gives_the_item_to_another(desk: Desk) -> None:
    first = desk.next(desk.ann)
    desk.clock.forward(LEASE_MINUTES + 1)
    assert desk.next(desk.bob).assignment.id == first.assignment.id
    assert desk.next(desk.ann).item.id == desk.ids[1]


def test_a_lease_that_ran_out_is_renewed_when_nobody_came(desk: Desk) -> None:
    first = desk.next(desk.ann)
    desk.clock.forward(LEASE_MINUTES + 1)
    assert desk.next(desk.ann).assignment.id == first.assignment.id
    assert desk.next(desk.bob).item.id == desk.ids[1]


def test_a_late_answer_is_stored_while_nobody_has_the_item(desk: Desk) -> None:
    task = desk.next(desk.ann)
    desk.clock.forward(10 * LEASE_MINUTES)
    desk.submit(task, desk.ann)
    assert desk.counting() == [(0, "Ann", "spam")]


def test_a_late_answer_is_stored_when_the_item_went_back_to_the_queue(desk: Desk) -> None:
    """Bob's turn frees what ran out, but he takes a more urgent item."""
    task = desk.next(desk.ann)
    sql = "update assignments set priority = -9 where id = :id"
    desk.store._engine.execute(sql, {"id": task.assignment.id})
    desk.clock.forward(LEASE_MINUTES + 1)
    assert desk.next(desk.bob).item.id == desk.ids[1]
    assert desk.slots() == {"open": 2, "leased": 1}
    desk.submit(task, desk.ann)
    assert desk.counting() == [(0, "Ann", "spam")]
    assert desk.slots() == {"done": 1, "open": 1, "leased": 1}


@pytest.mark.parametrize("bob_answers", [True, False])
def test_a_late_answer_is_refused_once_another_has_the_item(desk: Desk, bob_answers: bool) -> None:
    task = desk.next(desk.ann)
    desk.clock.forward(LEASE_MINUTES + 1)
    taken = desk.next(desk.bob)
    if bob_answers:
        desk.submit(taken, desk.bob, "ham")
    with pytest.raises(Conflict) as caught:
        desk.submit(task, desk.ann)
    assert "gone to somebody else" in str(caught.value)
    assert "your answer was not stored" in str(caught.value)
    assert "ham" not in str(caught.value)
    assert desk.counting() == ([(0, "Bob", "ham")] if bob_answers else [])


def test_a_late_answer_to_a_withdrawn_item_is_refused(desk: Desk) -> None:
    task = desk.next(desk.ann)
    desk.clock.forward(LEASE_MINUTES + 1)
    desk.store.assignments.release_expired("mails", now=iso(desk.clock()))
    assert desk.store.assignments.withdraw("mails", QUESTION, keep=(), per_item=1) == 3
    with pytest.raises(Conflict, match="is no longer asked about"):
        desk.submit(task, desk.ann)
    assert desk.counting() == []


def test_a_late_answer_beside_the_items_other_slot_is_refused(pair_desk: Desk) -> None:
    """Ann's lease ran out and she was given the other slot of the same item."""
    desk = pair_desk
    first = desk.next(desk.ann)
    desk.clock.forward(LEASE_MINUTES + 1)
    desk.store.assignments.release_expired("mails", now=iso(desk.clock()))
    sql = "update assignments set priority = 9 where item_id = :item and id <> :id"
    params = {"item": first.item.id, "id": first.assignment.id}
    desk.store._engine.execute(sql, params)
    second = desk.next(desk.ann)
    assert second.item.id == first.item.id
    assert second.assignment.id != first.assignment.id
    with pytest.raises(Conflict):
        desk.submit(first, desk.ann)
    desk.submit(second, desk.ann)
    with pytest.raises(Conflict):
        desk.submit(first, desk.ann)
    assert desk.counting() == [(0, "Ann", "spam")]


# ---- several people


def test_nobody_gets_an_item_twice(pair_desk: Desk) -> None:
    desk = pair_desk
    assert [desk.answer_next(desk.ann).item.id for _ in range(2)] == desk.ids
    assert desk.maybe(desk.ann) is None
    assert [desk.answer_next(desk.bob, "ham").item.id for _ in range(2)] == desk.ids
    assert desk.maybe(desk.bob) is None
    assert sorted(desk.counting()) == [
        (0, "Ann", "spam"),
        (0, "Bob", "ham"),
        (1, "Ann", "spam"),
        (1, "Bob", "ham"),
    ]


def test_two_people_may_hold_one_item_at_a_time(pair_desk: Desk) -> None:
    ann, bob = pair_desk.next(pair_desk.ann), pair_desk.next(pair_desk.bob)
    assert ann.item.id == bob.item.id == pair_desk.ids[0]
    assert ann.assignment.id != bob.assignment.id


def test_a_skipped_item_goes_to_somebody_else(pair_desk: Desk) -> None:
    desk = pair_desk
    skipped = desk.next(desk.ann)
    stored = desk.skip(skipped, desk.ann)
    assert (stored.kind, stored.value, stored.note) == ("skip", None, "unclear")
    assert desk.answer_next(desk.ann).item.id == desk.ids[1]
    assert desk.maybe(desk.ann) is None
    assert desk.answer_next(desk.bob).item.id == desk.ids[0]
    cyd = someone(desk.store, "Cyd")
    assert desk.answer_next(cyd).item.id == desk.ids[0]
    assert desk.counting() == [(0, "Bob", "spam"), (0, "Cyd", "spam"), (1, "Ann", "spam")]


# ---- doubles


def test_the_same_answer_twice_is_one(desk: Desk) -> None:
    task = desk.next(desk.ann)
    first = desk.submit(task, desk.ann)
    assert desk.submit(task, desk.ann) == first
    assert desk.counting() == [(0, "Ann", "spam")]


def test_another_answer_to_the_same_task_is_refused(desk: Desk) -> None:
    task = desk.next(desk.ann)
    desk.submit(task, desk.ann)
    with pytest.raises(Conflict) as caught:
        desk.submit(task, desk.ann, "ham")
    assert str(caught.value) == (
        "you are through with this item, you answered it with 'spam': undo first to change that"
    )
    with pytest.raises(Conflict, match="you answered it with 'spam'"):
        desk.skip(task, desk.ann)
    assert desk.counting() == [(0, "Ann", "spam")]


def test_a_skip_twice_is_one_and_an_answer_after_it_is_refused(desk: Desk) -> None:
    task = desk.next(desk.ann)
    assert desk.skip(task, desk.ann) == desk.skip(task, desk.ann)
    with pytest.raises(Conflict, match="you skipped it: undo first"):
        desk.submit(task, desk.ann)
    assert len(desk.store.annotations.of_item(task.item.id)) == 1


def test_an_old_window_cannot_answer_after_an_undo(desk: Desk) -> None:
    task = desk.answer_next(desk.ann)
    desk.undo(desk.ann)
    with pytest.raises(Conflict, match="you took this answer back"):
        desk.submit(task, desk.ann)
    assert desk.counting() == []


@pytest.mark.parametrize("value", ["eggs", None, 3, ["spam"]])
def test_what_is_no_answer_is_not_stored(desk: Desk, value: object) -> None:
    task = desk.next(desk.ann)
    with pytest.raises(InvalidValue, match="not one of spam, ham"):
        desk.submit(task, desk.ann, value)
    assert desk.counting() == []
    assert desk.next(desk.ann).answer_id == task.answer_id


# ---- undo


def test_undo_without_anything_to_undo(desk: Desk) -> None:
    desk.next(desk.ann)
    assert desk.undo(desk.ann) is None


def test_undo_after_an_answer(desk: Desk) -> None:
    task = desk.answer_next(desk.ann)
    in_hand = desk.next(desk.ann)
    back = desk.undo(desk.ann)
    assert back is not None
    assert (back.item.id, back.answer_id) == (task.item.id, f"{task.assignment.id}.1")
    assert desk.next(desk.ann).answer_id == back.answer_id
    desk.submit(back, desk.ann, "ham")
    assert desk.next(desk.ann).assignment.id == in_hand.assignment.id
    assert desk.counting() == [(0, "Ann", "ham")]
    both = desk.store.annotations.of_item(task.item.id)
    assert [(a.value, a.undone_at is None) for a in both] == [("spam", False), ("ham", True)]


def test_undo_after_a_skip(desk: Desk) -> None:
    task = desk.next(desk.ann)
    desk.skip(task, desk.ann)
    back = desk.undo(desk.ann)
    assert back is not None
    assert back.item.id == task.item.id
    desk.submit(back, desk.ann)
    assert desk.counting() == [(0, "Ann", "spam")]


def test_undo_of_a_skip_that_somebody_else_took(desk: Desk) -> None:
    desk.skip(desk.next(desk.ann), desk.ann)
    taken = desk.next(desk.bob)
    with pytest.raises(Conflict, match="the item you skipped has gone to somebody else"):
        desk.undo(desk.ann)
    assert desk.next(desk.bob).answer_id == taken.answer_id
    [skipped] = desk.store.annotations.of_item(taken.item.id)
    assert skipped.undone_at is None


def test_undo_twice_walks_back(desk: Desk) -> None:
    first, second = desk.answer_next(desk.ann), desk.answer_next(desk.ann)
    for task in (second, first):
        back = desk.undo(desk.ann)
        assert back is not None
        assert back.item.id == task.item.id
    assert desk.undo(desk.ann) is None
    assert desk.counting() == []
    order = [desk.answer_next(desk.ann, "ham").item.id for _ in range(3)]
    assert order == desk.ids
    assert desk.counting() == [(0, "Ann", "ham"), (1, "Ann", "ham"), (2, "Ann", "ham")]


def test_an_undone_item_whose_lease_ran_out_goes_to_another(desk: Desk) -> None:
    task = desk.answer_next(desk.ann)
    desk.undo(desk.ann)
    desk.clock.forward(LEASE_MINUTES + 1)
    assert desk.answer_next(desk.bob, "ham").item.id == task.item.id
    assert desk.counting() == [(0, "Bob", "ham")]
    assert desk.undo(desk.ann) is None


def test_undo_of_another_persons_answer_is_not_possible(desk: Desk) -> None:
    desk.answer_next(desk.ann)
    assert desk.undo(desk.bob) is None
    assert desk.counting() == [(0, "Ann", "spam")]


# ---- what a person sees of their work


def test_recent_answers_newest_first(desk: Desk) -> None:
    tasks = [desk.answer_next(desk.ann), desk.next(desk.ann)]
    desk.skip(tasks[1], desk.ann)
    desk.answer_next(desk.bob)
    seen = recent(desk.store, desk.project, actor=desk.ann)
    assert [(done.item.id, done.annotation.kind) for done in seen] == [
        (desk.ids[1], "skip"),
        (desk.ids[0], "answer"),
    ]
    [last] = recent(desk.store, desk.project, actor=desk.ann, limit=1)
    assert last == seen[0]


def standing(desk: Desk, person: Person) -> tuple[int, int]:
    now = day(desk.store, desk.project, actor=person, now=desk.clock())
    return now.answered_today, now.waiting


def test_the_day_in_numbers(pair_desk: Desk) -> None:
    desk = pair_desk
    assert standing(desk, desk.ann) == (0, 4)
    task = desk.next(desk.ann)
    assert standing(desk, desk.ann) == (0, 3)  # in hand, and the two slots of the other item
    assert standing(desk, desk.bob) == (0, 3)
    desk.submit(task, desk.ann)
    assert standing(desk, desk.ann) == (1, 2)
    assert standing(desk, desk.bob) == (0, 3)
    desk.skip(desk.next(desk.ann), desk.ann)
    assert standing(desk, desk.ann) == (1, 0)
    desk.undo(desk.ann)
    assert standing(desk, desk.ann) == (1, 1)
    desk.clock.forward(24 * 60)
    assert standing(desk, desk.ann) == (0, 1)


# ---- rights, and things that are gone


def test_only_who_may_label_labels(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(people.RIGHTS, "annotator", frozenset())
    lead = someone(desk.store, "Lena", "lead")
    task = desk.next(lead)
    ann, now, store, project = desk.ann, START, desk.store, desk.project
    refused = [
        lambda: assign(store, project, actor=ann, now=now),
        lambda: submit(store, project, task, "spam", actor=ann, now=now),
        lambda: skip(store, project, task, actor=ann, now=now),
        lambda: undo(store, project, actor=ann, now=now),
        lambda: recent(store, project, actor=ann),
        lambda: day(store, project, actor=ann, now=now),
    ]
    for verb in refused:
        with pytest.raises(NotAllowed, match="Ann is annotator and may not label: ask a lead"):
            verb()
    assert desk.counting() == []


def test_somebody_elses_task_cannot_be_answered(desk: Desk) -> None:
    task = desk.next(desk.ann)
    with pytest.raises(Conflict):
        desk.submit(task, desk.bob)
    with pytest.raises(Conflict):
        desk.skip(task, desk.bob)
    assert desk.counting() == []
    assert desk.next(desk.ann).answer_id == task.answer_id


def test_a_question_that_is_no_longer_in_the_project_file(desk: Desk) -> None:
    [question] = desk.project.questions
    renamed = question.model_copy(update={"name": "other"})
    project = desk.project.model_copy(update={"questions": (renamed,)})
    with pytest.raises(NotFound, match="'mail', which the project file no longer has: put it back"):
        assign(desk.store, project, actor=desk.ann, now=START)


def test_an_answer_and_its_slot_change_together(desk: Desk) -> None:
    task = desk.next(desk.ann)
    desk.store._engine.execute(
        "create temp trigger full before insert on annotations "
        "begin select raise(abort, 'the disk is full'); end"
    )
    with pytest.raises(sqlite3.IntegrityError, match="the disk is full"):
        desk.submit(task, desk.ann)
    assert desk.slots() == {"leased": 1, "open": 2}
    desk.store._engine.execute("drop trigger full")
    desk.submit(task, desk.ann)
    assert desk.counting() == [(0, "Ann", "spam")]
