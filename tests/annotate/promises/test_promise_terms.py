"""What may be promised and what is refused, by whom and how often."""

from __future__ import annotations

import pytest

from annotate.errors import AnnotateError, Conflict, NotAllowed, NothingToDo
from annotate.promise.plan import Terms
from annotate.store import Store
from annotate.workflow.promises.promising import plan_promise, promise_status, start, withdraw
from annotate.workflow.promises.status import statement
from tests.annotate.support.pledge import TERMS, Pledge, pledge_project
from tests.small import QUESTION, add_items, someone


def test_too_few_labels_for_an_audit_are_refused(pledge: Pledge) -> None:
    with pytest.raises(AnnotateError) as caught:
        pledge.start(Terms(0.05, 0.05))
    assert str(caught.value) == (
        "nothing could be promised: for 5.0 % with 95 % confidence at least 39 of the 100 labels "
        "have to be audited, more than a third, and that hardly pays. Let people answer everything "
        "(`routing: {budget: 1}`), allow more errors (--error), or insist with --audit 39"
    )
    with pytest.raises(AnnotateError) as caught:
        pledge.start(Terms(0.05, 0.05, 30))
    assert str(caught.value) == (
        "an audit of 30 would certify nothing even if it found no error: 9 more are needed, so ask "
        "for --audit 39 or more"
    )
    with pytest.raises(AnnotateError, match="an audit of 101 is more than the 100 labels"):
        pledge.start(Terms(0.05, 0.05, 101))
    assert pledge.store.promises.of_question("mails", QUESTION) == []
    assert pledge.start(Terms(0.05, 0.05, 39)).audited == 39


def test_before_routing_there_is_nothing_to_promise(store: Store) -> None:
    project = pledge_project()
    with pytest.raises(AnnotateError, match="has no items yet"):
        plan_promise(store, project, project.questions[0], TERMS, actor=Pledge(store, 0).lead)


def test_items_have_to_be_routed_first(store: Store) -> None:
    project = pledge_project()
    add_items(store, project, 3)
    someone_leads = someone(store, "Lea", "lead")
    with pytest.raises(NothingToDo) as caught:
        plan_promise(store, project, project.questions[0], TERMS, actor=someone_leads)
    assert str(caught.value) == (
        "no item of 'mail' has been routed: `coannotate prelabel` and then `coannotate route` give "
        "the labels and the order that a promise is about"
    )


def test_when_people_have_everything_nothing_is_left(store: Store) -> None:
    project = pledge_project(routing={"signal": "confidence", "budget": 1.0, "audit": 0.0})
    pledge = Pledge(store, 4, (), project)
    pledge.answer(someone(store, "Ann"))
    with pytest.raises(NothingToDo, match="nothing is left to promise"):
        pledge.start()


def test_few_labels_of_the_model_need_no_audit(store: Store) -> None:
    """Nine labels are left to the model and ten may be wrong."""
    project = pledge_project(routing={"signal": "confidence", "budget": 0.91, "audit": 0.0})
    pledge = Pledge(store, 100, range(9), project)
    ann = someone(store, "Ann")
    pledge.answer(ann)
    promise = pledge.start(Terms(0.1, 0.1))
    assert (promise.population, promise.audited) == (9, 0)
    assert pledge.look().statement() == (
        "KEPT: at most 10.0 % of 100 delivered labels are wrong (90 % confidence), "
        "for 91 human labels"
    )


def test_nothing_may_stay_when_the_surest_label_is_wrong(store: Store) -> None:
    pledge = Pledge(store, 100, range(100))
    ann = someone(store, "Ann")
    pledge.start()
    pledge.answer(ann)
    status = pledge.look()
    assert status.cut == min(pledge.drawn())
    pledge.answer(ann)
    assert pledge.look().state == "kept"
    assert len(pledge.delivered_wrong()) <= 10


def test_a_plan_stores_nothing(pledge: Pledge) -> None:
    before = pledge.decisions()
    found = plan_promise(pledge.store, pledge.project, pledge.question, TERMS, actor=pledge.lead)
    assert (found.size, found.population, found.audited, found.critical) == (100, 100, 20, 0)
    assert 0.2 < found.human_share < 1
    assert found.answers == 0
    assert pledge.decisions() == before
    assert pledge.store.promises.of_question("mails", QUESTION) == []


def test_one_promise_at_a_time(pledge: Pledge) -> None:
    ann = someone(pledge.store, "Ann")
    pledge.start()
    with pytest.raises(Conflict) as caught:
        pledge.start()
    assert str(caught.value) == (
        "promise 1 on 'mail' is still under way: let people finish it, or take it back with "
        "`coannotate promise withdraw --reason ...`"
    )
    pledge.answer(ann)
    pledge.look()
    with pytest.raises(Conflict):
        pledge.start()


def test_a_kept_promise_makes_way_for_the_next_with_an_audit_of_its_own(pledge: Pledge) -> None:
    store = pledge.store
    ann = someone(store, "Ann")
    first = pledge.start()
    drawn = set(pledge.drawn())
    pledge.answer(ann)
    pledge.look()
    pledge.answer(ann)
    kept = pledge.look()
    assert (kept.state, kept.made, kept.fails) == ("kept", 1, 0.1)
    second = pledge.start(Terms(0.1, 0.05, 25))
    assert (second.number, second.size, second.population) == (2, 100, kept.machine)
    assert not drawn & set(pledge.drawn())
    [settled, ended] = store.promises.events(first.id)
    assert (settled.kind, ended.kind) == ("settled", "withdrawn")
    assert ended.details == {"reason": "promise 2 has taken its place"}
    status = pledge.look()
    assert (status.made, round(status.fails, 9)) == (2, 0.15)
    assert store.promises.audited_items("mails", QUESTION) == {
        pledge.ids[at] for at in [*drawn, *pledge.drawn()]
    }


def test_who_may(pledge: Pledge) -> None:
    store, project, question = pledge.store, pledge.project, pledge.question
    ann, lea = someone(store, "Ann"), someone(store, "Lea", "lead")
    now = pledge.clock()
    message = "Ann is annotator and may not make promises: ask a lead or admin"
    with pytest.raises(NotAllowed, match=message):
        plan_promise(store, project, question, TERMS, actor=ann)
    with pytest.raises(NotAllowed, match=message):
        start(store, project, question, TERMS, actor=ann, now=now, new_id=pledge.new_id)
    with pytest.raises(NotAllowed, match=message):
        withdraw(store, project, question, "no", actor=ann, now=now)
    with pytest.raises(NotAllowed, match="Ann is annotator and may not review"):
        promise_status(store, project, question, actor=ann, now=now)
    promise, _ = start(store, project, question, TERMS, actor=lea, now=now, new_id=pledge.new_id)
    assert promise.created_by == "Lea"


def test_without_a_promise_that_is_said(pledge: Pledge) -> None:
    store, project, question = pledge.store, pledge.project, pledge.question
    assert promise_status(store, project, question, actor=pledge.lead, now=pledge.clock()) is None
    assert statement(store, project, question) == (
        "no promise is made about how many of these labels are wrong"
    )
