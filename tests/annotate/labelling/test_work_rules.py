"""Who may work on what and how much: caps, skills, pauses, and what the screen says about it."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.errors import AnnotateError, NotAllowed
from annotate.model import Person
from annotate.store import Store
from annotate.workflow.labelling.own_history import own_history
from annotate.workflow.labelling.syncing import sync
from annotate.workflow.projects.opening import set_opening
from annotate.workflow.team.attention import attention, close_flags, give_skills
from tests.annotate.support.browser import Browser
from tests.annotate.support.decided import decided
from tests.small import MINUTE, Clock, add_items, add_slots, small_project, someone

SPAM = {"mail": "spam"}


@pytest.fixture
def lead(store: Store) -> Person:
    return someone(store, "Lena", "lead")


def opened(store: Store, clock: Clock, count: int = 5, name: str = "Ann", **people: Any) -> Browser:
    project = small_project(people=people)
    add_slots(store, project, add_items(store, project, count))
    return Browser(store, project, someone(store, name), clock)


def beside(window: Browser, name: str) -> Browser:
    return Browser(window.store, window.project, someone(window.store, name), window.clock)


# ---- open, paused, frozen


def test_a_pause_lets_people_finish_what_they_hold(
    store: Store, clock: Clock, lead: Person
) -> None:
    ann = opened(store, clock)
    ann.sync(want=2)
    paused = set_opening(
        store, ann.project, "paused", actor=lead, now=clock(), reason="new guideline"
    )
    assert (paused.number, paused.state, paused.person) == (1, "paused", "Lena")
    assert ann.answer(ann.tasks[0], SPAM)["status"] == "stored"
    assert ann.sync(want=5)["tasks"] == []
    assert ann.answer(ann.tasks[0], SPAM)["status"] == "stored"
    reply = ann.sync(want=5)
    assert (reply["state"], reply["message"]) == (
        "paused",
        "Your lead has paused this project (new guideline): nothing new is given out until it is "
        "opened again.",
    )
    set_opening(store, ann.project, "open", actor=lead, now=clock())
    assert len(ann.sync(want=5)["tasks"]) == 3
    assert [one.state for one in store.openings.all("mails")] == ["paused", "open"]


def test_a_frozen_project_changes_nothing_and_keeps_what_is_sent(
    store: Store, clock: Clock, lead: Person
) -> None:
    ann = opened(store, clock)
    ann.sync(want=2)
    done = ann.answer(ann.tasks[0], SPAM)["op"]
    set_opening(store, ann.project, "frozen", actor=lead, now=clock())
    task = ann.tasks[0]
    ops = [
        ann.op("answer", task, answers=SPAM),
        ann.op("skip", task),
        ann.op("undo", target=done["id"]),
        ann.op("revise", target=done["id"], answers={"mail": "ham"}),
        ann.op("flag", task, comment="too late?"),
    ]
    reply = ann.sync(*ops, want=3)
    told = [(result["status"], result.get("code")) for result in reply["results"]]
    assert told == [("refused", "frozen")] * 4 + [("stored", None)]
    assert (reply["state"], reply["tasks"]) == ("frozen", [])
    [answer] = store.annotations.counting("mails", "mail")
    assert answer.value == "spam"
    assert len(attention(store, ann.project, actor=lead).kept) == 4
    [entry] = own_history(store, ann.project, actor=ann.person, now=clock())["answers"]
    assert entry["revisable"] is False


def test_only_leads_open_and_close(store: Store, clock: Clock) -> None:
    ann = opened(store, clock)
    with pytest.raises(NotAllowed, match="may not open and close projects: ask a lead or admin"):
        set_opening(store, ann.project, "frozen", actor=ann.person, now=clock())
    assert store.openings.last("mails") is None


# ---- caps and goals


def test_a_cap_for_each_day_and_one_for_all(store: Store, clock: Clock) -> None:
    ann = opened(store, clock, count=9, most_per_day=2, most_per_person=3, daily_goal=4)
    assert len(ann.sync(want=5)["tasks"]) == 2
    for task in list(ann.tasks):
        ann.answer(task, SPAM)
    reply = ann.sync(want=5)
    assert (reply["state"], reply["tasks"], reply["day"]["goal"]) == ("capped", [], 4)
    assert reply["message"] == (
        "You have answered 2 items today, which is the most this project takes in a day: go on "
        "tomorrow."
    )
    clock.forward(24 * 60)
    assert len(ann.sync(want=5)["tasks"]) == 1
    ann.answer(ann.tasks[0], SPAM)
    assert ann.sync(want=5)["message"] == (
        "You have answered 3 items, the most this project takes from one person. Thank you."
    )


# ---- skills


def test_items_go_to_who_has_their_skill(store: Store, clock: Clock, lead: Person) -> None:
    ann = opened(store, clock, count=4, skill_from="language")
    bob = beside(ann, "Bob")
    sql = "update assignments set skill = 'zh' where priority > -2"
    store._engine.execute(sql)
    give_skills(store, "Bob", ["zh", " fr "], actor=lead, now=clock())
    assert store.skills.of(bob.person.id) == ("fr", "zh")
    ann.sync(want=9)
    assert [task["key"] for task in ann.tasks] == ["2", "3"]
    bob.sync(want=9)
    assert [task["key"] for task in bob.tasks] == ["0", "1"]
    for task in list(bob.tasks):
        bob.sync(bob.op("skip", task))
        bob.drop(task)
    for task in list(ann.tasks):
        ann.answer(task, SPAM)
    assert ann.sync(want=1)["message"] == (
        "What waits needs other skills than yours (zh): your lead can give you them."
    )
    with pytest.raises(AnnotateError, match="a skill has 1 to 100 characters"):
        give_skills(store, "Bob", [""], actor=lead, now=clock())
    with pytest.raises(NotAllowed):
        give_skills(store, "Bob", [], actor=bob.person, now=clock())


# ---- empty, and what a lead sees


def test_an_empty_queue_says_when_to_come_again(store: Store, clock: Clock) -> None:
    ann = opened(store, clock, count=2)
    bob, cyd = beside(ann, "Bob"), beside(ann, "Cyd")
    ann.sync(want=1)
    clock.forward(10)
    bob.sync(want=1)
    reply = cyd.sync(want=1)
    assert (reply["state"], reply["message"]) == (
        "empty",
        "2 items are with other people; the first comes free in 20 minutes if nobody answers it.",
    )
    chinese = cyd.sync(want=1, language="zh")["message"]
    assert chinese == "2 个条目在他人手中；如无人作答，第一个将在 20 分钟后释放。"
    for window in (ann, bob):
        window.answer(window.tasks[0], SPAM)
    assert cyd.sync(want=1)["message"] == (
        "Nothing waits for you: every item that people were asked about is answered."
    )


def test_flags_are_seen_to_by_a_lead(store: Store, clock: Clock, lead: Person) -> None:
    ann = opened(store, clock)
    ann.sync(want=1)
    ann.sync(ann.op("flag", ann.tasks[0], comment="two  languages"))
    assert attention(store, ann.project, actor=lead).lines() == ["flags: 1 that nobody has seen to"]
    assert close_flags(store, ann.project, "0", actor=lead, now=clock()) == 1
    assert attention(store, ann.project, actor=lead).lines() == []
    with pytest.raises(NotAllowed):
        attention(store, ann.project, actor=ann.person)
    with pytest.raises(NotAllowed):
        close_flags(store, ann.project, "0", actor=ann.person, now=clock())


# ---- one's own history


def test_history_in_pages_newest_first(store: Store, clock: Clock) -> None:
    ann = opened(store, clock, count=7)
    ann.sync(want=7)
    tasks = list(ann.tasks)
    skip = ann.op("skip", tasks[0], reason="unclear")
    ann.sync(skip)
    ops = [ann.answer(task, SPAM, note=f"note {task['key']}")["op"]["id"] for task in tasks[1:]]
    ann.sync(ann.op("undo", target=ops[2]))
    revise = ann.op("revise", target=ops[0], answers={"mail": "ham"})
    ann.sync(revise)

    def page(before: str | None = None) -> dict[str, Any]:
        return own_history(
            store, ann.project, actor=ann.person, now=clock(), before=before, limit=4
        )

    first = page()
    second = page(first["next"])
    seen = [(one["op"], one["kind"]) for one in first["answers"] + second["answers"]]
    kept = [(op, "answer") for op in reversed(ops[1:2] + ops[3:])]
    assert seen == [(revise["id"], "answer"), *kept, (skip["id"], "skip")]
    assert second["next"] is None
    newest, last = first["answers"][0], second["answers"][-1]
    assert (newest["answers"], newest["note"], newest["revisable"]) == (
        {"mail": "ham"}, "note 1", True,
    )  # fmt: skip
    assert newest["task"]["fields"] == tasks[1]["fields"]
    assert (last["answers"], last["note"]) == ({}, "unclear")
    bob = beside(ann, "Bob")
    assert own_history(store, ann.project, actor=bob.person, now=clock())["answers"] == []


# ---- several questions


TWO = [
    {"name": "mail", "type": "single_label", "text": "What?",
     "labels": [{"name": "spam"}, {"name": "ham"}]},
    {"name": "tone", "type": "single_label", "text": "Tone?",
     "labels": [{"name": "kind"}, {"name": "rude"}],
     "when": {"question": "mail", "is": "ham"}},
]  # fmt: skip


def both(store: Store, clock: Clock, names: tuple[str, ...] = ("mail", "tone")) -> Browser:
    project = small_project(questions=TWO)
    ids = add_items(store, project, 3)
    for name in names:
        add_slots(store, project, ids, question=name)
    return Browser(store, project, someone(store, "Ann"), clock)


def test_all_questions_of_an_item_are_one_task(store: Store, clock: Clock) -> None:
    ann = both(store, clock)
    ann.sync(want=2)
    assert [[q["name"] for q in task["questions"]] for task in ann.tasks] == [["mail", "tone"]] * 2
    assert ann.tasks[0]["questions"][1]["when"] == {"question": "mail", "is": ["ham"]}
    first, second = list(ann.tasks)
    missing = ann.op("answer", first, answers={"mail": "ham"})
    moot = ann.op("answer", first, answers={"mail": "spam", "tone": "kind"})
    told = [result["message"] for result in ann.sync(missing, moot)["results"]]
    assert told == [
        "'tone' has no answer yet: give one",
        "'tone' is not asked after these answers: leave it out",
    ]
    ann.answer(first, {"mail": "ham", "tone": "rude"}, seconds={"mail": 1.0, "tone": 2.0})
    op = ann.answer(second, {"mail": "spam"})["op"]
    said = {a.question: (a.kind, a.value) for a in store.annotations.of_item(second["id"])}
    assert said == {"mail": ("answer", "spam"), "tone": ("not_asked", None)}
    assert store.progress.slots("mails", "tone") == {"done": 2, "open": 1}
    ann.sync(ann.op("revise", target=op["id"], answers={"mail": "ham", "tone": "kind"}))
    assert [a.value for a in store.annotations.counting("mails", "tone")] == ["rude", "kind"]
    assert ann.sync()["day"]["answered"] == 2


def test_a_condition_on_what_the_machine_has_answered(store: Store, clock: Clock) -> None:
    ann = both(store, clock, names=("tone",))
    ids = [task["id"] for task in sync_all(ann)]
    assert ids == []
    kinds = {a.kind for i in all_ids(ann) for a in store.annotations.of_item(i)}
    assert kinds == {"not_asked"}, "nobody has said anything of the first question"
    decided(store, dict(zip(all_ids(ann), ("ham", "spam", "ham"), strict=True)))
    store._engine.execute("delete from annotations")
    store._engine.execute("update assignments set state = 'open', person_id = null")
    tasks = sync_all(ann)
    assert [task["key"] for task in tasks] == ["0", "2"]
    assert "when" not in tasks[0]["questions"][0]
    assert ann.answer(tasks[0], {"tone": "kind"})["status"] == "stored"
    kinds = {a.item_id: a.kind for i in all_ids(ann) for a in store.annotations.of_item(i)}
    assert sorted(kinds.values()) == ["answer", "not_asked"]


def all_ids(window: Browser) -> list[str]:
    return [item.id for item in window.store.items.page("mails")]


def sync_all(window: Browser) -> list[dict[str, Any]]:
    window.tasks = []
    window.sync(want=9)
    return list(window.tasks)


def test_a_late_answer_takes_only_what_was_answered(store: Store, clock: Clock) -> None:
    """While Ann was away her lease ran out, and a second question was opened for the item."""
    ann = both(store, clock, names=("mail",))
    ann.sync(want=1)
    clock.at += 31 * MINUTE
    store.assignments.release_expired("mails", now="9")
    add_slots(store, ann.project, all_ids(ann), question="tone")
    assert ann.answer(ann.tasks[0], {"mail": "ham"})["status"] == "stored"
    said = store.annotations.of_item(all_ids(ann)[0])
    assert [(a.question, a.value) for a in said] == [("mail", "ham")]
    request = {"request": "r", "want": 1}
    reply = sync(store, ann.project, request, actor=ann.person, now=clock())
    [task] = reply["tasks"]
    assert (task["key"], [q["name"] for q in task["questions"]], task["attempt"]) == (
        "0", ["tone"], 1,
    )  # fmt: skip
