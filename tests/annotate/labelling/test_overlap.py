"""More people where the answers differ, and no more where they do not."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.people import operator
from annotate.store import Store
from annotate.workflow.consensus.consenting import refresh
from annotate.workflow.labelling.certainty import certainty
from annotate.workflow.labelling.overlap import settled_by
from tests.annotate.support.answering import people_say
from tests.annotate.support.browser import Browser
from tests.annotate.support.decided import decided
from tests.small import QUESTION, Clock, add_items, add_slots, small_project, someone

NAMES = ("Ann", "Bob", "Cyd", "Dee", "Eve")


class Crowd:
    """One item that the machine calls spam, and people who answer it one after the other."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        label: str | None = "spam",
        most: int = 3,
        **overlap: float,
    ):
        self.store = store
        self.project = small_project(people={"overlap": {"most": most, **overlap}})
        self.ids = add_items(store, self.project, 1)
        add_slots(store, self.project, self.ids)
        if label is not None:
            decided(store, {self.ids[0]: label})
        self.windows = [Browser(store, self.project, someone(store, n), clock) for n in NAMES]

    def ask(self, *values: str) -> list[Any]:
        """The operation ids of those who were asked; None for who was not."""
        return [self.answer(at, value) for at, value in enumerate(values)]

    def answer(self, at: int, value: str) -> str | None:
        window = self.windows[at]
        window.sync(want=1)
        if not window.tasks:
            return None
        return str(window.answer(window.tasks[0], {"mail": value})["op"]["id"])

    def slots(self) -> dict[str, int]:
        return self.store.progress.slots("mails", QUESTION)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (("spam", "spam"), 1),  # the first says what would be delivered
        (("ham", "ham", "ham"), 2),  # two against the machine agree
        (("ham", "spam", "ham", "ham"), 3),  # two differ: a third decides
    ],
)
def test_who_is_asked(store: Store, clock: Clock, said: tuple[str, ...], asked: int) -> None:
    crowd = Crowd(store, clock)
    ids = crowd.ask(*said)
    assert [one is not None for one in ids] == [True] * asked + [False] * (len(said) - asked)
    assert crowd.slots() == {"done": asked}


def test_without_a_label_of_the_machine_one_person_is_enough(store: Store, clock: Clock) -> None:
    assert [one is None for one in Crowd(store, clock, label=None).ask("ham", "ham")] == [
        False,
        True,
    ]


def test_an_answer_taken_back_takes_the_further_slot_along(store: Store, clock: Clock) -> None:
    crowd = Crowd(store, clock)
    [op] = crowd.ask("ham")
    assert crowd.slots() == {"done": 1, "open": 1}
    ann = crowd.windows[0]
    ann.sync(ann.op("undo", target=op))
    assert crowd.slots() == {"leased": 1}
    ann.answer(ann.tasks[0], {"mail": "spam"})
    assert crowd.slots() == {"done": 1}


def test_a_revision_opens_and_closes_too(store: Store, clock: Clock) -> None:
    crowd = Crowd(store, clock)
    [op] = crowd.ask("spam")
    ann = crowd.windows[0]
    revise = ann.op("revise", target=op, answers={"mail": "ham"})
    ann.sync(revise)
    assert crowd.slots() == {"done": 1, "open": 1}
    ann.sync(ann.op("revise", target=revise["id"], answers={"mail": "spam"}))
    assert crowd.slots() == {"done": 1}


def test_what_somebody_holds_stays_theirs(store: Store, clock: Clock) -> None:
    crowd = Crowd(store, clock)
    [op] = crowd.ask("ham")
    ann, bob = crowd.windows[:2]
    bob.sync(want=1)
    ann.sync(ann.op("revise", target=op, answers={"mail": "spam"}))
    assert bob.answer(bob.tasks[0], {"mail": "spam"})["status"] == "stored"
    assert crowd.slots() == {"done": 2}


def test_routing_again_keeps_the_further_slot(store: Store, clock: Clock) -> None:
    crowd = Crowd(store, clock)
    crowd.ask("ham")
    assert store.assignments.withdraw("mails", QUESTION, keep=crowd.ids, per_item=1) == 0
    assert crowd.slots() == {"done": 1, "open": 1}


def test_more_than_half_must_say_the_same() -> None:
    question = small_project().question(QUESTION)
    said = ["spam", "ham", "spam", "ham", "spam"]
    assert [settled_by(question, said[:n]) for n in range(6)] == [
        False, True, False, True, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sure", "said", "asked"),
    [
        (0.95, ("ham", "ham", "ham"), 2),  # .85 x .85 against .15 x .15: 97 %
        (0.98, ("ham", "ham", "ham"), 3),
        (0.7, ("ham", "spam", "ham", "spam"), 3),  # 50 %, then 85 %
        (0.9, ("ham", "spam", "ham", "spam", "ham"), 4),
    ],
)
def test_more_people_until_one_is_sure(
    store: Store, clock: Clock, sure: float, said: tuple[str, ...], asked: int
) -> None:
    crowd = Crowd(store, clock, most=4, sure=sure)
    ids = crowd.ask(*said)
    assert [one is not None for one in ids] == [True] * asked + [False] * (len(said) - asked)


def test_records_of_people_and_machine_say_how_sure_one_is(store: Store, clock: Clock) -> None:
    """Ann is known to be right, Bob to be wrong: where they differ, one knows."""
    crowd = Crowd(store, clock, sure=0.9)
    known = add_items(store, crowd.project, 30)
    others = {n: "spam" for n in ("Ann", "Fay", "Gil", "Hal")}
    people_say(store, crowd.project, {i: {**others, "Bob": "ham"} for i in known})
    question = crowd.project.question(QUESTION)
    refresh(store, crowd.project, question, actor=operator(clock()), now=clock())
    crowd.ask("ham", "spam")
    assert crowd.slots() == {"done": 30 * 5 + 2}
    assert certainty(store, crowd.project, question, crowd.ids[0]) > 0.9
