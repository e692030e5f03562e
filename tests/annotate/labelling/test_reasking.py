"""Own earlier items asked again: they look like work, stay apart from it, and are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from annotate.model import Person
from annotate.store import Store
from annotate.workflow.labelling.own_history import own_history
from tests.annotate.support.browser import Browser
from tests.small import Clock, add_items, add_slots, small_project, someone

SPAM, HAM = {"mail": "spam"}, {"mail": "ham"}


class Work:
    """A queue whose project asks every second item again, after 3 others and an hour."""

    def __init__(self, store: Store, clock: Clock, **people: Any) -> None:
        self.store, self.clock = store, clock
        again = {"reask": 0.5, "reask_after": 3, "reask_hours": 1.0}
        self.project = small_project(people=again | people)
        self.ids = add_items(store, self.project, 40)
        add_slots(store, self.project, self.ids)
        self.ann: Person = someone(store, "Ann")
        self.window = Browser(store, self.project, self.ann, clock)

    def answer(self, count: int, minutes: float = 0) -> list[dict[str, Any]]:
        """So many tasks one after the other, all spam; the tasks."""
        done = []
        for _ in range(count):
            if not self.window.tasks:
                self.window.sync(want=1)
            task = self.window.tasks[0]
            self.window.answer(task, SPAM, seconds={"mail": 2.0})
            self.clock.forward(minutes)
            done.append(task)
        return done

    def until_asked_again(self) -> dict[str, Any]:
        """Answer until a task in hand was answered before; that task."""
        seen: set[str] = set()
        for _ in range(40):
            if not self.window.tasks:
                self.window.sync(want=1)
            task = self.window.tasks[0]
            if task["id"] in seen:
                return task
            seen.add(task["id"])
            self.window.answer(task, SPAM)
            self.clock.forward(30)
        raise AssertionError("nothing was asked again")

    def score(self) -> tuple[int, int] | None:
        found = self.store.checks.scores("mails", "reask")
        return (found[0].correct, found[0].asked) if found else None

    def labels(self) -> list[tuple[str, object]]:
        return [(a.item_id, a.value) for a in self.store.annotations.counting("mails", "mail")]


def test_an_item_comes_again_after_others_and_an_hour(store: Store, clock: Clock) -> None:
    work = Work(store, clock)
    soon = [task["id"] for task in work.answer(20)]
    assert len(set(soon)) == 20, "within the hour nothing comes again"
    clock.forward(60)
    done = soon + [task["id"] for task in work.answer(12)]
    again = [item_id for at, item_id in enumerate(done) if item_id in done[:at]]
    assert 1 <= len(again) < 12
    assert len(set(again)) == len(again), "once each"


def test_others_come_between(store: Store, clock: Clock) -> None:
    work = Work(store, clock, reask_hours=0.0)
    done = [task["id"] for task in work.answer(40)]
    again = [at for at, item_id in enumerate(done) if item_id in done[:at]]
    assert again
    assert min(at - done.index(done[at]) for at in again) > 3


def test_by_default_nothing_is_asked_again(store: Store, clock: Clock) -> None:
    work = Work(store, clock, reask=0.0)
    done = [task["id"] for task in work.answer(30, minutes=60)]
    assert len(set(done)) == 30
    assert small_project().people.reask == 0.0


def test_it_looks_like_work_and_is_no_label(store: Store, clock: Clock) -> None:
    work = Work(store, clock)
    task = work.until_asked_again()
    before = work.labels()
    fresh = next(t for t in _more(work) if t["id"] != task["id"])
    assert task.keys() == fresh.keys()
    assert task["mode"] == fresh["mode"] == "blind"
    result = work.window.answer(task, HAM)
    assert result.keys() == {"id", "status", "op"}
    assert work.labels() == before
    assert work.score() == (0, 1)
    [check] = store.checks.of_items(work.ann.id, [task["id"]]).values()
    assert (check.purpose, check.answers) == ("reask", HAM)
    assert store.assignments.touched_items("mails", "mail") == {
        item_id for item_id, _ in before
    } | {one["id"] for one in work.window.tasks}


def _more(work: Work) -> list[dict[str, Any]]:
    work.window.sync(want=3)
    return work.window.tasks


def test_the_same_answer_counts_as_agreeing_with_oneself(store: Store, clock: Clock) -> None:
    work = Work(store, clock)
    task = work.until_asked_again()
    work.window.answer(task, SPAM)
    assert work.score() == (1, 1)


def test_no_suggestion_is_shown_with_it(store: Store, clock: Clock) -> None:
    work = Work(store, clock, mode="suggest")
    task = work.until_asked_again()
    assert (task["mode"], "suggestion" in task) == ("blind", False)


def test_a_re_ask_is_undone_revised_and_skipped_as_work_is(store: Store, clock: Clock) -> None:
    work = Work(store, clock)
    task = work.until_asked_again()
    labels = work.labels()
    op = work.window.answer(task, HAM)["op"]
    revise = work.window.op("revise", target=op["id"], answers=SPAM)
    assert work.window.only(work.window.sync(revise))["status"] == "stored"
    assert work.score() == (1, 1)
    undo = work.window.op("undo", target=revise["id"])
    assert work.window.only(work.window.sync(undo))["status"] == "stored"
    back = next(one for one in work.window.tasks if one["id"] == task["id"])
    assert back["attempt"] == task["attempt"] + 2
    skip = work.window.op("skip", back)
    work.window.drop(back)
    assert work.window.only(work.window.sync(skip))["status"] == "stored"
    assert work.score() == (0, 0)
    assert work.labels() == labels


def test_the_history_shows_both_answers(store: Store, clock: Clock) -> None:
    work = Work(store, clock)
    task = work.until_asked_again()
    work.window.answer(task, HAM)
    history = own_history(store, work.project, actor=work.ann, now=clock(), limit=100)
    own = [one for one in history["answers"] if one["task"]["id"] == task["id"]]
    assert [(one["answers"], one["revisable"]) for one in own] == [(HAM, True), (SPAM, True)]
    assert own[0]["task"]["attempt"] == own[1]["task"]["attempt"] + 1


@pytest.mark.parametrize("kind", ["undo", "revise"])
def test_a_change_of_the_first_answer_ends_the_re_ask(
    store: Store, clock: Clock, kind: str
) -> None:
    work = Work(store, clock)
    task = work.until_asked_again()
    [first] = [
        one["op"]
        for one in own_history(store, work.project, actor=work.ann, now=clock())["answers"]
        if one["task"]["id"] == task["id"]
    ]
    more: Mapping[str, Any] = {"answers": HAM} if kind == "revise" else {}
    change = work.window.op(kind, target=first, **more)
    assert work.window.only(work.window.sync(change))["status"] == "stored"
    assert store.checks.of_items(work.ann.id, [task["id"]]) == {}
    held = [one["id"] for one in work.window.tasks]
    assert (task["id"] in held) == (kind == "undo"), "taken back, it is work again"
    if kind == "undo":
        work.window.answer(next(one for one in work.window.tasks if one["id"] == task["id"]), HAM)
    assert dict(work.labels())[task["id"]] == "ham"
    assert work.score() is None


def test_the_first_answer_can_be_taken_back_after_the_re_ask(store: Store, clock: Clock) -> None:
    work = Work(store, clock)
    task = work.until_asked_again()
    work.window.answer(task, SPAM)
    history = own_history(store, work.project, actor=work.ann, now=clock(), limit=100)["answers"]
    first = [one["op"] for one in history if one["task"]["id"] == task["id"]][-1]
    work.window.sync(work.window.op("undo", target=first))
    back = next(one for one in work.window.tasks if one["id"] == task["id"])
    assert work.window.answer(back, HAM)["status"] == "stored"
    assert dict(work.labels())[task["id"]] == "ham"
    assert work.score() == (1, 1), "what was said again is said"


def test_asking_again_goes_by_an_index(store: Store, clock: Clock) -> None:
    work = Work(store, clock)
    work.until_asked_again()
    said: dict[str, Mapping[str, Any]] = {}
    query = store._engine.query

    def listen(sql: str, params: Mapping[str, Any] = {}) -> Any:
        said.setdefault(sql, params)
        return query(sql, params)

    store._engine.query = listen  # type: ignore[method-assign]
    store.checks.next_reask("mails", work.ann.id, behind="8", after=3, before="2027")
    assert len(said) >= 2
    for sql, params in said.items():
        plan = [row["detail"] for row in query(f"explain query plan {sql}", params)]
        assert {step for step in plan if step.startswith("SCAN")} <= {"SCAN counted"}, plan
        assert [step for step in plan if "(person_id=?)" in step] == []
