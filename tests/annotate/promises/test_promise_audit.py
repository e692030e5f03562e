"""What counts as wrong in an audit, what it waits for, and what later answers do to the cut."""

from __future__ import annotations

import pytest

from annotate.errors import Conflict, NothingToDo
from annotate.model import Person
from annotate.promise.audit import outcomes
from annotate.promise.plan import Terms
from annotate.store import Store
from annotate.workflow.promises.promising import settle_now
from annotate.workflow.promises.settling import examine
from annotate.workflow.promises.status import findings
from tests.annotate.support.pledge import Pledge, pledge_project
from tests.labelling import undo
from tests.small import QUESTION, someone


@pytest.fixture
def pledge(store: Store) -> Pledge:
    return Pledge(store, 100)


@pytest.fixture
def ann(store: Store) -> Person:
    return someone(store, "Ann")


def states(pledge: Pledge) -> list[str]:
    promise = pledge.store.promises.of_question("mails", QUESTION)[-1]
    return [one.state for one in outcomes(pledge.store, pledge.question, promise)]


def skip_next(pledge: Pledge, person: Person) -> int:
    task = pledge.next(person)
    assert task is not None
    pledge.skip(task, person)
    return pledge.number(task.item.id)


def take_back(pledge: Pledge, person: Person) -> int:
    task = undo(pledge.store, pledge.project, actor=person, now=pledge.clock.forward(0.01))
    assert task is not None
    return pledge.number(task.item.id)


def change_last(pledge: Pledge, person: Person, value: str) -> int:
    at = take_back(pledge, person)
    task = pledge.next(person)
    assert task is not None
    assert pledge.number(task.item.id) == at
    pledge.submit(task, person, value)
    return at


def test_a_skipped_item_counts_as_wrong(pledge: Pledge, ann: Person) -> None:
    """The machine is right everywhere; what nobody could answer still ends the certificate."""
    pledge.start()
    skipped = skip_next(pledge, ann)
    pledge.answer(ann)
    status = pledge.look()
    assert (status.state, status.errors, status.unanswered) == ("waiting", 1, 1)
    assert status.cut == skipped
    assert status.to_go == 1 + sum(at not in pledge.drawn() for at in range(skipped, 100))


def test_others_may_still_answer_what_one_has_skipped(pledge: Pledge, ann: Person) -> None:
    bob = someone(pledge.store, "Bob")
    pledge.start()
    skipped = skip_next(pledge, ann)
    pledge.answer(ann)
    status = pledge.look()
    assert (status.state, status.answered, status.skipped) == ("auditing", 19, 1)
    assert status.statement().startswith("19 of 20 audited, 1 skipped. So far at most ")
    assert pledge.answer(bob) == [skipped]
    status = pledge.look()
    assert (status.state, status.errors, status.cut) == ("kept", 0, 100)


def test_the_lead_need_not_wait_for_others(pledge: Pledge, ann: Person) -> None:
    someone(pledge.store, "Bob")
    store, project, question = pledge.store, pledge.project, pledge.question

    def settled() -> None:
        settle_now(store, project, question, actor=pledge.lead, now=pledge.clock.forward(1))

    with pytest.raises(NothingToDo, match="no promise stands"):
        settled()
    pledge.start()
    skipped = skip_next(pledge, ann)
    pledge.answer(ann, 4)
    with pytest.raises(Conflict) as caught:
        settled()
    assert str(caught.value) == (
        "15 of 20 audited items have no answer yet, and nobody has skipped them: the audit is "
        "settled when people have had all of them"
    )
    pledge.answer(ann)
    assert pledge.look().state == "auditing"
    settled()
    status = pledge.look()
    assert (status.errors, status.cut) == (1, skipped)
    settled()
    assert pledge.look() == status


def test_what_everybody_has_skipped_is_not_waited_for(pledge: Pledge, ann: Person) -> None:
    bob = someone(pledge.store, "Bob")
    pledge.start()
    skipped = skip_next(pledge, ann)
    pledge.answer(ann)
    assert pledge.look().state == "auditing"
    assert skip_next(pledge, bob) == skipped
    status = pledge.look()
    assert (status.state, status.errors, status.unanswered) == ("waiting", 1, 1)


def test_tied_people_count_as_wrong(store: Store, ann: Person) -> None:
    project = pledge_project(people={"per_item": 2})
    pledge = Pledge(store, 100, (), project)
    bob = someone(store, "Bob")
    pledge.start()
    pledge.answer(ann)
    assert pledge.look().answered == 0
    tied = pledge.next(bob)
    assert tied is not None
    pledge.submit(tied, bob, "ham")
    pledge.answer(bob)
    status = pledge.look()
    number = pledge.number(tied.item.id)
    assert (status.answered, status.errors, status.unanswered) == (20, 1, 0)
    assert (status.cut, status.unlabelled) == (number, 0)


def test_a_label_that_was_shown_first_is_no_blind_answer(pledge: Pledge, ann: Person) -> None:
    pledge.start()
    pledge.answer(ann)
    pledge.store._engine.execute(
        "update annotations set shown_prelabel = 'p' where item_id = :item",
        {"item": pledge.ids[pledge.drawn()[0]]},
    )
    assert pledge.look().errors == 1


def test_taking_an_answer_back_opens_the_audit_again(pledge: Pledge, ann: Person) -> None:
    pledge.start()
    done = pledge.answer(ann, 19)
    assert states(pledge) == ["answered"] * 19 + ["open"]
    assert take_back(pledge, ann) == done[-1]
    assert states(pledge) == ["answered"] * 18 + ["open"] * 2
    assert pledge.look().answered == 18
    task = pledge.next(ann)
    assert task is not None
    pledge.submit(task, ann, "ham")
    pledge.answer(ann)
    status = pledge.look()
    assert (status.answered, status.errors, status.cut) == (20, 1, done[-1])


def test_the_bound_uses_the_items_drawn_first_until_one_is_open(
    pledge: Pledge, ann: Person
) -> None:
    pledge.start()
    first = pledge.next(ann)
    assert first is not None
    bob = someone(pledge.store, "Bob")
    pledge.answer(bob, 10)
    status = pledge.look()
    assert (status.answered, status.bound) == (10, 1.0)
    pledge.submit(first, ann)
    eleven = pledge.look()
    assert eleven.answered == 11
    assert 0.1 < eleven.bound < 0.3
    skip_next(pledge, ann)
    twelve = pledge.look()
    assert (twelve.answered, twelve.skipped) == (11, 1)
    assert twelve.bound >= eleven.bound


def test_a_changed_answer_after_settling_moves_the_cut_down_and_never_up(
    pledge: Pledge, ann: Person
) -> None:
    promise = pledge.start()
    pledge.answer(ann)
    assert pledge.look().state == "kept"
    machine = pledge.look().machine
    last = take_back(pledge, ann)
    waiting = pledge.look()
    assert (waiting.state, waiting.to_go, waiting.cut) == ("waiting", 1, 100)
    task = pledge.next(ann)
    assert task is not None
    pledge.submit(task, ann, "ham")
    lower = pledge.look()
    assert (lower.state, lower.errors, lower.cut) == ("waiting", 1, last)
    assert lower.to_go == sum(at not in pledge.drawn() for at in range(last, 100))
    assert lower.machine == machine - lower.to_go
    assert change_last(pledge, ann, "spam") == last
    again = pledge.look()
    assert (again.errors, again.cut, again.machine) == (1, last, lower.machine)
    kinds = [event.kind for event in pledge.store.promises.events(promise.id)]
    assert kinds == ["settled", "settled"]


def test_an_answer_taken_back_beyond_the_cut_is_waited_for(store: Store, ann: Person) -> None:
    pledge = Pledge(store, 100, range(50, 100))
    pledge.start()
    pledge.answer(ann)
    pledge.look()
    pledge.answer(ann)
    assert pledge.look().state == "kept"
    take_back(pledge, ann)
    status = pledge.look()
    assert (status.state, status.to_go) == ("waiting", 1)
    pledge.answer(ann)
    assert pledge.look().state == "kept"


def test_ties_leave_items_without_a_label_and_that_is_said(store: Store, ann: Person) -> None:
    project = pledge_project(people={"per_item": 2})
    pledge = Pledge(store, 100, range(70, 100), project)
    bob = someone(store, "Bob")
    pledge.start()
    pledge.answer(ann)
    pledge.answer(bob)
    beyond = pledge.look().to_go
    assert beyond > 5
    pledge.answer(ann)
    for _ in range(5):
        task = pledge.next(bob)
        assert task is not None
        pledge.submit(task, bob, "ham")
    pledge.answer(bob)
    status = pledge.look()
    answers = 2 * (20 + beyond)
    assert status.statement() == (
        "NOT KEPT at 10.0 %: people are tied on 5 items, which have no label. At most 10.6 % of "
        f"the 95 delivered labels are wrong (90 % confidence), for {answers} human labels"
    )


def test_what_the_audit_says_beside_the_promise(store: Store, ann: Person) -> None:
    """100 items, the machine wrong on the last 10, all 60 audited by two people."""
    project = pledge_project(people={"per_item": 2})
    pledge = Pledge(store, 100, range(90, 100), project)
    bob = someone(store, "Bob")
    promise = pledge.start(Terms(0.1, 0.1, 60))
    drawn = pledge.drawn()
    errors = sum(at >= 90 for at in drawn)
    pledge.answer(ann)
    differs = next(at for at in drawn if at < 90)
    while (task := pledge.next(bob)) is not None:
        said = "ham" if pledge.number(task.item.id) == differs else "spam"
        pledge.submit(task, bob, said)
    status = pledge.look()
    assert (status.errors, status.answered) == (errors + 1, 60)
    standing = examine(store, project, pledge.question)
    assert standing is not None
    found = findings(store, pledge.question, standing)
    assert found is not None
    assert found.accuracy is not None
    assert found.accuracy.estimate == pytest.approx(1 - (errors + 1) / 60)
    assert found.accuracy.low < 0.9 < found.accuracy.high
    spam, ham = found.labels
    assert (spam.label, spam.items, ham.label, ham.items) == ("spam", 90, "ham", 10)
    assert (spam.audited + ham.audited, ham.errors) == (60, errors)
    assert found.human is not None
    assert (found.human.doubles, found.human.differing) == (60, 1)
    assert found.human.rate.high == pytest.approx(0.0766, abs=0.001)
    assert found.shares["spam"].estimate == pytest.approx(1.0, abs=0.01)
    assert promise.population == 100


def test_no_findings_before_the_audit_is_finished(pledge: Pledge, ann: Person) -> None:
    pledge.start()
    pledge.answer(ann, 19)
    standing = examine(pledge.store, pledge.project, pledge.question)
    assert standing is not None
    assert findings(pledge.store, pledge.question, standing) is None
