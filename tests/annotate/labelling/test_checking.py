"""Training before the work, items with known answers among it, and what they come to."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.errors import AnnotateError, NotFound
from annotate.model import Person
from annotate.store import Store
from annotate.workflow.labelling.own_history import own_history
from annotate.workflow.team.attention import attention, decide_training
from tests.annotate.support.browser import Browser
from tests.small import Clock, add_items, add_slots, small_project, someone


class School:
    """Twelve items with a known answer (`spam`), and twenty to be worked on."""

    def __init__(self, store: Store, clock: Clock, **people: Any) -> None:
        self.store, self.clock = store, clock
        self.project = small_project(people=people)
        self.gold = add_items(store, self.project, 12)
        store.items.add_gold([(item_id, "mail", "spam") for item_id in self.gold])
        self.work = add_items(store, self.project, 20)
        add_slots(store, self.project, self.work)
        self.ann = someone(store, "Ann")
        self.window = Browser(store, self.project, self.ann, clock)

    def train(self, *said: str) -> list[dict[str, Any]]:
        """Answer one training item after the other; the feedback of each."""
        found = []
        for value in said:
            self.window.sync(want=1)
            result = self.window.answer(self.window.tasks[0], {"mail": value})
            found.append(result["feedback"]["mail"])
        return found


TRAINING = {"training": {"items": 4, "pass": 0.75}}


@pytest.fixture
def lead(store: Store) -> Person:
    return someone(store, "Lena", "lead")


def test_training_comes_first_and_opens_the_work(store: Store, clock: Clock) -> None:
    school = School(store, clock, **TRAINING)
    first = school.window.sync(want=10)
    assert (first["state"], first["message"]) == (
        "training", "Training: 0 of 4 items. You see the right answer after each of yours.",
    )  # fmt: skip
    assert [task["training"] for task in school.window.tasks] == [True] * 4
    assert {task["id"] for task in school.window.tasks} <= set(school.gold)
    feedback = school.train("spam", "ham", "spam", "spam")
    right = {"right": True, "value": "spam", "label_text": "spam", "comment": ""}
    assert feedback == [right, right | {"right": False}, right, right]
    after = school.window.sync(want=3)
    assert after["state"] == "working"
    assert {task["id"] for task in after["tasks"]} <= set(school.work)
    assert list(store.annotations.counting("mails", "mail")) == [], "training is no label"


def test_who_fails_sees_so_and_the_lead_decides(store: Store, clock: Clock, lead: Person) -> None:
    school = School(store, clock, **TRAINING)
    school.train("spam", "ham", "ham", "spam")
    failed = school.window.sync(want=5)
    assert (failed["state"], failed["tasks"]) == ("training", [])
    assert failed["message"] == (
        "Your training ended with 2 of 4 answers right; 3 are needed. Your lead sees this and "
        "decides how to go on."
    )
    seen = attention(store, school.project, actor=lead)
    assert seen.lines() == ["training: Ann did not pass"]
    decide_training(store, school.project, "Ann", excuse=False, actor=lead, now=clock.forward(1))
    again = school.window.sync(want=5)
    assert len(again["tasks"]) == 4
    school.train("spam", "spam", "spam", "spam")
    assert school.window.sync(want=1)["state"] == "working"


def test_a_lead_lets_somebody_work_without_training(
    store: Store, clock: Clock, lead: Person
) -> None:
    school = School(store, clock, **TRAINING)
    decide_training(store, school.project, "Ann", excuse=True, actor=lead, now=clock())
    assert school.window.sync(want=1)["state"] == "working"
    with pytest.raises(NotFound, match="nobody here is called 'Zoe'"):
        decide_training(store, school.project, "Zoe", excuse=True, actor=lead, now=clock())
    with pytest.raises(AnnotateError, match="has no training"):
        decide_training(store, small_project(), "Ann", excuse=True, actor=lead, now=clock())


def test_what_was_learned_in_training_cannot_be_taken_back(store: Store, clock: Clock) -> None:
    school = School(store, clock, **TRAINING)
    school.window.sync(want=1)
    op = school.window.answer(school.window.tasks[0], {"mail": "ham"})["op"]
    for kind, more in (("undo", {}), ("revise", {"answers": {"mail": "spam"}})):
        change = school.window.op(kind, target=op["id"], **more)
        assert school.window.only(school.window.sync(change))["code"] == "trained"
    [seen] = own_history(store, school.project, actor=school.ann, now=clock())["answers"]
    assert (seen["op"], seen["answers"], seen["revisable"]) == (op["id"], {"mail": "ham"}, False)


def test_a_training_without_items_says_so(store: Store, clock: Clock) -> None:
    project = small_project(people=TRAINING)
    add_slots(store, project, add_items(store, project, 2))
    reply = Browser(store, project, someone(store, "Ann"), clock).sync(want=1)
    assert (reply["state"], reply["tasks"]) == ("training", [])
    assert reply["message"].startswith("There are no items left to train with")


def test_known_answers_look_like_work_and_are_no_labels(
    store: Store, clock: Clock, lead: Person
) -> None:
    school = School(store, clock, gold_share=0.4)
    for _ in range(10):
        school.window.sync(want=2)
    tasks = list(school.window.tasks)
    gold = [task for task in tasks if task["id"] in school.gold]
    assert 3 <= len(gold) <= 12
    assert len(tasks) == 20 + len(gold)
    work = next(task for task in tasks if task["id"] in school.work)
    assert gold[0].keys() == work.keys()
    results = [school.window.answer(task, {"mail": "spam"}) for task in tasks]
    assert {frozenset(result) for result in results} == {frozenset({"id", "status", "op"})}
    history = own_history(store, school.project, actor=school.ann, now=clock(), limit=100)
    assert len(history["answers"]) == len(tasks)
    labels = {a.item_id for a in store.annotations.counting("mails", "mail")}
    assert labels == set(school.work)
    of_gold = next(one for one in history["answers"] if one["task"]["id"] in school.gold)
    revise = school.window.op("revise", target=of_gold["op"], answers={"mail": "ham"})
    assert school.window.only(school.window.sync(revise))["status"] == "stored"
    count = len(gold)
    assert attention(store, school.project, actor=lead).lines() == [
        f"known answers: Ann {count - 1} of {count} right"
    ]


def test_a_known_answer_can_be_undone_and_skipped_as_work_can(store: Store, clock: Clock) -> None:
    school = School(store, clock, gold_share=0.5)
    school.window.sync(want=20)
    task = next(task for task in school.window.tasks if task["id"] in school.gold)
    op = school.window.answer(task, {"mail": "ham"})["op"]
    assert school.window.only(school.window.sync(op))["status"] == "stored"
    school.window.sync(school.window.op("undo", target=op["id"]))
    back = next(one for one in school.window.tasks if one["id"] == task["id"])
    assert back["attempt"] == 1
    assert school.window.only(school.window.sync({**op, "id": "late"}))["code"] == "taken_back"
    school.window.drop(back)
    skip = school.window.op("skip", back)
    assert school.window.sync(skip)["results"][0]["status"] == "stored"
    [score] = store.checks.scores("mails", "gold")
    assert (score.items, score.asked, score.correct) == (1, 1, 0)


def test_routing_is_not_disturbed_by_checks(store: Store, clock: Clock) -> None:
    school = School(store, clock, gold_share=0.5)
    school.window.sync(want=20)
    for task in list(school.window.tasks):
        school.window.answer(task, {"mail": "spam"})
    assert store.assignments.touched_items("mails", "mail") == set(school.work)
