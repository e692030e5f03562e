"""What annotators are told of their own work: all of it theirs, and no secret in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from annotate.clock import iso
from annotate.model import Person
from annotate.store import Store
from annotate.store.queue.checks import Check
from annotate.workflow.decisions.adjudicating import decide, mark_ambiguous
from annotate.workflow.team.feedback import Feedback, own_feedback
from annotate.workflow.team.figures import Rate
from tests.annotate.support.browser import Browser
from tests.small import Clock, add_items, add_slots, small_project, someone


class Desk:
    """Six items for two people each, Ann and Bob at their windows, and Lena, who decides."""

    def __init__(self, store: Store, clock: Clock, **people: Any) -> None:
        self.store, self.clock = store, clock
        self.project = small_project(people={"per_item": 2} | people)
        self.ids = add_items(store, self.project, 6)
        add_slots(store, self.project, self.ids, 2)
        self.lena = someone(store, "Lena", "lead")
        self.ann, self.bob = someone(store, "Ann"), someone(store, "Bob")
        self.windows = {
            one.name: Browser(store, self.project, one, clock) for one in (self.ann, self.bob)
        }
        self.decided = 0

    def answers(self, person: Person, *values: str, seconds: float = 3.0) -> None:
        window = self.windows[person.name]
        for value in values:
            window.sync(want=1)
            window.answer(window.tasks[0], {"mail": value}, seconds={"mail": seconds})

    def decides(self, at: int, value: str | None, comment: str | None = None) -> None:
        (question,) = self.project.questions
        self.decided += 1
        more: Any = {
            "comment": comment,
            "actor": self.lena,
            "now": self.clock.forward(1),
            "new_id": lambda: f"decided{self.decided}",
        }
        if value is None:
            mark_ambiguous(self.store, self.project, question, self.ids[at], **more)
        else:
            decide(self.store, self.project, question, self.ids[at], value, **more)

    def feedback(self, person: Person) -> Feedback:
        return own_feedback(self.store, self.project, actor=person, now=self.clock())


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return Desk(store, clock)


def test_own_accuracy_and_corrections(desk: Desk) -> None:
    desk.answers(desk.ann, "spam", "spam", "ham", "ham")
    desk.answers(desk.bob, "ham", "spam", "ham", "spam")
    desk.decides(0, "ham", "an offer one asked for is no spam")
    desk.decides(1, "spam")
    desk.decides(2, "ham", "well seen")
    desk.decides(3, None)
    ann = desk.feedback(desk.ann)
    assert ann.decided == Rate(2, 3)
    told = [(desk.ids.index(o.item.id), o.own, o.truth, o.right, o.comment) for o in ann.corrected]
    assert told == [
        (3, "ham", None, None, None),
        (2, "ham", "ham", True, "well seen"),
        (0, "spam", "ham", False, "an offer one asked for is no spam"),
    ]
    assert desk.feedback(desk.bob).decided == Rate(3, 3)
    assert [desk.ids.index(o.item.id) for o in desk.feedback(desk.bob).corrected] == [3, 2, 0]


def test_before_anything_is_known_nothing_is_made_up(desk: Desk) -> None:
    found = desk.feedback(desk.ann)
    assert found == Feedback(0, 0, 0, None, Rate(0, 0), None, [], [])


def test_own_pace_and_counts(desk: Desk) -> None:
    desk.answers(desk.ann, "spam", seconds=2.0)
    desk.clock.forward(24 * 60)
    desk.answers(desk.ann, "spam", seconds=5.0)
    desk.answers(desk.ann, "spam", seconds=9.0)
    found = desk.feedback(desk.ann)
    assert (found.today, found.week, found.answered, found.pace) == (2, 3, 3, 5.0)
    assert [tuple(day) for day in found.days] == [("2026-03-02", 2, 7.0), ("2026-03-01", 1, 2.0)]
    desk.clock.forward(7 * 24 * 60)
    assert (desk.feedback(desk.ann).today, desk.feedback(desk.ann).week) == (0, 0)


def test_nothing_at_all_is_told_of_known_answers(store: Store, clock: Clock) -> None:
    desk = Desk(store, clock, gold_share=0.4)
    gold = add_items(store, desk.project, 5)
    store.items.add_gold([(item_id, "mail", "spam") for item_id in gold])
    store.items.add_gold([(desk.ids[0], "mail", "ham")])  # work that has a known answer too
    window = Browser(store, desk.project, desk.ann, clock)
    done = 0
    for _ in range(9):
        window.sync(want=1)
        if window.tasks:
            window.answer(window.tasks[0], {"mail": "spam"}, seconds={"mail": 3.0})
            done += 1
    desk.decides(0, "ham", "this one is known")
    desk.decides(1, "ham")
    [score] = store.checks.scores("mails", "gold")
    assert score.items >= 2
    found = desk.feedback(desk.ann)
    assert found.answered == found.today == window.sync()["day"]["answered"] == done
    assert found.days[0].answers == done, "a smaller number would betray how many were checks"
    assert found.decided == Rate(0, 1)
    secret = {*gold, desk.ids[0]}
    assert [one.item.id for one in found.corrected] == [desk.ids[1]]
    assert not any(item_id in repr(found) for item_id in secret)


def test_re_asks_are_told_of_in_tens(desk: Desk) -> None:
    items = add_items(desk.store, desk.project, 21)
    for at, item_id in enumerate(items):
        check = Check(
            person_id=desk.ann.id, item_id=item_id, project="mails", purpose="reask", state="done",
            attempt=2, answers={"mail": "spam"}, correct=int(at % 10 < 8), asked=1, exposure=None,
            seconds=None, note=None, op_id=f"op{at}",
            created_at=iso(desk.clock() + timedelta(minutes=at)), settled_at=None,
        )  # fmt: skip
        desk.store.checks.add([check])
        told = desk.feedback(desk.ann).again
        full = (at + 1) // 10
        assert told == (Rate(8 * full, 10 * full) if full else None)
    assert desk.feedback(desk.bob).again is None


def test_nothing_of_others_or_of_the_machine_is_in_it(desk: Desk) -> None:
    desk.answers(desk.ann, "spam", "spam")
    desk.answers(desk.bob, "ham", "ham", seconds=7.25)
    desk.decides(0, "spam")
    desk.decides(1, "ham")
    said = repr(desk.feedback(desk.ann))
    for secret in (desk.bob.id, desk.bob.name, desk.lena.id, desk.lena.name, "7.25"):
        assert secret not in said
