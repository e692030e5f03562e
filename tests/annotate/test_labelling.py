"""Taking, answering, skipping, undoing: leases, doubles, several people, rights."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from annotate import people
from annotate.clock import iso
from annotate.errors import Conflict, NotAllowed, NotFound
from annotate.model import Person
from annotate.store import Store
from annotate.workflow.labelling import (
    assign,
    day,
    lease_left,
    recent,
    shown_fields,
    skip,
    submit,
    undo,
)
from tests.annotate.desk import LEASE_MINUTES, Desk
from tests.small import MINUTE, START, Clock, someone


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


def test_what_was_undone_last_is_in_hand(store: Store, clock: Clock) -> None:
    desk = Desk(store, clock, items=6, per_item=1)
    for _ in range(6):
        desk.answer_next(desk.ann)
    for item_id in reversed(desk.ids):
        back = desk.undo(desk.ann)
        assert back is not None
        assert desk.next(desk.ann).item.id == back.item.id == item_id


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
    refused: list[Callable[[], object]] = [
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
