"""When a promise is off: by its maker, or because what it rests on has changed. Always said."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest

from annotate.card import zh
from annotate.errors import AnnotateError, NothingToDo
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.exports.exporting import Request, export
from annotate.workflow.promises.promising import withdraw
from tests.annotate.support.pledge import Pledge, pledge_project
from tests.small import QUESTION, add_items, machine_says, someone

LABELS = [{"name": "spam"}, {"name": "ham"}]


def with_question(**changes: Any) -> Project:
    asked = {"name": QUESTION, "type": "single_label", "text": "What is it?", "labels": LABELS}
    return pledge_project(questions=[asked | changes])


@pytest.fixture
def pledge(store: Store) -> Pledge:
    made = Pledge(store, 100, range(60, 100, 4))
    made.start()
    return made


def prelabel_anew(pledge: Pledge, ids: list[str], *, settings: str) -> None:
    """Another run over these items, under these settings."""
    says = {i: [("ham", 0.2)] for i in ids}
    started = pledge.clock.forward(1)
    machine_says(
        pledge.store, pledge.project, says, round_id="r2", started=started, settings=settings
    )


OFF = "WITHDRAWN, no promise is made about how many of these labels are wrong: "


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (
            pledge_project(guideline="Be strict."),
            "the guideline has changed, so people may now answer otherwise",
        ),
        (with_question(text="Is it?"), "the question or its labels have changed"),
        (
            with_question(labels=[*LABELS, {"name": "other"}]),
            "the question or its labels have changed",
        ),
        (
            with_question(labels=[{"name": "spam", "description": "Unasked for."}, LABELS[1]]),
            "the question or its labels have changed",
        ),
        (
            pledge_project(fields=["text", "sender"], guideline="New."),
            "the guideline has changed, so people may now answer otherwise; "
            "the fields that people are shown have changed",
        ),
    ],
)
def test_what_people_read_must_not_change(pledge: Pledge, changed: Project, why: str) -> None:
    status = pledge.look(changed)
    assert status.state == "withdrawn"
    assert status.statement() == OFF + why
    assert pledge.look().statement() == OFF + why  # changing it back does not help
    told = zh.reasons_said(status.reason)
    assert not re.search("[a-z]", told)
    assert told.count("；") == why.count("; ")


@pytest.mark.parametrize(
    "changed",
    [
        pledge_project(title="Other mails"),
        pledge_project(people={"lease_minutes": 5}),
        pledge_project(llm={"model": "another, not asked yet"}),
        pledge_project(routing={"signal": "entropy", "budget": 0.5}),
    ],
)
def test_other_changes_do_no_harm(pledge: Pledge, changed: Project) -> None:
    assert pledge.look(changed).state == "auditing"


def test_another_model_for_frozen_items_ends_it(pledge: Pledge) -> None:
    prelabel_anew(pledge, pledge.ids[7:8], settings="others")
    status = pledge.look()
    assert status.statement() == (
        f"{OFF}frozen items were pre-labelled anew, by another model or prompt (made up)"
    )
    assert zh.reasons_said(status.reason) == "已冻结的条目由另一模型或提示重新预标注（made up）"


def test_another_model_for_new_items_does_no_harm(pledge: Pledge) -> None:
    late = add_items(pledge.store, pledge.project, 5)
    prelabel_anew(pledge, late, settings="others")
    assert pledge.look().state == "auditing"


def test_asking_the_same_model_again_does_no_harm(pledge: Pledge) -> None:
    prelabel_anew(pledge, pledge.ids, settings="settings")
    assert pledge.look().state == "auditing"


def test_it_ends_after_it_was_kept_too(store: Store) -> None:
    pledge = Pledge(store, 100)
    pledge.start()
    pledge.answer(someone(store, "Ann"))
    assert pledge.look().state == "kept"
    status = pledge.look(pledge_project(guideline="Be strict."))
    assert status.state == "withdrawn"


@pytest.mark.parametrize(
    ("sql", "beyond", "why"),
    [
        (
            "label = '\"ham\"'",
            False,
            "1 frozen labels are no longer the ones that go out",
        ),
        (
            "destination = 'auto'",
            True,
            "1 items that people must answer have gone back to the model",
        ),
    ],
)
def test_whoever_edits_the_database_is_found_out(
    store: Store, sql: str, beyond: bool, why: str
) -> None:
    pledge = Pledge(store, 100, range(50, 100))
    pledge.start()
    pledge.answer(someone(store, "Ann"))
    cut = pledge.look().cut
    assert 10 < cut < 99
    side = range(cut, 100) if beyond else range(cut)
    at = next(at for at in side if at not in pledge.drawn())
    sql = f"update decisions set {sql} where item_id = :item"
    store._engine.execute(sql, {"item": pledge.ids[at]})
    status = pledge.look()
    assert status.statement() == f"{OFF}{why}"
    assert not re.search("[a-z]", zh.reasons_said(status.reason))


def test_routing_finds_out_as_well_and_lets_the_items_go(pledge: Pledge) -> None:
    drawn = pledge.drawn()
    held = pledge.store.promises.held_items("mails", QUESTION)
    assert held == set(pledge.ids)
    pledge.answer(someone(pledge.store, "Ann"), 1)
    pledge.project = pledge_project(
        guideline="Be strict.", routing={"signal": "confidence", "budget": 0.3, "audit": 0.0}
    )
    pledge.route()
    assert pledge.store.promises.held_items("mails", QUESTION) == set()
    where = {at: d.destination for at, d in pledge.decisions().items()}
    assert where[drawn[0]] == "audit"  # answered: it stays as it was
    assert {at for at in where if where[at] == "annotate"} | {drawn[0]} >= set(range(71, 100))
    assert [at for at in drawn[1:] if where[at] == "audit"] == []


def test_an_export_finds_out_as_well(pledge: Pledge) -> None:
    out, now = BytesIO(), pledge.clock.forward(1)
    report = export(
        pledge.store,
        pledge_project(guideline="Be strict."),
        Request("labels", form="csv"),
        out,
        actor=pledge.lead,
        now=now,
    )
    why = "the guideline has changed, so people may now answer otherwise"
    assert report.promises == {QUESTION: OFF + why}
    [event] = pledge.store.promises.events(
        pledge.store.promises.of_question("mails", QUESTION)[0].id
    )
    assert (event.kind, event.details, event.person) == ("withdrawn", {"reason": why}, "operator")


def test_taking_it_back(pledge: Pledge) -> None:
    store, project, question = pledge.store, pledge.project, pledge.question
    lea = someone(store, "Lea", "lead")

    def off(reason: str) -> None:
        now = pledge.clock.forward(1)
        withdraw(store, project, question, reason, actor=lea, now=now)

    with pytest.raises(AnnotateError, match="a promise is withdrawn for a reason"):
        off("  ")
    off(" The guideline was misread. ")
    assert pledge.look().statement() == f"{OFF}The guideline was misread."
    with pytest.raises(NothingToDo, match="no promise stands for this question"):
        off("again")
    assert store.promises.standing("mails", QUESTION) is None
    assert len(store.promises.audited_items("mails", QUESTION)) == 20
    again = pledge.start()
    assert again.number == 2
    assert pledge.look().fails == pytest.approx(0.2)
