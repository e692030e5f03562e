"""Promises while others look, and when the power goes; and how often they fail in the long run."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import pytest

from annotate.promise.plan import Terms
from annotate.store import Store, open_store
from tests.annotate.support.browser import Browser
from tests.annotate.support.pledge import Pledge, die_at, look_at, start_at
from tests.annotate.support.workers import in_processes
from tests.forking import forking
from tests.small import QUESTION, know, small_project, someone

WRONG = range(50, 100)


@pytest.fixture
def pledge(store: Store) -> Pledge:
    return Pledge(store, 100, WRONG)


def test_two_look_at_once_and_it_is_settled_once(pledge: Pledge, database: Path) -> None:
    promise = pledge.start()
    pledge.answer(someone(pledge.store, "Ann"))
    first, second = in_processes(2, look_at, [(database,)] * 2)
    assert first == second
    assert first.startswith("at most 10.0 % of the 100 labels are wrong")
    [event] = pledge.store.promises.events(promise.id)
    assert event.kind == "settled"
    slots = Counter(slots_of(pledge))
    beyond = [at for at in range(event.details["cut"], 100) if at not in pledge.drawn()]
    assert slots == Counter([*pledge.drawn(), *beyond])


def slots_of(pledge: Pledge) -> list[int]:
    rows = pledge.store._engine.query("select item_id from assignments")
    return [pledge.number(row["item_id"]) for row in rows]


def test_two_start_at_once_and_one_promise_is_made(pledge: Pledge, database: Path) -> None:
    made, refused = sorted(in_processes(2, start_at, [(database,)] * 2), key=len)
    assert made == "promise 1"
    assert refused.startswith("promise 1 on 'mail' is still under way: let people finish it")
    assert len(pledge.store.promises.of_question("mails", QUESTION)) == 1
    assert len(slots_of(pledge)) == 20


def killed(path: Path, table: str, verb: str) -> None:
    process = forking().Process(target=die_at, args=(path, table, verb))
    process.start()
    process.join(120)
    assert process.exitcode == -9


@pytest.mark.parametrize("table", ["promise_items", "decisions", "assignments"])
def test_killed_while_freezing(pledge: Pledge, database: Path, table: str) -> None:
    before = pledge.decisions()
    killed(database, table, "start")
    assert pledge.store.promises.of_question("mails", QUESTION) == []
    assert (pledge.decisions(), slots_of(pledge)) == (before, [])
    assert pledge.start().number == 1
    assert len(slots_of(pledge)) == 20


@pytest.mark.parametrize("table", ["promise_events", "decisions", "assignments"])
def test_killed_while_settling(pledge: Pledge, database: Path, table: str) -> None:
    promise = pledge.start()
    pledge.answer(someone(pledge.store, "Ann"))
    before = pledge.decisions()
    killed(database, table, "settle")
    assert pledge.store.promises.events(promise.id) == []
    assert (pledge.decisions(), len(slots_of(pledge))) == (before, 20)
    assert pledge.look().state == "waiting"


def test_a_routing_between_freeze_and_storing_is_noticed(pledge: Pledge) -> None:
    """Ids are asked for after the labels were read; somebody routes right then."""
    route_first = iter([True, False, False, False, False, False])
    numbers = itertools.count()
    labels = {d.item_id: d.label for d in pledge.decisions().values()}

    def new_id() -> str:
        if next(route_first):
            change_labels(pledge)
        return f"new{next(numbers)}"

    usual, pledge.new_id = pledge.new_id, new_id
    promise = pledge.start()
    pledge.new_id = usual
    frozen = {i.item_id: i.label for i in pledge.store.promises.items(promise.id)}
    assert frozen != labels
    assert frozen == {d.item_id: d.label for d in pledge.decisions().values()}


def change_labels(pledge: Pledge) -> None:
    store = pledge.store._engine
    store.execute("""
        insert into routings select 'other', project, question, number + 1, policy, settings,
          created_at from routings where number = 1""")
    store.execute("""
        insert into decisions select id || '2', project, item_id, question, 'other', 2,
          destination, score, '"ham"', propensity, policy, reason, created_at, '"ham"'
        from decisions where number = 1""")


def test_it_fails_as_often_as_said_and_no_more() -> None:
    """24 items, 10 of them wrong, 8 audited, at most 3 may stay wrong: the first audited error
    ends it. It fails when none of the first 4 errors is drawn: (20 choose 8) / (24 choose 8).
    """
    runs, chance, broken, kept = 100, 0.17128, 0, 0
    for run in range(runs):
        with open_store(":memory:") as store:
            know(store, small_project())
            pledge = Pledge(store, 24, range(2, 12))
            pledge.new_id = map(f"{run} ".__add__, map(str, itertools.count())).__next__
            ann = Browser(store, pledge.project, someone(store, "Ann"), pledge.clock)
            pledge.start(Terms(0.125, 0.2, 8))
            answer_what_waits(ann)
            pledge.look()
            answer_what_waits(ann)
            status = pledge.look()
            assert (status.state, status.critical) == ("kept", 0)
            broken += len(pledge.delivered_wrong()) > 3
            kept += status.machine
    allowed = 3 * (chance * (1 - chance) / runs) ** 0.5
    assert abs(broken / runs - chance) < allowed
    assert kept > runs


def answer_what_waits(browser: Browser) -> None:
    """Rightly, and in as few exchanges as there can be."""
    while browser.sync(want=20)["tasks"]:
        ops = [browser.op("answer", task, answers={QUESTION: "spam"}) for task in browser.tasks]
        browser.tasks = []
        assert {result["status"] for result in browser.sync(*ops)["results"]} == {"stored"}
