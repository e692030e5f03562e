"""Routing by learned risk: people teach it where the machine errs, and what is right there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from annotate.errors import NotAllowed
from annotate.exporters import settle
from annotate.model import Consensus, Person
from annotate.store import Store
from annotate.workflow.routes.calibrating import held_out
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.learning import gather
from annotate.workflow.routes.routing import route
from tests.annotate.routes.office import LEARNED, Office, blind_spot, people_answer
from tests.labelling import assign
from tests.small import QUESTION, START, add_items, machine_says, small_project, someone

CLASSES = ("spam", "ham")


@pytest.fixture
def office(store: Store, lead: Person, new_id: Callable[[], str]) -> Office:
    return Office(store, lead, new_id)


def test_people_teach_it_where_the_machine_errs(office: Office) -> None:
    truth = blind_spot(office)
    project = small_project(routing=LEARNED)
    cold = office.route(project)
    assert (cold.humans, cold.corrected) == (0, 0)
    risks = {i: d.score for i, d in office.decisions().items()}
    assert len(set(risks.values())) < 10  # so far all wordings split alike
    people_answer(office, truth, 60)
    warm = office.route(project)
    assert warm.humans == 60
    decided = office.decisions()
    left = [i for i, d in decided.items() if d.destination == "auto"]
    wrong = [i for i in left if decided[i].label != truth[i]]
    voted_wrong = [i for i in left if decided[i].model_value != truth[i]]
    assert len(voted_wrong) > 40
    assert len(wrong) < len(voted_wrong) / 10
    corrected = next(i for i in left if decided[i].label != decided[i].model_value)
    assert "in such cases people say spam, so that is taken" in decided[corrected].reason
    assert "by 60 human answers" in decided[corrected].reason
    final = settle(Consensus(None, 0, 0), 0, decided[corrected], CLASSES)
    assert (final.value, final.source) == ("spam", "learned")


def test_the_models_label_can_be_kept(office: Office) -> None:
    truth = blind_spot(office)
    project = small_project(routing=LEARNED | {"relabel": False})
    office.route(project)
    people_answer(office, truth, 60, relabel=False)
    report = office.route(project)
    assert (report.humans, report.corrected) == (60, 0)
    decided = office.decisions()
    assert all(d.label == d.model_value for d in decided.values())
    # instead, what it gets wrong is what people are sent
    prize = [d for i, d in decided.items() if truth[i] != d.model_value]
    other = [d for i, d in decided.items() if truth[i] == d.model_value]
    assert np.mean([d.score for d in prize if d.score]) > 2 * np.mean(
        [d.score for d in other if d.score]
    )


def test_running_again_changes_nothing_and_a_few_answers_little(office: Office) -> None:
    truth = blind_spot(office, 120)
    project = small_project(routing=LEARNED)
    assert office.route(project).changed == 120
    assert office.route(project).changed == 0
    people_answer(office, truth, 20)
    office.route(project)
    before = office.history()
    people_answer(office, truth, 1)
    office.route(project)
    assert office.history() - before < 120
    assert office.route(project).changed == 0


def test_what_people_have_in_hand_stays(office: Office) -> None:
    truth = blind_spot(office, 120)
    project = small_project(routing=LEARNED)
    office.route(project)
    bob = someone(office.store, "Bob")
    held = assign(office.store, project, actor=bob, now=START)
    assert held is not None
    before = office.decisions()[held.item.id]
    people_answer(office, truth, 20)
    office.route(project)
    assert office.decisions()[held.item.id] == before


def test_risks_are_measured_on_held_out_answers(office: Office) -> None:
    truth = blind_spot(office)
    project = small_project(routing=LEARNED | {"budget": 0.5})
    question = project.question(QUESTION)
    office.route(project)
    assert held_out(office.store, project, question, actor=office.lead) is None
    people_answer(office, truth, 120)
    found = held_out(office.store, project, question, actor=office.lead)
    assert found is not None
    assert found.items == 120
    assert found.vote_error > 0.25
    assert found.label_error < found.vote_error / 3
    assert abs(found.mean_risk - found.label_error) < 0.15
    assert 0 <= found.brier < 0.25
    with pytest.raises(NotAllowed):
        held_out(office.store, project, question, actor=someone(office.store, "Cleo"))


def test_failed_items_have_no_risk(office: Office) -> None:
    ids = add_items(office.store, small_project(), 3)
    said = [["spam"] * 5, ["error"] * 4 + ["spam"], ["error"] * 5]
    machine_says(office.store, small_project(), dict(zip(ids, said, strict=True)))
    office.route(small_project(routing=LEARNED | {"budget": 0.0, "audit": 0.0}))
    decided = office.decisions()
    assert [decided[i].destination for i in ids] == ["auto", "annotate", "annotate"]
    assert [decided[i].score is None for i in ids] == [False, True, True]
    assert decided[ids[2]].label is None


class Counting:
    """An encoder that knows one thing, and counts the texts it reads."""

    name, dim, weak = "counting", 2, False

    def __init__(self) -> None:
        self.read = 0

    def encode(self, texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        self.read += len(texts)
        rows = [[1.0, 0.0] if "prize" in text else [0.0, 1.0] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(-1, 2)


def test_embeddings_are_made_once(office: Office) -> None:
    blind_spot(office, 60)
    project = small_project(routing=LEARNED)
    question = project.question(QUESTION)
    encoder = Counting()
    seen = gather(office.store, project, question, ItemFeatures(encoder))
    assert [f.shape[0] for f in seen.features] == [60, 60]
    assert encoder.read == 60
    prize = seen.features[1][2::3]
    assert np.allclose(prize, prize[0])
    features = ItemFeatures(encoder)  # as another process would
    gather(office.store, project, question, features)
    assert encoder.read == 60
    route(
        office.store, project, question, actor=office.lead, now=START, new_id=office.new_id,
        features=features,
    )  # fmt: skip
    assert encoder.read == 60
