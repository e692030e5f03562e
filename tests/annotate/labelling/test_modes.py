"""What people see of the machine's answer: blind, revealed, suggested, and the record of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotate.model import Annotation, Person
from annotate.store import Store
from annotate.workflow.agreement.anchoring import Anchoring, anchoring
from annotate.workflow.labelling.own_history import own_history
from tests.annotate.support.browser import Browser
from tests.annotate.support.decided import REASON, decided
from tests.small import Clock, add_items, add_slots, small_project, someone

SAYS_EGGS = {"questions": [{"name": "mail", "type": "single_label", "text": "What is it?",
                            "labels": [{"name": "spam"}, {"name": "zanzibar"}]}]}  # fmt: skip
"""A label that stands nowhere but among the options, so that it can be looked for."""


class Room:
    """Items whose label the machine gives as `zanzibar`, and one person's window."""

    def __init__(self, store: Store, clock: Clock, count: int = 4, **people: Any) -> None:
        self.store, self.clock = store, clock
        self.project = small_project(people=people, **SAYS_EGGS)
        self.ids = add_items(store, self.project, count)
        add_slots(store, self.project, self.ids)
        self.ann = someone(store, "Ann")
        self.window = Browser(store, self.project, self.ann, clock)

    def said(self, at: int) -> list[Annotation]:
        return self.store.annotations.of_item(self.ids[at])

    def history(self) -> dict[str, Any]:
        return own_history(self.store, self.project, actor=self.ann, now=self.clock())


def where(payload: Any, word: str, path: str = "") -> list[str]:
    """Where in JSON a word stands, but for a question's options."""
    if isinstance(payload, dict):
        pairs = [(str(key), value) for key, value in payload.items() if key != "options"]
    elif isinstance(payload, list):
        pairs = [(str(at), value) for at, value in enumerate(payload)]
    else:
        return [path] if word in str(payload) else []
    return [found for key, value in pairs for found in where(value, word, f"{path}/{key}")]


@pytest.mark.parametrize("mode", ["blind", "reveal"])
def test_no_machine_answer_is_in_a_task_or_in_history(
    store: Store, clock: Clock, mode: str
) -> None:
    room = Room(store, clock, mode=mode)
    decided(store, dict.fromkeys(room.ids, "zanzibar"))
    first = room.window.sync(want=4)
    assert len(first["tasks"]) == 4
    replies: list[Any] = [first]
    for task in list(room.window.tasks):
        answered = room.window.answer(task, {"mail": "spam"})
        assert answered["status"] == "stored"
        assert ("reveal" in answered) == (mode == "reveal")
    undone = room.window.sync(room.window.op("undo", target=room.history()["answers"][0]["op"]))
    replies += [undone, room.history()]
    assert len(room.history()["answers"]) == 3
    for reply in replies:
        assert json.loads(json.dumps(reply)) == reply
        assert where(reply, "zanzibar") == []
        assert where(reply, "split 3 : 2") == []


def test_what_is_revealed_comes_with_the_reason_and_is_on_record(
    store: Store, clock: Clock
) -> None:
    room = Room(store, clock, mode="reveal")
    decided(store, dict.fromkeys(room.ids, "zanzibar"))
    room.window.sync(want=1)
    answered = room.window.answer(room.window.tasks[0], {"mail": "spam"}, exposure={"ms": 900})
    shown = {"value": "zanzibar", "label_text": "zanzibar", "reason": REASON}
    assert answered["reveal"] == {"mail": shown}
    again = room.window.sync(answered["op"])["results"][0]
    assert again["reveal"] == answered["reveal"], "a repeated request gets the same reply"
    room.window.sync(room.window.op("second", target=answered["op"]["id"],
                                    answers={"mail": "zanzibar"}))  # fmt: skip
    first, second = room.said(0)
    assert first.exposure == {
        "mode": "reveal", "arm": "main", "shown": "after", "said": "zanzibar",
        "browser": {"ms": 900},
    }  # fmt: skip
    assert first.shown_prelabel is None
    assert second.exposure is not None
    assert (second.kind, second.value, second.exposure["shown"]) == ("second", "zanzibar", "before")
    assert second.shown_prelabel is not None


def test_an_answer_changed_after_the_reveal_was_not_given_blind(store: Store, clock: Clock) -> None:
    room = Room(store, clock, mode="reveal")
    decided(store, dict.fromkeys(room.ids, "zanzibar"))
    room.window.sync(want=2)
    for task, change in zip(list(room.window.tasks), ("revise", "undo"), strict=True):
        op = room.window.answer(task, {"mail": "spam"})["op"]
        answers = {"answers": {"mail": "zanzibar"}}
        more = answers if change == "revise" else {}
        room.window.sync(room.window.op(change, target=op["id"], **more))
    room.window.answer(room.window.tasks[0], {"mail": "zanzibar"})
    for at in (0, 1):
        before, after = room.said(at)
        assert before.exposure is not None
        assert after.exposure is not None
        assert (before.exposure["shown"], after.exposure["shown"]) == ("after", "before")
        assert after.exposure["again"] is True
        assert after.shown_prelabel is not None


def test_a_suggestion_is_shown_at_once_and_is_on_record(store: Store, clock: Clock) -> None:
    room = Room(store, clock, mode="suggest")
    decided(store, {room.ids[0]: "zanzibar", room.ids[1]: "no longer a label"})
    room.window.sync(want=3)
    tasks = room.window.tasks
    assert [task.get("suggestion") for task in tasks] == [{"mail": "zanzibar"}, None, None]
    for task in list(tasks):
        assert "reveal" not in room.window.answer(task, {"mail": "zanzibar"})
    seen = [room.said(at)[0] for at in range(3)]
    assert [one.exposure["shown"] for one in seen if one.exposure] == ["before", "never", "never"]
    assert [one.shown_prelabel is None for one in seen] == [False, True, True]


def test_the_models_text_is_edited_where_it_is_suggested(store: Store, clock: Clock) -> None:
    question = {"name": "mail", "type": "text", "text": "In one line?", "draft": "model"}
    draft = {"verdict": "write", "text": "A mail."}
    accepted = {"verdict": "accept", "text": "A mail."}
    for mode, fine, refused in (
        ("suggest", accepted, {"verdict": "write", "text": "Mine."}),
        ("blind", {"verdict": "write", "text": "Mine."}, accepted),
    ):
        project = small_project(questions=[question], people={"mode": mode})
        ids = add_items(store, project, 1)
        add_slots(store, project, ids)
        decided(store, {ids[0]: draft})
        window = Browser(store, project, someone(store, mode), clock)
        window.sync(want=1)
        [task] = window.tasks
        assert task.get("suggestion") == ({"mail": draft} if mode == "suggest" else None)
        assert window.answer(task, {"mail": refused})["code"] == "invalid"
        assert window.answer(task, {"mail": fine})["status"] == "stored"


def test_items_that_measure_are_answered_without_a_suggestion(store: Store, clock: Clock) -> None:
    room = Room(store, clock, mode="suggest")
    decided(store, dict.fromkeys(room.ids, "zanzibar"), audit=(room.ids[0],))
    store.items.add_gold([(room.ids[1], "mail", "spam")])
    room.window.sync(want=4)
    modes = [(task["mode"], "suggestion" in task) for task in room.window.tasks]
    assert modes == [("blind", False), ("blind", False), ("suggest", True), ("suggest", True)]
    room.window.answer(room.window.tasks[0], {"mail": "spam"})
    [said] = room.said(0)
    assert said.exposure is not None
    assert (said.exposure["arm"], said.exposure["shown"]) == ("measuring", "never")


def test_the_other_arm_is_drawn_once_for_item_and_person(store: Store, clock: Clock) -> None:
    arm = {"mode": "suggest", "share": 0.3}
    room = Room(store, clock, count=200, mode="blind", other_arm=arm)
    decided(store, dict.fromkeys(room.ids, "zanzibar"))
    bob = Browser(store, room.project, someone(store, "Bob"), clock)

    def suggested(window: Browser) -> list[bool]:
        for _ in range(10):
            window.sync(want=20)
        return ["suggestion" in task for task in window.tasks]

    drawn = suggested(room.window)
    assert len(drawn) == 200
    assert 40 <= sum(drawn) <= 80  # 60 expected, standard deviation 6.5
    assert suggested(Browser(store, room.project, room.ann, clock)) == drawn
    store._engine.execute("update assignments set state = 'open', person_id = null")
    assert suggested(bob) != drawn


def answers_of(
    store: Store, person: Person, clock: Clock, arm: str, right: int, wrong: int
) -> None:
    """As if people had answered `right` and `wrong` items in that mode."""
    project = small_project(people={"mode": arm}, **SAYS_EGGS)
    ids = add_items(store, project, right + wrong)
    add_slots(store, project, ids)
    decided(store, dict.fromkeys(ids, "zanzibar"))
    window = Browser(store, project, person, clock)
    while window.sync(want=20)["tasks"]:
        for task in list(window.tasks):
            value = "zanzibar" if ids.index(task["id"]) < right else "spam"
            window.answer(task, {"mail": value})


def test_the_pull_of_a_suggestion_is_measured_with_an_interval(store: Store, clock: Clock) -> None:
    ann, lena = someone(store, "Ann"), someone(store, "Lena", "lead")
    answers_of(store, ann, clock, "suggest", 16, 4)
    answers_of(store, ann, clock, "reveal", 9, 6)
    project = small_project(people={"mode": "suggest"}, **SAYS_EGGS)
    effect = anchoring(store, project, project.questions[0], actor=lena)
    assert effect == Anchoring(seen=20, seen_agreeing=16, blind=15, blind_agreeing=9)
    assert effect.difference == pytest.approx(0.2)
    assert effect.sentence() == (
        "with the model's answer in sight, people said the same in 80% of 20 answers, without in "
        "60% of 15: +20 points, 95% interval -10 to +47"
    )


def test_nothing_is_measured_before_both_arms_have_answers() -> None:
    assert Anchoring(3, 2, 0, 0).sentence() == (
        "the model's answer was in sight of 3 first answers and out of sight of 0: both are needed "
        "to compare them"
    )


def test_the_order_of_responses_is_drawn_and_kept(store: Store, clock: Clock) -> None:
    pair = {"name": "better", "type": "preference", "text": "Better?", "prompt": "p",
            "responses": ["x", "y", "z"]}  # fmt: skip
    project = small_project(fields=["p", "x", "y", "z"], questions=[pair])
    ids = add_items(store, project, 12)
    sql = "update assignments set question = 'better'"
    add_slots(store, project, ids)
    store._engine.execute(sql)
    window = Browser(store, project, someone(store, "Ann"), clock)
    window.sync(want=12)
    orders = [tuple(task["order"]["better"]) for task in window.tasks]
    assert all(sorted(order) == ["a", "b", "c"] for order in orders)
    assert len(set(orders)) > 2
    again = Browser(store, project, window.person, clock)
    again.sync(want=12)
    assert [tuple(task["order"]["better"]) for task in again.tasks] == orders
    window.answer(window.tasks[0], {"better": "b"})
    [said] = store.annotations.of_item(ids[0])
    assert said.exposure is not None
    assert tuple(said.exposure["order"]) == orders[0]


def test_questions_about_the_same_responses_show_them_in_one_order(
    store: Store, clock: Clock
) -> None:
    """Else "Response 1" would be two texts on one screen."""
    both = [
        {"name": name, "type": type_, "text": "?", "prompt": "p", "responses": ["x", "y", "z"]}
        for name, type_ in (("better", "preference"), ("best", "ranking"))
    ]
    other = both[0] | {"name": "pair", "responses": ["x", "y"]}
    project = small_project(fields=["p", "x", "y", "z"], questions=[*both, other])
    ids = add_items(store, project, 12)
    for question in project.questions:
        add_slots(store, project, ids, question=question.name)
    window = Browser(store, project, someone(store, "Ann"), clock)
    window.sync(want=12)
    orders = [task["order"] for task in window.tasks]
    assert [order["better"] for order in orders] == [order["best"] for order in orders]
    assert any([one for one in order["better"] if one != "c"] != order["pair"] for order in orders)
