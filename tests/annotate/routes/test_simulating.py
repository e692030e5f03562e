"""Policies replayed on items of known answer, from the store and made up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from annotate.errors import AnnotateError, NotAllowed, NothingToDo
from annotate.model import Person
from annotate.store import Store
from annotate.workflow.routes.simulating import SHARES, Simulation, made_up, simulate
from tests.annotate.routes.office import LEARNED, Office, blind_spot, people_answer
from tests.small import QUESTION, small_project, someone


@pytest.fixture
def office(store: Store, lead: Person, new_id: Callable[[], str]) -> Office:
    return Office(store, lead, new_id)


def simulated(office: Office, *, people_error: float = 0.0, **routing: object) -> Simulation:
    project = small_project(routing=LEARNED | routing)
    return simulate(
        office.store, project, project.question(QUESTION), actor=office.lead, seeds=4,
        people_error=people_error,
    )  # fmt: skip


def error_at(found: Simulation, strategy: str, share: float) -> float:
    at = int(np.argmin(np.abs(SHARES - share)))
    return float(found.courses[strategy].error[:, at].mean())


def know_all(office: Office, truth: dict[str, str]) -> None:
    office.store.items.add_gold((item_id, QUESTION, value) for item_id, value in truth.items())


def test_what_people_teach_shows_before_they_are_paid(office: Office) -> None:
    know_all(office, blind_spot(office))
    found = simulated(office)
    assert (found.items, found.gold) == (300, 300)
    for strategy in ("random", "entropy", "learned", "yours"):
        assert error_at(found, strategy, 0.0) == pytest.approx(1 / 3, abs=0.01)
    # all wordings split alike everywhere: entropy is chance, the words are what tells
    assert error_at(found, "entropy", 0.2) == pytest.approx(1 / 3 * 0.8, abs=0.03)
    assert error_at(found, "learned", 0.2) < 0.03
    assert error_at(found, "learned", 1.0) == 0.0
    assert found.courses["yours"].end_share.mean() == pytest.approx(0.28, abs=0.03)


def test_people_who_err(office: Office) -> None:
    know_all(office, blind_spot(office))
    found = simulated(office, people_error=0.1)
    assert error_at(found, "random", 1.0) == pytest.approx(0.1, abs=0.04)


def test_what_people_have_answered_is_known_too(office: Office) -> None:
    truth = blind_spot(office)
    with pytest.raises(NothingToDo, match="0 items of 'mail' have both a known answer"):
        simulated(office)
    office.route(small_project(routing=LEARNED))
    people_answer(office, truth, 25)
    found = simulated(office)
    assert (found.items, found.gold) == (25, 0)
    # gold goes before people, who may err
    know_all(office, {item_id: "ham" for item_id in list(truth)[:10]})
    assert simulated(office).gold == 10


def test_the_same_seeds_the_same_courses(office: Office) -> None:
    know_all(office, blind_spot(office, 60))
    one, other = simulated(office), simulated(office)
    for name, course in one.courses.items():
        np.testing.assert_array_equal(course.error, other.courses[name].error)


def test_a_made_up_set() -> None:
    found = made_up(400, classes=3, model_error=0.3, seeds=3)
    assert error_at(found, "random", 0.0) == pytest.approx(0.3, abs=0.06)
    assert error_at(found, "entropy", 0.3) < error_at(found, "random", 0.3)
    perfect = made_up(100, model_error=0.0, seeds=2)
    assert error_at(perfect, "random", 0.0) == 0.0


def test_what_cannot_be_simulated(office: Office) -> None:
    with pytest.raises(AnnotateError, match="0 seeds: a simulation takes 1 or more"):
        made_up(100, seeds=0)
    with pytest.raises(AnnotateError, match="10 items, 3 classes"):
        made_up(10)
    with pytest.raises(AnnotateError, match="people's error 1: a share from 0 to below 1"):
        made_up(100, people_error=1.0)
    office.lead = someone(office.store, "Ann")
    with pytest.raises(NotAllowed):
        simulated(office)
