"""Answers that come late or twice: stored once, or refused with nothing stored."""

from __future__ import annotations

import pytest

from annotate.clock import iso
from annotate.errors import Conflict, InvalidValue
from annotate.store import Store
from tests.annotate.desk import LEASE_MINUTES, Desk
from tests.small import QUESTION, Clock


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    """Three items, one answer wanted of each."""
    return Desk(store, clock, items=3, per_item=1)


@pytest.fixture
def pair_desk(store: Store, clock: Clock) -> Desk:
    """Two items, two people wanted for each."""
    return Desk(store, clock, items=2, per_item=2)


# ---- late


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
