"""Policies that reckon with chances and money, through the routing verb."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from annotate.model import Person
from annotate.store import Store
from annotate.workflow.labelling import assign, submit
from tests.annotate.office import LEANING, SPLIT, UNANIMOUS, Office, blind_spot, people_answer, say
from tests.small import MINUTE, START, small_project, someone


@pytest.fixture
def office(store: Store, lead: Person, new_id: Callable[[], str]) -> Office:
    return Office(store, lead, new_id)


def test_people_get_what_is_worth_their_time(office: Office) -> None:
    say(office, [UNANIMOUS] * 20 + [SPLIT] * 10 + [LEANING] * 10)
    cheap = small_project(
        routing={"policy": "cost", "error_usd": 1.0, "hour_usd": 24, "seconds": 30, "audit": 0.0}
    )  # an answer costs 0.20
    report = office.route(cheap)
    sent = [d for d in office.decisions().values() if d.destination == "annotate"]
    assert {d.score > 0.2 for d in sent if d.score is not None} == {True}
    left = [d for d in office.decisions().values() if d.destination == "auto"]
    assert {d.score <= 0.2 for d in left if d.score is not None} == {True}
    assert len(sent) + len(left) == 40
    [outlook] = report.outlook
    assert outlook.startswith("the next ")
    dear = small_project(
        routing={"policy": "cost", "error_usd": 1.0, "hour_usd": 2400, "audit": 0.0}
    )
    assert office.route(dear).destinations == {"auto": 40}


def test_the_price_of_an_answer_is_measured(office: Office) -> None:
    say(office, [SPLIT] * 12)
    # at the 30 s that are assumed an answer costs 0.10, at a measured 300 s it costs 1
    project = small_project(
        routing={"policy": "cost", "error_usd": 1.0, "hour_usd": 12, "audit": 0.0}
    )
    assert office.route(project).destinations == {"annotate": 12}
    ann = someone(office.store, "Ann")
    now = START + MINUTE
    task = assign(office.store, project, actor=ann, now=now)
    assert task is not None
    submit(office.store, project, task, "spam", actor=ann, now=now, seconds=300.0)
    report = office.route(project)
    assert report.destinations == {"annotate": 1, "auto": 11}  # what people have had stays


def test_a_promise_is_planned_for(office: Office) -> None:
    truth = blind_spot(office, 600)
    project = small_project(routing={"policy": "promise", "target_error": 0.2})
    cold = office.route(project)
    assert cold.destinations.get("audit", 0) == 0  # drawn only after the freeze
    [outlook] = cold.outlook
    assert "then an audit of" in outlook
    some = cold.destinations["annotate"]
    people_answer(office, truth, min(some, 100), policy="promise", budget=None, target_error=0.2,
                  audit=0.05)  # fmt: skip
    warm = office.route(project)
    assert warm.destinations["annotate"] < some or some < 100
    assert {d.propensity for d in office.decisions().values()} == {0.0, 1.0}


def test_what_cannot_be_promised_goes_to_people(office: Office) -> None:
    say(office, [SPLIT] * 20)
    report = office.route(small_project(routing={"policy": "promise", "target_error": 0.01}))
    assert report.destinations == {"annotate": 20}
    assert report.outlook == (
        "nothing can be promised about the model's labels: people get everything",
    )


def test_explored_items_say_so(office: Office) -> None:
    say(office, [UNANIMOUS] * 80 + [SPLIT] * 20)
    office.route(
        small_project(routing={"signal": "entropy", "budget": 0.2, "explore": 0.5, "audit": 0.0})
    )
    sent = [d for d in office.decisions().values() if d.destination == "annotate"]
    explored = [d for d in sent if "to learn of all kinds of items" in d.reason]
    assert (len(sent), len(explored)) == (20, 10)
    assert all(0 < d.propensity < 1 for d in explored)
