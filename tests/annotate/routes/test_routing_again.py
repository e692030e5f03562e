"""Routing again after people have begun: what they have stays, the rest may change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from annotate.model import Decision, Person
from annotate.store import Store, open_store
from annotate.workflow.routes import routing
from annotate.workflow.routes.deciding import decide
from tests.annotate.routes.office import LEANING, SPLIT, UNANIMOUS, Office, mixed, say, settings
from tests.labelling import assign, skip, submit, undo
from tests.small import START, add_items, machine_says, someone


@pytest.fixture
def office(store: Store, lead: Person, new_id: Callable[[], str]) -> Office:
    return Office(store, lead, new_id)


# ---- after people have begun


def test_what_people_have_touched_is_never_decided_anew(office: Office) -> None:
    ids = mixed(office)
    project = settings(budget=0.5)
    office.route(project)
    ann = someone(office.store, "Ann")
    answered = office.answer(project, ann, 5)
    now = START + timedelta(minutes=1)
    skipped = assign(office.store, project, actor=ann, now=now)
    assert skipped is not None
    skip(office.store, project, skipped, actor=ann, now=now)
    undone = assign(office.store, project, actor=ann, now=now)
    assert undone is not None
    submit(office.store, project, undone, "ham", actor=ann, now=now + timedelta(seconds=1))
    held = undo(office.store, project, actor=ann, now=now + timedelta(seconds=2))
    assert held is not None
    touched = {*answered, skipped.item.id, held.item.id}
    before = office.decisions()
    machine_says(
        office.store,
        project,
        dict.fromkeys(ids, UNANIMOUS),
        round_id="round2",
        started=START + timedelta(hours=1),
    )
    office.route(settings(budget=0.0))
    after = office.decisions()
    assert {i: after[i] for i in touched} == {i: before[i] for i in touched}
    assert {d.destination for i, d in after.items() if i not in touched} == {"auto"}
    assert {item_id for item_id, _ in office.slots()} == touched
    in_hand = assign(office.store, project, actor=ann, now=now + timedelta(minutes=1))
    assert in_hand is not None
    assert (in_hand.item, in_hand.shown["attempt"]) == (held.item, held.shown["attempt"])
    submit(office.store, project, in_hand, "spam", actor=ann, now=now + timedelta(minutes=2))


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": "budget", "budget": 0.5, "audit": 0.2},
        {"policy": "random", "budget": 0.5, "audit": 0.2},
        {"policy": "threshold", "budget": None, "threshold": 0.8, "audit": 0.2},
    ],
)
def test_answers_alone_change_no_decision(office: Office, changes: dict[str, Any]) -> None:
    """Nor the propensity of what is still waiting at the same level."""
    say(office, [UNANIMOUS, LEANING, SPLIT, UNANIMOUS] * 10)
    project = settings(**changes)
    first = office.route(project)
    before = office.decisions()
    office.answer(project, someone(office.store, "Ann"), 8)
    again = office.route(project)
    assert (again.changed, again.destinations) == (0, first.destinations)
    assert office.decisions() == before


def test_the_budget_counts_what_people_have(office: Office) -> None:
    """Twelve items went to people; then the model became sure of those and unsure of others."""
    ids = say(office, [SPLIT] * 12 + [UNANIMOUS] * 28)
    project = settings(budget=0.3)
    office.route(project)
    answered = office.answer(project, someone(office.store, "Ann"), 8)
    turned = {i: UNANIMOUS if at < 12 else SPLIT for at, i in enumerate(ids)}
    later = START + timedelta(hours=1)
    machine_says(office.store, project, turned, round_id="round2", started=later)
    report = office.route(project)
    assert report.destinations == {"annotate": 12, "auto": 28}
    waiting = {item_id for (item_id, _), (state, _) in office.slots().items() if state == "open"}
    assert len(waiting) == 4
    assert waiting <= set(ids[12:])
    assert {i for i, d in office.decisions().items() if d.destination == "annotate"} == (
        waiting | set(answered)
    )
    assert office.route(project).changed == 0
    office.answer(project, someone(office.store, "Bob"), 2)
    assert office.route(project).changed == 0


def test_audited_items_take_no_part_of_the_budget(office: Office) -> None:
    ids = say(office, [SPLIT] * 10 + [UNANIMOUS] * 30)
    project = settings(budget=0.25, audit=0.5)
    office.route(project)
    audited = [i for i, d in office.decisions().items() if d.destination == "audit"]
    assert len(audited) > 4
    for item_id in audited:
        sql = "update assignments set priority = 2.0 where item_id = :item"
        office.store._engine.execute(sql, {"item": item_id})
    answered = office.answer(project, someone(office.store, "Ann"), len(audited))
    assert set(answered) == set(audited)
    later = START + timedelta(hours=1)
    machine_says(
        office.store, project, dict.fromkeys(audited, SPLIT), round_id="round2", started=later
    )
    report = office.route(project)
    decided = office.decisions()
    assert {decided[i].destination for i in audited} == {"audit"}
    assert report.destinations["annotate"] == 10
    assert {decided[i].destination for i in ids[:10]} == {"annotate"}


def test_items_that_come_later(office: Office) -> None:
    first = say(office, [SPLIT] * 4 + [UNANIMOUS] * 6)
    project = settings(budget=0.4)
    office.route(project)
    office.answer(project, someone(office.store, "Ann"), 2)
    before = office.decisions()
    add_items(office.store, project, 5)
    assert office.route(project).waiting_prelabel == 5
    later = say(office, [SPLIT] * 10, round_id="round2", started=START + timedelta(hours=1))
    report = office.route(project)
    assert (report.items, report.waiting_prelabel) == (20, 5)
    assert report.destinations["annotate"] == 8
    after = office.decisions()
    touched = {i for (i, _), (state, _) in office.slots().items() if state == "done"}
    assert {i: after[i] for i in touched} == {i: before[i] for i in touched}
    assert set(after) == {*first, *later}


def test_a_person_who_comes_while_it_is_decided_keeps_the_item(
    office: Office, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deciding takes a while and holds no lock; what was taken meanwhile stays as it was."""
    say(office, [UNANIMOUS] * 10)
    wide = settings(budget=1.0)
    office.route(wide)
    before = office.decisions()
    ann = someone(office.store, "Ann")

    def decide_slowly(*arguments: Any) -> list[Decision]:
        decided = decide(*arguments)
        with open_store(database) as other:
            assert assign(other, wide, actor=ann, now=START) is not None
        return decided

    monkeypatch.setattr(routing, "decide", decide_slowly)
    report = office.route(settings(budget=0.0))
    assert report.destinations == {"auto": 9, "annotate": 1}
    [(held, _)] = office.slots()
    assert office.decisions()[held] == before[held]


def test_two_at_the_same_time_decide_once(office: Office, database: Path) -> None:
    mixed(office, 200)
    project = settings(budget=0.5, audit=0.1)

    def one(_: int) -> int:
        with open_store(database) as other:
            return office.route(project, other).changed

    with ThreadPoolExecutor(4) as pool:
        changed = list(pool.map(one, range(4)))
    assert sorted(changed) == [0, 0, 0, 200]
    assert office.history() == 200


# ---- slots


def test_a_smaller_budget_withdraws_what_waits(office: Office) -> None:
    mixed(office)
    office.route(settings(budget=0.5))
    wide = office.slots()
    report = office.route(settings(budget=0.2))
    assert report.destinations == {"annotate": 8, "auto": 32}
    assert len(office.slots()) == 8
    assert set(office.slots()) < set(wide)
    office.route(settings(budget=0.5))
    assert office.slots() == wide


def by_item(slots: Mapping[tuple[str, int], tuple[str, float]]) -> Counter[str]:
    return Counter(item_id for item_id, _ in slots)


def test_more_and_fewer_people_per_item(office: Office) -> None:
    ids = say(office, [SPLIT, SPLIT, UNANIMOUS, UNANIMOUS])
    office.route(settings(budget=0.5, per_item=1))
    assert by_item(office.slots()) == {ids[0]: 1, ids[1]: 1}
    assert office.route(settings(budget=0.5, per_item=3)).changed == 0
    assert by_item(office.slots()) == {ids[0]: 3, ids[1]: 3}
    three = settings(budget=0.5, per_item=3)
    [first] = office.answer(three, someone(office.store, "Ann"), 1)
    office.answer(three, someone(office.store, "Bob"), 1)
    office.route(settings(budget=0.5, per_item=1))
    other = ids[0] if first == ids[1] else ids[1]
    done = Counter(i for (i, _), (state, _) in office.slots().items() if state == "done")
    assert done == {first: 2}
    assert by_item(office.slots()) == {first: 2, other: 1}


def test_answered_items_keep_the_slots_of_the_others(office: Office) -> None:
    ids = say(office, [SPLIT, UNANIMOUS, UNANIMOUS, UNANIMOUS])
    project = settings(budget=0.25, per_item=2)
    office.route(project)
    assert office.answer(project, someone(office.store, "Ann"), 1) == [ids[0]]
    office.route(settings(budget=0.0, per_item=2))
    assert by_item(office.slots()) == {ids[0]: 2}
    assert office.answer(project, someone(office.store, "Bob"), 1) == [ids[0]]


def test_audited_items_stand_among_the_others(office: Office) -> None:
    """From the order of the queue nobody can tell what is audit."""
    say(office, [SPLIT, LEANING] * 30 + [UNANIMOUS] * 100)
    project = settings(budget=60 / 160, audit=0.5)
    office.route(project)
    decided = office.decisions()
    queue = sorted(office.slots().items(), key=lambda pair: -pair[1][1])
    places = [at for at, ((i, _), _) in enumerate(queue) if decided[i].destination == "audit"]
    assert len(places) > 30
    thirds = Counter(3 * at // len(queue) for at in places)
    assert min(thirds[third] for third in range(3)) >= 5


def test_waiting_slots_follow_the_newest_score(office: Office) -> None:
    ids = say(office, [SPLIT, LEANING, UNANIMOUS, UNANIMOUS])
    project = settings(budget=0.5)
    office.route(project)
    assert office.slots()[ids[0], 0][1] > office.slots()[ids[1], 0][1]
    swapped = dict(zip(ids[:2], [LEANING, SPLIT], strict=True))
    later = START + timedelta(hours=1)
    machine_says(office.store, project, swapped, round_id="round2", started=later)
    assert office.route(project).changed == 2
    assert office.slots()[ids[0], 0][1] < office.slots()[ids[1], 0][1]
    assert office.history() == 6
