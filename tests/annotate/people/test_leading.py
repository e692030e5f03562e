"""One person paused, resumed, and relieved of what they hold: recorded, and felt at once."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.errors import AnnotateError, NotFound
from annotate.model import Person
from annotate.store import Store
from annotate.store.persons.person_events import PersonEvent
from annotate.workflow.labelling.own_history import own_history
from annotate.workflow.team.attention import attention, give_skills
from annotate.workflow.team.leading import pause_person, reassign, resume_person, take_back
from tests.annotate.support.browser import Browser
from tests.small import Clock, add_items, add_slots, small_project, someone

SPAM, HAM = {"mail": "spam"}, {"mail": "ham"}


class Floor:
    """Six items, Ann and Bob at their windows, and Lena, who leads them."""

    def __init__(self, store: Store, clock: Clock, **people: Any) -> None:
        self.store, self.clock = store, clock
        self.project = small_project(people=people)
        self.ids = add_items(store, self.project, 6)
        add_slots(store, self.project, self.ids)
        self.lena = someone(store, "Lena", "lead")
        self.ann, self.bob = (
            Browser(store, self.project, someone(store, name), clock) for name in ("Ann", "Bob")
        )

    def pause(self, reason: str = "let us talk first") -> int:
        now = self.clock.forward(1)
        return pause_person(
            self.store, self.project, "Ann", reason=reason, actor=self.lena, now=now
        )

    def resume(self) -> PersonEvent:
        now = self.clock.forward(1)
        return resume_person(self.store, self.project, "Ann", actor=self.lena, now=now)

    def reassign(self, **more: Any) -> tuple[int, int]:
        now = self.clock.forward(1)
        done = reassign(self.store, self.project, "Ann", actor=self.lena, now=now, **more)
        return done.items, done.lent

    def events(self, name: str = "Ann") -> list[tuple[str, str | None, str]]:
        person = self.store.people.named(name)
        assert person is not None
        found = self.store.person_events.of("mails", person.id, limit=9)
        return [(one.kind, one.reason, one.person) for one in found]


@pytest.fixture
def floor(store: Store, clock: Clock) -> Floor:
    return Floor(store, clock)


def test_who_is_paused_sees_so_and_loses_what_they_hold(floor: Floor) -> None:
    floor.ann.sync(want=4)
    floor.ann.answer(floor.ann.tasks[0], SPAM)
    assert floor.pause() == 3
    reply = floor.ann.sync(want=5)
    assert (reply["state"], reply["tasks"], len(reply["lost"])) == ("person_paused", [], 3)
    assert reply["message"] == (
        "Your lead has paused your work in this project (let us talk first). All that you answered "
        "is saved; what you had open goes to others. Your lead can let you go on."
    )
    assert reply["day"]["answered"] == 1
    zh = floor.ann.sync(want=5, language="zh")
    assert zh["message"].startswith("负责人已暂停您在此项目中的工作 (let us talk first)")
    assert len(floor.bob.sync(want=9)["tasks"]) == 5, "the others get it at once"


def test_what_is_sent_while_paused_is_kept_and_counts_for_nothing(floor: Floor) -> None:
    floor.ann.sync(want=2)
    first, second = floor.ann.tasks
    op = floor.ann.answer(first, SPAM)["op"]
    floor.pause()
    late = floor.ann.answer(second, HAM)
    assert (late["status"], late["code"]) == ("refused", "you_paused")
    undo = floor.ann.op("undo", target=op["id"])
    assert floor.ann.only(floor.ann.sync(undo))["code"] == "you_paused"
    seen = attention(floor.store, floor.project, actor=floor.lena)
    assert [(one.kind, (one.payload or {}).get("answers")) for one in seen.kept] == [
        ("undo", None),
        ("answer", HAM),
    ]
    person = floor.ann.person
    [own] = own_history(floor.store, floor.project, actor=person, now=floor.clock())["answers"]
    assert own["revisable"] is False
    assert [a.value for a in floor.store.annotations.counting("mails", "mail")] == ["spam"]


def test_a_pause_is_of_one_project_and_ends_when_it_is_undone(floor: Floor) -> None:
    floor.pause()
    other = small_project(project="letters")
    add_slots(floor.store, other, add_items(floor.store, other, 1))
    window = Browser(floor.store, other, floor.ann.person, floor.clock)
    assert window.sync(want=1)["state"] == "working"
    floor.resume()
    assert floor.ann.sync(want=2)["state"] == "working"
    assert floor.events() == [
        ("resumed", None, "Lena"),
        ("paused", "let us talk first", "Lena"),
    ]
    assert floor.store.person_events.of("mails", floor.bob.person.id, limit=9) == []


def test_checks_in_hand_go_too(store: Store, clock: Clock) -> None:
    floor = Floor(store, clock, gold_share=0.5)
    gold = add_items(store, floor.project, 12)
    store.items.add_gold([(item_id, "mail", "spam") for item_id in gold])
    floor.ann.sync(want=9)
    held = {task["id"] for task in floor.ann.tasks}
    assert held & set(gold)
    assert floor.pause() == len(held - set(gold)), "nobody is told how many checks there were"
    assert set(floor.ann.sync()["lost"]) == held
    floor.resume()
    assert floor.ann.sync(want=9)["state"] == "working"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_pause_needs_a_reason(floor: Floor, reason: str) -> None:
    with pytest.raises(AnnotateError, match="reason"):
        floor.pause(reason)
    assert floor.events() == []


def test_what_cannot_be_done_says_why(floor: Floor) -> None:
    with pytest.raises(AnnotateError, match="Ann is not paused in 'mails'"):
        floor.resume()
    floor.pause()
    with pytest.raises(AnnotateError, match="Ann is paused in 'mails' already, by Lena at 2026"):
        floor.pause()
    with pytest.raises(NotFound, match="nobody here is called 'Zoe'; there are: Lena, Ann, Bob"):
        reassign(floor.store, floor.project, "Zoe", actor=floor.lena, now=floor.clock())


def test_reassigned_items_do_not_come_back(floor: Floor) -> None:
    floor.ann.sync(want=3)
    held = {task["id"] for task in floor.ann.tasks}
    late = floor.ann.tasks[0]
    assert floor.reassign(reason="Bob knows these") == (3, 0)
    reply = floor.ann.sync(want=9)
    assert set(reply["lost"]) == held
    assert {task["id"] for task in floor.ann.tasks} == set(floor.ids) - held
    assert floor.ann.answer(late, SPAM)["code"] == "gone"
    assert {task["id"] for task in floor.bob.sync(want=9)["tasks"]} == held
    assert floor.events() == [("reassigned", "Bob knows these", "Lena")]


def test_items_go_to_somebody_named(floor: Floor) -> None:
    floor.ann.sync(want=3)
    held = {task["id"] for task in floor.ann.tasks}
    assert floor.reassign(to="Bob") == (3, 3)
    assert {task["id"] for task in floor.bob.sync(want=3)["tasks"]} == held
    assert floor.reassign(to="Bob") == (0, 0)
    assert len(floor.events()) == 1, "nothing was in hand"


def test_reassigning_is_undone(floor: Floor) -> None:
    floor.ann.sync(want=2)
    held = {task["id"] for task in floor.ann.tasks}
    floor.reassign()
    floor.ann.sync()
    take_back(floor.store, floor.project, "Ann", actor=floor.lena, now=floor.clock.forward(1))
    assert {task["id"] for task in floor.ann.sync(want=2)["tasks"]} == held
    with pytest.raises(AnnotateError, match="nothing was reassigned from Ann"):
        take_back(floor.store, floor.project, "Ann", actor=floor.lena, now=floor.clock())


def test_who_cannot_take_items_is_named(store: Store, clock: Clock) -> None:
    floor = Floor(store, clock, training={"items": 2})
    for to, why in (("Ann", "Ann has them now"), ("Bob", "Bob has not passed the training")):
        with pytest.raises(AnnotateError, match=why):
            floor.reassign(to=to)
    bob: Person = floor.bob.person
    pause_person(store, floor.project, bob.name, reason="ill", actor=floor.lena, now=clock())
    with pytest.raises(AnnotateError, match="Bob is paused here"):
        floor.reassign(to="Bob")


def test_a_change_of_skills_is_recorded(floor: Floor) -> None:
    for skills, reason in (
        (["zh", "en"], "passed the test"),
        (["en", "zh"], "again"),
        (["en"], None),
    ):
        give_skills(
            floor.store, "Ann", skills, actor=floor.lena, now=floor.clock.forward(1), reason=reason
        )
    assert floor.events() == [("skills", None, "Lena"), ("skills", "passed the test", "Lena")]
    [newest, _] = floor.store.person_events.of("mails", floor.ann.person.id, limit=9)
    assert newest.details == {"before": ["en", "zh"], "after": ["en"]}
