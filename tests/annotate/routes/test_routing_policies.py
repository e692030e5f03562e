"""Policies that reckon with chances and money, through the routing verb."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from annotate.errors import InvalidProject
from annotate.model import Person
from annotate.project import Project, parse_project
from annotate.store import Store
from tests.annotate.routes.office import (
    LEANING,
    SPLIT,
    UNANIMOUS,
    Office,
    blind_spot,
    people_answer,
    say,
)
from tests.annotate.support.shown import add_texts
from tests.labelling import assign, submit
from tests.small import (
    MINUTE,
    START,
    Said,
    add_items,
    machine_says,
    small_project,
    someone,
)


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
    assert warm.destinations["annotate"] == some == 120  # a fifth, to learn from
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


def test_near_duplicates_do_not_eat_the_budget(office: Office) -> None:
    """Two thirds of the items are three texts over and over, but for a number."""
    project = small_project(routing={"budget": 0.1, "diversity": 0.9, "audit": 0.0})
    plain = small_project(routing={"budget": 0.1, "audit": 0.0})
    texts = ["you won a big prize today"] * 60
    texts += [f"{word} {other} notes" for word in WORDS for other in WORDS if word != other]
    ids = add_texts(office.store, project, texts)
    said = {i: SPLIT for i in ids[:60]} | {i: LEANING for i in ids[60:]}
    machine_says(office.store, project, said)
    office.route(plain)
    sent = [i for i, d in office.decisions().items() if d.destination == "annotate"]
    assert set(sent) <= set(ids[:60])
    office.route(project)
    sent = [i for i, d in office.decisions().items() if d.destination == "annotate"]
    assert len(set(sent) & set(ids[:60])) < len(sent) / 2


WORDS = ("meeting", "budget", "lunch", "office", "garden", "winter", "paper")


def cascade() -> Project:
    """A person costs 0.45 an answer, the strong model 0.01."""
    return small_project(
        routing={
            "policy": "cascade", "strong": "big", "strong_usd": 0.01, "audit": 0.0,
            "error_usd": 1.0, "hour_usd": 54, "seconds": 30,
        },
        llm={"ensemble": [
            {"name": "small", "provider": "openai", "base_url": "http://x/v1", "model": "s"},
            {"name": "big", "provider": "openai", "base_url": "http://x/v1", "model": "b"},
        ]},
    )  # fmt: skip


def both_say(office: Office, said: dict[str, list[Said]], *, strong: bool, at: int) -> None:
    """A round in which the small model answers five times, and the strong one too if asked."""
    names = [f"small/v{n}" for n in range(5)] + ([f"big/v{n}" for n in range(5)] if strong else [])
    machine_says(
        office.store, small_project(), said, round_id=f"round{at}",
        started=START + at * MINUTE, variants=names,
    )  # fmt: skip


def test_the_strong_model_is_asked_where_it_is_worth_it(office: Office) -> None:
    ids = add_items(office.store, cascade(), 40)
    both_say(office, {i: UNANIMOUS for i in ids[:20]} | {i: SPLIT for i in ids[20:]},
             strong=False, at=1)  # fmt: skip
    report = office.route(cascade())
    assert report.destinations["strong"] >= 20
    decided = office.decisions()
    assert {decided[i].destination for i in ids[20:]} == {"strong"}
    assert decided[ids[20]].propensity == 0.0
    assert "the stronger model is worth asking first" in decided[ids[20]].reason
    assert office.slots() == {}  # nobody is asked before it has answered
    asked = [i for i in ids if decided[i].destination == "strong"]
    both_say(office, {i: [*SPLIT, *UNANIMOUS] for i in asked}, strong=True, at=2)
    again = office.route(cascade())
    assert again.destinations.get("strong", 0) == 0
    assert {office.decisions()[i].label for i in ids[20:]} == {"spam"}


def test_who_is_not_in_the_ensemble_cannot_be_asked(office: Office) -> None:
    whole = cascade().model_dump(mode="json", by_alias=True, exclude_unset=True)
    whole["routing"]["strong"] = "bigger"
    with pytest.raises(InvalidProject, match=r"'bigger' is no member of `llm\.ensemble`"):
        parse_project(json.dumps(whole))
