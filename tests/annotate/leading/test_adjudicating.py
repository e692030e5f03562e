"""A lead's decisions: each is kept, the newest stands, and what it supersedes can come back."""

from __future__ import annotations

import pytest

from annotate.clock import iso
from annotate.errors import AnnotateError, Conflict, InvalidValue, NotAllowed, NotFound, NothingToDo
from annotate.store import Store
from annotate.store.queue.flags import Flagged
from annotate.workflow.decisions import cases
from annotate.workflow.projects.opening import set_opening
from tests.annotate.support.court import SPLIT, Court, audited
from tests.small import START, Clock, machine_says, someone


@pytest.fixture
def court(store: Store, clock: Clock) -> Court:
    return Court(store, clock)


def test_a_later_decision_supersedes_an_earlier_one_and_both_stay(court: Court) -> None:
    [item] = court.given(SPLIT)
    first = court.decide(item, "spam", comment=" as the guideline says ")
    second = court.decide(item, "ham")
    assert court.standing() == {item: ("decided", "ham")}
    kept = court.store.adjudications.of_item(item)
    assert kept == [first, second]
    assert [(one.number, one.value, one.supersedes) for one in kept] == [
        (1, "spam", None),
        (2, "ham", first.id),
    ]
    assert first.comment == "as the guideline says"
    assert (first.person_id, first.guideline_version) == (court.lead.id, "0")


def test_one_decision_sent_twice_is_one(court: Court) -> None:
    [item] = court.given(SPLIT)
    first = court.decide(item, "spam", new_id=lambda: "x")
    assert court.decide(item, "spam", new_id=lambda: "x") == first
    assert len(court.store.adjudications.of_item(item)) == 1
    with pytest.raises(Conflict, match="the id 'x' is that of another decision"):
        court.decide(item, "ham", new_id=lambda: "x")


def test_who_looked_at_something_else_is_told(court: Court) -> None:
    [item] = court.given(SPLIT)
    first = court.decide(item, "spam", seen="")
    with pytest.raises(Conflict, match="Lea has decided otherwise about this item since"):
        court.decide(item, "ham", seen="")
    court.decide(item, "ham", seen=first.id)
    assert court.standing() == {item: ("decided", "ham")}


@pytest.mark.parametrize(
    ("value", "rule"), [("eggs", "single_label: 'eggs' is"), (None, "single_label: None is")]
)
def test_only_what_the_question_accepts_is_decided(court: Court, value: object, rule: str) -> None:
    [item] = court.given(SPLIT)
    with pytest.raises(InvalidValue, match=rule):
        court.decide(item, value)
    assert court.standing() == {}


def test_bad_words_are_refused(court: Court) -> None:
    [item] = court.given(SPLIT)
    with pytest.raises(NotFound, match="project 'mails' has no item 'nowhere'"):
        court.decide("nowhere", "spam")
    with pytest.raises(AnnotateError, match="at most 2,000 characters, not 2,001"):
        court.decide(item, "spam", comment="x" * 2001)
    with pytest.raises(AnnotateError, match="is sent back with a comment"):
        court.send_back(item, "  ")
    assert court.store.adjudications.of_item(item) == []


def test_annotators_decide_nothing(court: Court) -> None:
    [item] = court.given(SPLIT)
    with pytest.raises(NotAllowed, match="Ann is annotator and may not adjudicate: ask a lead"):
        court.decide(item, "spam", actor=court.person("Ann"))


def test_a_frozen_project_takes_no_decision(court: Court) -> None:
    [item] = court.given(SPLIT)
    set_opening(court.store, court.project, "frozen", actor=court.lead, now=court.now())
    with pytest.raises(Conflict, match="is frozen, so its answers stand as they are"):
        court.decide(item, "spam")


# ---- taking back


def test_what_stood_before_stands_again(court: Court) -> None:
    one, other = court.given(SPLIT, SPLIT)
    court.decide(one, "spam")
    court.ambiguous(other, comment="both")
    court.decide(one, "ham")
    court.take_back()
    assert court.standing() == {one: ("decided", "spam"), other: ("ambiguous", None)}
    court.take_back()
    assert court.standing() == {one: ("decided", "spam")}
    court.take_back()
    assert court.standing() == {}
    assert [row.kind for row in court.store.adjudications.of_item(one)] == [
        "decided",
        "decided",
        "reopened",
        "reopened",
    ]
    with pytest.raises(NothingToDo, match="Lea has decided nothing that could be taken back"):
        court.take_back()


def test_nobody_takes_back_what_somebody_else_decided_since(court: Court) -> None:
    [item] = court.given(SPLIT)
    other = someone(court.store, "Max", "lead")
    court.decide(item, "spam")
    court.decide(item, "ham", actor=other)
    with pytest.raises(Conflict, match="Max has decided otherwise"):
        court.take_back()
    court.take_back(item_id=item)  # by name of the item it is another matter
    assert court.standing() == {item: ("decided", "spam")}


# ---- sending back


def test_an_item_goes_to_somebody_who_has_not_had_it(court: Court) -> None:
    [item] = court.given(SPLIT)
    with pytest.raises(NothingToDo, match="everybody here has had this item"):
        court.send_back(item)  # Lea would answer herself
    cyd = court.person("Cyd")
    sent = court.send_back(item, "is a prize draw spam?")
    assert court.waiting() == []
    assert court.task("Ann") is None
    assert court.task("Bob") is None
    task = court.task("Cyd")
    assert task is not None
    assert task.item.id == item
    assert task.shown["lead_note"] == "is a prize draw spam?"
    court.answer("Cyd", task, "spam")
    assert court.counting(item) == ["spam", "ham", "spam"]
    assert court.waiting() == [item]  # with its new answer, and what was said before
    assert [row.name for row in court.queue()[0].answers] == ["Ann", "Bob", cyd.name]
    assert court.queue()[0].standing == sent


def test_who_answered_answers_again_and_only_then_the_first_answer_goes(court: Court) -> None:
    [item] = court.given(SPLIT)
    bob = court.person("Bob")
    court.send_back(item, "look at the sender", to=bob.id)
    assert court.counting(item) == ["spam", "ham"]
    task = court.task("Bob")
    assert task is not None
    assert task.shown["lead_note"] == "look at the sender"
    court.answer("Bob", task, "spam")
    assert court.counting(item) == ["spam", "spam"]
    assert court.waiting() == [item]
    assert [one.value for one in court.store.annotations.of_item(item)] == ["spam", "ham", "spam"]
    assert court.task("Bob") is None


def test_nobody_gets_back_what_they_did_not_answer(court: Court) -> None:
    [item] = court.given(SPLIT)
    with pytest.raises(NotFound, match="nobody with the id"):
        court.send_back(item, to=court.person("Cyd").id)
    assert court.standing() == {}


@pytest.mark.parametrize("to", ["Bob", None])
def test_sending_back_is_taken_back_as_long_as_nobody_has_answered(
    court: Court, to: str | None
) -> None:
    [item] = court.given(SPLIT)
    court.person("Cyd")
    court.send_back(item, to=None if to is None else court.person(to).id)
    court.take_back()
    assert [slot.state for slot in court.store.assignments.of_item(item, "mail")] == [
        "done",
        "done",
    ]
    assert court.task(to or "Cyd") is None
    assert court.waiting() == [item]


def test_an_audited_item_is_decided_but_not_sent_back(court: Court) -> None:
    [item] = court.given(SPLIT)
    audited(court, item)
    with pytest.raises(AnnotateError, match="was drawn for an audit, which measures the model"):
        court.send_back(item, to=court.person("Bob").id)
    court.decide(item, "spam")
    assert court.standing() == {item: ("decided", "spam")}


# ---- the queue


def test_the_most_uncertain_come_first_and_what_is_decided_is_gone(court: Court) -> None:
    sure, third, split = court.given(
        {"Ann": "spam", "Bob": "spam"},
        {"Ann": "spam", "Bob": "spam", "Cyd": "spam", "Dan": "ham"},
        SPLIT | {"Cyd": "spam", "Dan": "ham"},
    )
    assert [(case.item.id, case.uncertainty) for case in court.queue()] == [
        (split, 0.5),
        (third, 0.25),
    ]
    [first] = court.queue(limit=1)
    assert [case.item.id for case in court.queue(after=first.after)] == [third]
    court.decide(split, "ham")
    court.ambiguous(third)
    assert court.waiting() == []
    court.take_back()
    assert court.waiting() == [third]
    assert sure not in court.waiting()
    with pytest.raises(AnnotateError, match="by 1 to 500 items at once, not 0"):
        court.queue(limit=0)
    with pytest.raises(AnnotateError, match="'x' is not the `after`"):
        court.queue(after="x")


def test_a_case_has_all_there_is_to_decide_by(court: Court) -> None:
    [item] = court.given(SPLIT)
    machine_says(court.store, court.project, {item: ["spam", "spam", "ham", "refused", "spam"]})
    flagged = Flagged("f", "mails", item, court.person("Ann").id, "odd", iso(START))
    court.store.flags.add(flagged)
    court.decide(item, "ham", comment="first thought")
    court.take_back()
    [case] = court.queue()
    assert [(row.name, row.value, row.saw_machine) for row in case.answers] == [
        ("Ann", "spam", False),
        ("Bob", "ham", False),
    ]
    assert case.machine.votes == {"spam": 3, "ham": 1}
    assert case.flags == ((flagged, "Ann"),)
    assert [(row.kind, row.comment, name) for row, name in case.earlier] == [
        ("decided", "first thought", "Lea"),
        ("reopened", None, "Lea"),
    ]
    assert case.standing is None
    own = cases.case_of(court.store, court.project, court.question, "0", actor=court.lead)
    assert own.item.id == item
    assert own.uncertainty == 0.5


def test_without_classes_the_mean_distance_is_the_uncertainty(store: Store, clock: Clock) -> None:
    question = {"name": "mail", "type": "rating", "text": "How good?"}
    court = Court(store, clock, questions=[question])
    near, far = court.given({"Ann": 3, "Bob": 4}, {"Ann": 1, "Bob": 5, "Cyd": 2})
    found = court.queue()
    assert [(case.item.id, case.uncertainty) for case in found] == [(far, 0.666667), (near, 0.25)]
    assert [case.middle for case in found] == [None, None]  # 2 is what Cyd says
    court.decide(far, 3)  # none of the answers, but one that may be given
    assert court.standing() == {far: ("decided", 3)}
