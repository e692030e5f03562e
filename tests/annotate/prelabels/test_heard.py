"""What people stand by, worked out once for each course of answers, is what each item comes to."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from annotate.consensus import agreed
from annotate.model import Value
from annotate.questions import still_offered
from annotate.store import Store
from annotate.workflow.labelling.sending_back import waits
from annotate.workflow.prelabels.examples import heard, human_values
from tests.annotate.support.court import Court
from tests.small import Clock

WORDS = {"name": "reply", "type": "text", "text": "What would you answer?"}
WRITTEN = [{"verdict": "write", "text": text} for text in ("yes", "yes please", "no", "no thanks")]
KINDS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "classes": ({}, ["spam", "ham"]),
    "no classes": ({"questions": [WORDS]}, WRITTEN),
}


def one_by_one(court: Court, *, blind: bool) -> dict[str, Value]:
    """Item by item, from whole answers."""
    name, question, found = court.project.project, court.question, {}
    given: dict[str, list[Any]] = {}
    for one in court.store.annotations.counting(name, question.name):
        given.setdefault(one.item_id, []).append(one)
    ruled = court.store.adjudications.in_force(name, question.name)
    for item_id in {**given, **ruled}:
        word, said = ruled.get(item_id), given.get(item_id, [])
        if word is not None and word.kind == "decided":
            value = next(iter(still_offered(question, [word.value])), None)
        elif word is not None and (word.kind == "ambiguous" or waits(word, said)):
            value = None
        else:
            seen = [one.value for one in said if not blind or one.shown_prelabel is None]
            value = agreed(question, seen).value
        if value is not None:
            found[item_id] = value
    return found


@pytest.fixture(params=list(KINDS))
def court(request: pytest.FixtureRequest, store: Store, clock: Clock) -> Court:
    """Answers of up to four people in any order; some assisted, some taken back, some decided."""
    settings, values = KINDS[request.param]
    court, chance = Court(store, clock, **settings), Random(3)
    people = ["Ann", "Bob", "Cyd", "Dan"]
    ids = court.given(
        *(
            {who: chance.choice(values) for who in chance.sample(people, chance.randint(1, 4))}
            for _ in range(30)
        )
    )
    for item_id in ids[::2]:
        one = chance.choice(store.annotations.of_item(item_id))
        store.annotations.retract(one.id, one.person_id, now=one.created_at)
        if chance.random() < 0.7:
            store.annotations.add(replace(one, id=f"{one.id}x", shown_prelabel="seen"))
    for at, item_id in enumerate(ids[:9]):
        (court.ambiguous, court.send_back, lambda i: court.decide(i, values[0]))[at % 3](item_id)
    return court


@pytest.mark.parametrize("blind", [False, True])
def test_courses_of_answers_come_to_what_each_item_comes_to(court: Court, blind: bool) -> None:
    name = court.project.project
    found = human_values(court.store, name, court.question, blind=blind)
    assert found == one_by_one(court, blind=blind)
    assert len(set(map(str, found.values()))) > 1
    assert len(found) < 30


def test_it_is_known_who_was_asked_and_whose_answers_count(court: Court) -> None:
    store, name = court.store, court.project.project
    courses = heard(store, name, court.question, blind=True).courses
    assert courses.keys() == set(store.items.ids(name))
    counting = {one.item_id for one in store.annotations.counting(name, court.question.name)}
    assert {item_id for item_id, course in courses.items() if course} == counting
    assert counting < courses.keys()
