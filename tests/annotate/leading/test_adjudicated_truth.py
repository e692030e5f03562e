"""Where a lead's decision goes: examples, calibration, exports and feedback, and no promise."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from annotate.errors import AnnotateError
from annotate.store import Store
from annotate.workflow.decisions.corrections import corrections
from annotate.workflow.disagreement.review import confusion
from annotate.workflow.exports.exporting import Request, export
from annotate.workflow.labelling.syncing import sync
from annotate.workflow.prelabels.examples import human_values, pick_examples
from annotate.workflow.promises.settling import examine
from annotate.workflow.promises.verifying import verify
from tests.annotate.support.court import SPLIT, Court, audited
from tests.annotate.support.pledge import Pledge
from tests.small import QUESTION, Clock, someone

BOTH_HAM = {"Ann": "ham", "Bob": "ham"}


@pytest.fixture
def court(store: Store, clock: Clock) -> Court:
    return Court(store, clock)


def truth(court: Court, *, blind: bool = False) -> dict[str, object]:
    return human_values(court.store, "mails", court.question, blind=blind)


def exported(court: Court, name: str, **more: Any) -> tuple[list[dict[str, object]], object]:
    out, request = io.BytesIO(), Request(name, **more)
    report = export(court.store, court.project, request, out, actor=court.lead, now=court.now())
    return [json.loads(line) for line in out.getvalue().splitlines()], report.dropped


def test_a_decision_is_the_truth_whatever_people_say(court: Court) -> None:
    tied, agreed, both = court.given(SPLIT, BOTH_HAM, SPLIT)
    assert truth(court) == {agreed: "ham"}
    court.decide(tied, "spam")
    court.decide(agreed, "spam")
    court.ambiguous(both)
    assert truth(court) == truth(court, blind=True) == {tied: "spam", agreed: "spam"}
    court.ambiguous(agreed)
    assert truth(court) == {tied: "spam"}
    court.take_back()
    court.take_back()
    assert truth(court) == {tied: "spam", agreed: "spam"}


def test_what_was_sent_back_is_nobodys_truth_until_it_is_answered(court: Court) -> None:
    [item] = court.given(BOTH_HAM)
    court.person("Cyd")
    court.send_back(item)
    assert truth(court) == {}
    assert exported(court, "labels") == ([], {"sent back to people": 1})
    task = court.task("Cyd")
    assert task is not None
    court.answer("Cyd", task, "spam")
    assert truth(court) == {item: "ham"}


def test_examples_follow_decisions_and_never_show_what_measures(court: Court) -> None:
    tied, measuring, both = court.given(SPLIT, SPLIT, BOTH_HAM)
    audited(court, measuring)
    for item in (tied, measuring):
        court.decide(item, "spam")
    court.ambiguous(both)
    picked = pick_examples(court.store, "mails", court.question, limit=None)
    assert picked == ((tied, "spam"),)


def test_a_label_that_is_offered_no_more_is_no_truth(court: Court) -> None:
    [item] = court.given(SPLIT)
    court.decide(item, "spam")
    labels = [{"name": "ham"}, {"name": "junk"}]
    question = {"name": QUESTION, "type": "single_label", "text": "What?", "labels": labels}
    later = court.project.model_validate(
        {**court.project.model_dump(by_alias=True), "questions": [question]}
    )
    assert human_values(court.store, "mails", later.questions[0]) == {}


def test_exports_say_who_decided(court: Court) -> None:
    tied, both, agreed = court.given(SPLIT, SPLIT, BOTH_HAM)
    court.decide(tied, "ham", comment="first")
    court.decide(tied, "spam", comment="a prize")
    court.ambiguous(both)
    rows, dropped = exported(court, "labels", passport=True)
    assert dropped == {"marked as ambiguous": 1}
    assert [(r["id"], r["label"], r["source"], r["votes"], r["agreement"]) for r in rows] == [
        ("0", "spam", "adjudicated", 2, 0.5),
        ("2", "ham", "person", 2, 1.0),
    ]
    said = json.loads(str(rows[0]["meta"]))["adjudication"]
    assert [(one["value"], one["comment"], one["person"], one["stands"]) for one in said] == [
        ("ham", "first", "Lea", False),
        ("spam", "a prize", "Lea", True),
    ]
    assert json.loads(str(rows[1]["meta"]))["adjudication"] == []
    assert agreed not in court.standing()


@pytest.mark.parametrize("name", ["preference_trl", "sft_messages"])
def test_ambiguous_items_train_nobody(court: Court, name: str) -> None:
    _, both = court.given(SPLIT, BOTH_HAM)
    audited(court, both)  # the machine says ham of it
    rows, dropped = exported(court, name)
    assert dropped == {"people are tied": 1} | (
        {"person and model agree": 1} if name == "preference_trl" else {}
    )
    assert len(rows) == (name == "sft_messages")
    court.ambiguous(both)
    assert exported(court, name) == ([], {"people are tied": 1, "marked as ambiguous": 1})
    court.decide(both, "spam")
    rows, dropped = exported(court, name)
    assert len(rows) == 1  # a lead's word, also against the machine's
    assert dropped == {"people are tied": 1}


def test_no_further_person_is_asked_about_what_is_decided(store: Store, clock: Clock) -> None:
    court = Court(store, clock, people={"overlap": {"most": 3}, "per_item": 2})
    [item] = court.given(SPLIT)
    assert [slot.state for slot in store.assignments.of_item(item, QUESTION)][2:] == ["open"]
    court.decide(item, "spam")
    assert store.assignments.of_item(item, QUESTION)[2:] == []
    court.take_back()
    assert [slot.state for slot in store.assignments.of_item(item, QUESTION)][2:] == ["open"]


def test_the_confusion_with_the_model_counts_decisions(court: Court) -> None:
    [item] = court.given(BOTH_HAM)
    audited(court, item)  # the machine says ham
    found = confusion(court.store, court.project, court.question, actor=court.lead)
    assert found.counts.tolist() == [[0, 0, 0], [0, 1, 0]]
    court.decide(item, "spam")
    found = confusion(court.store, court.project, court.question, actor=court.lead)
    assert found.counts.tolist() == [[0, 1, 0], [0, 0, 0]]


def test_a_router_that_follows_people_follows_decisions(court: Court) -> None:
    [item] = court.given(SPLIT)
    before = court.store.progress.changes("mails", QUESTION)
    court.decide(item, "spam")
    court.take_back()
    assert court.store.progress.changes("mails", QUESTION) == before + 2


# ---- promises


@pytest.mark.parametrize("answered", [15, 20])
def test_no_decision_moves_a_promise(store: Store, clock: Clock, answered: int) -> None:
    """Neither while its audit goes on nor when it is settled: the audit counts what was answered,
    also where the lead sides with the machine or against it."""
    pledge = Pledge(store, 100, wrong=range(40, 100), clock=clock)
    pledge.start()
    ann = someone(store, "Ann")
    pledge.answer(ann, answered)
    pledge.look()
    before = examine(store, pledge.project, pledge.question)
    assert before is not None
    assert before.wrong_now() != set()
    court = Court(store, clock)
    court.project, court.question = pledge.project, pledge.question
    for at in pledge.drawn():
        court.decide(pledge.ids[at], "ham")
    court.ambiguous(pledge.ids[pledge.drawn()[0]])
    decided_spam = next(at for at in range(100) if at not in pledge.drawn())
    court.decide(pledge.ids[decided_spam], "spam")
    assert examine(store, pledge.project, pledge.question) == before
    checks = verify(store, pledge.project, pledge.question, actor=pledge.lead)
    assert [check.what for check in checks if not check.holds] == []
    with pytest.raises(AnnotateError, match="was drawn for an audit"):
        court.send_back(pledge.ids[pledge.drawn()[0]], to=ann.id)


# ---- feedback


def test_people_learn_what_became_of_their_own_answers(court: Court) -> None:
    right, wrong, both, _ = court.given(SPLIT, SPLIT, SPLIT, SPLIT)
    court.decide(right, "spam")
    court.decide(wrong, "ham", comment="see rule 2")
    court.ambiguous(both)
    found = corrections(court.store, court.project, court.person("Ann").id)
    assert [(o.item.id, o.own, o.truth, o.right, o.comment) for o in found] == [
        (both, "spam", None, None, None),
        (wrong, "spam", "ham", False, "see rule 2"),
        (right, "spam", "spam", True, None),
    ]
    assert corrections(court.store, court.project, court.person("Cyd").id) == []


def test_nobody_betters_their_record_by_changing_an_answer_afterwards(court: Court) -> None:
    [item_id] = court.given(SPLIT)
    [said] = court.store.annotations.by_person([item_id], court.person("Ann").id)
    court.decide(item_id, "ham")
    revise = {"op": "revise", "id": "r1", "target": said.op_id, "answers": {QUESTION: "ham"}}
    reply = sync(
        court.store, court.project, {"request": "r", "ops": [revise]},
        actor=court.person("Ann"), now=court.now(),
    )  # fmt: skip
    assert reply["results"] == [{"id": "r1", "status": "stored"}]
    [found] = corrections(court.store, court.project, court.person("Ann").id)
    assert (found.own, found.truth, found.right) == ("spam", "ham", False)
