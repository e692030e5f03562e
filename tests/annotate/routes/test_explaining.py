"""Why an item went where it went, in numbers that add up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from annotate.errors import NotAllowed, NotFound
from annotate.model import Person
from annotate.store import Store
from annotate.workflow.routes.explaining import Explanation, explain
from tests.annotate.routes.office import LEARNED, Office, blind_spot, people_answer, settings
from tests.small import QUESTION, add_items, small_project, someone


@pytest.fixture
def office(store: Store, lead: Person, new_id: Callable[[], str]) -> Office:
    return Office(store, lead, new_id)


def explained(office: Office, reference: str, **routing: object) -> Explanation:
    project = small_project(routing=LEARNED | routing)
    return explain(office.store, project, project.question(QUESTION), reference, actor=office.lead)


def test_the_terms_add_up_to_the_decision(office: Office) -> None:
    truth = blind_spot(office)
    office.route(small_project(routing=LEARNED))
    people_answer(office, truth, 60)
    office.route(small_project(routing=LEARNED))
    decided = office.decisions()
    corrected = next(i for i, d in decided.items() if d.label != d.model_value)
    found = explained(office, corrected)
    assert found.decision == decided[corrected]
    assert (found.routing.number, found.routing.policy) == (2, "budget")
    assert found.routing.settings["humans"] == 60
    assert [(one.variant, one.value) for one in found.said] == [
        ("v0", "ham"), ("v1", "ham"), ("v2", "ham"), ("v3", "ham"), ("v4", "spam"),
    ]  # fmt: skip
    assert found.label_now == "spam"
    assert found.risk_now == pytest.approx(found.decision.score, abs=1e-6)
    assert sum(found.probabilities.values()) == pytest.approx(1.0)
    assert found.risk_now == pytest.approx(1 - found.probabilities["spam"])
    together = {value: sum(t[value] for t in found.terms.values()) for value in ("spam", "ham")}
    assert together["spam"] > together["ham"]
    # doubt about the weights only brings the classes nearer to each other
    sure = 1 / (1 + np.exp(together["ham"] - together["spam"]))
    assert 0.5 < found.probabilities["spam"] <= sure
    assert found.terms["v0 #1"]["ham"] > 0 > found.terms["v0 #1"]["spam"]
    taught = found.terms["what people said of similar items (words)"]
    assert taught["spam"] > 0
    assert found.answers_since == 60  # the office decides before anybody answers


def test_answers_since_are_told(office: Office) -> None:
    truth = blind_spot(office, 60)
    office.route(small_project(routing=LEARNED))
    reference = next(i for i, d in office.decisions().items() if d.destination == "auto")
    people_answer(office, truth, 3)
    assert explained(office, reference).answers_since == 3


def test_other_signals_have_no_terms(office: Office) -> None:
    blind_spot(office, 30)
    office.route(settings())
    found = explained(office, "0", signal="entropy")
    assert (found.terms, found.probabilities) == ({}, {})
    assert found.risk_now == pytest.approx(found.decision.score, abs=1e-6)


def test_what_cannot_be_explained(office: Office) -> None:
    add_items(office.store, small_project(), 1)
    with pytest.raises(NotFound, match="project 'mails' has no item 'x'"):
        explained(office, "x")
    with pytest.raises(NotFound, match=f"has no item '{'x' * 39}…':"):
        explained(office, "x" * 1_000_000)
    with pytest.raises(NotFound, match="item '0' is not routed yet: `coannotate prelabel`"):
        explained(office, "0")
    office.lead = someone(office.store, "Ann")
    with pytest.raises(NotAllowed):
        explained(office, "0")
