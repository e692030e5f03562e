"""A promise from the freeze to the last answer: what is frozen, drawn, asked, cut and told."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from annotate.errors import AnnotateError, Conflict, NotAllowed, NothingToDo
from annotate.promise.plan import Terms
from annotate.store import Store
from annotate.workflow.exports.exporting import Request, export
from annotate.workflow.prelabels.examples import pick_examples
from annotate.workflow.promises.promising import plan_promise, promise_status, start, withdraw
from annotate.workflow.promises.status import statement
from tests.annotate.pledge import TERMS, Pledge, pledge_project
from tests.small import QUESTION, add_items, machine_says, someone

LATE = range(60, 100, 4)  # the machine errs where it is least sure


@pytest.fixture
def pledge(store: Store) -> Pledge:
    return Pledge(store, 100, LATE)


def test_the_whole_story(pledge: Pledge) -> None:
    ann = someone(pledge.store, "Ann")
    promise = pledge.start()
    assert (promise.number, promise.size, promise.population, promise.audited) == (1, 100, 100, 20)
    drawn = pledge.drawn()
    assert len(set(drawn)) == 20
    status = pledge.look()
    assert (status.state, status.answered) == ("auditing", 0)
    assert status.statement() == ("0 of 20 audited; nothing can be said of the model's labels yet")
    assert pledge.answer(ann, 15) == drawn[:15]  # nothing else waits, so they come as drawn
    status = pledge.look()
    assert status.statement().startswith("15 of 20 audited. So far at most ")
    assert status.statement().endswith(
        " % of the model's 100 labels are wrong (90 %, holds whenever you look)"
    )
    assert pledge.answer(ann) == drawn[15:]
    found_wrong = sorted(set(drawn) & set(LATE))
    assert found_wrong
    status = pledge.look()
    # 11 wrong labels would break it; that none of 11 is among 20 of 100 has chance 0.074
    assert (status.critical, status.errors) == (0, len(found_wrong))
    assert status.cut == found_wrong[0]
    beyond = [at for at in range(status.cut, 100) if at not in drawn]
    assert (status.state, status.beyond, status.to_go) == ("waiting", len(beyond), len(beyond))
    theirs = len(beyond) + 20
    assert status.statement() == (
        f"at most 10.0 % of the 100 labels are wrong, with 90 % confidence, as soon as people have "
        f"answered their {theirs} items, {len(beyond)} of them beyond the cut "
        f"({len(beyond)} to go)"
    )
    assert pledge.answer(ann, 3) == [at for at in reversed(beyond)][:3]
    assert pledge.look().to_go == len(beyond) - 3
    pledge.answer(ann)
    status = pledge.look()
    assert status.statement() == (
        "KEPT: at most 10.0 % of 100 delivered labels are wrong (90 % confidence), "
        f"for {theirs} human labels"
    )
    before = [at for at in LATE if at < status.cut and at not in drawn]
    assert pledge.delivered_wrong() == before


def test_what_the_decisions_say(pledge: Pledge) -> None:
    ann = someone(pledge.store, "Ann")
    before = pledge.decisions()
    pledge.start()
    drawn = pledge.drawn()
    frozen = pledge.decisions()
    for at, decision in frozen.items():
        assert (decision.score, decision.model_value) == (
            before[at].score,
            before[at].model_value,
        )
        if at not in drawn:
            assert decision == before[at]
    audit = frozen[drawn[0]]
    assert (audit.destination, audit.propensity, audit.policy, audit.reason) == (
        "audit",
        0.2,
        "certificate",
        "drawn at random for the audit of promise 1",
    )
    pledge.answer(ann)
    cut = pledge.look().cut
    for at, decision in pledge.decisions().items():
        if at in drawn:
            assert decision == frozen[at]
        elif at >= cut:
            assert (decision.destination, decision.propensity, decision.reason) == (
                "annotate",
                1.0,
                "beyond the cut of promise 1",
            )
        else:
            assert decision == before[at]


def test_looking_again_changes_nothing(pledge: Pledge) -> None:
    ann = someone(pledge.store, "Ann")
    promise = pledge.start()
    pledge.answer(ann)
    first = pledge.look()
    decisions = pledge.decisions()
    for _ in range(3):
        assert pledge.look() == first
        pledge.route()
    assert pledge.decisions() == decisions
    assert [event.kind for event in pledge.store.promises.events(promise.id)] == ["settled"]


def test_people_cannot_tell_what_is_audited(store: Store) -> None:
    """Half of the queue is asked about anyway; the audit stands between those, not before them."""
    project = pledge_project(routing={"signal": "confidence", "budget": 0.5, "audit": 0.0})
    pledge = Pledge(store, 100, LATE, project)
    ann = someone(store, "Ann")
    pledge.start()
    drawn = pledge.drawn()
    shown = []
    order = []
    while (task := pledge.next(ann)) is not None:
        shown.append(
            ({one["name"] for one in task.shown["fields"]}, task.assignment.slot, task.control.type)
        )
        order.append(pledge.number(task.item.id))
        pledge.submit(task, ann)
    assert set(map(repr, shown)) == {repr(({"text"}, 0, "single_label"))}
    assert set(order) == set(drawn) | set(range(50, 100))
    assert [at for at in order if at in drawn] == drawn
    last = order.index(drawn[-1])
    others = [at for at in order[:last] if at not in drawn]
    assert 10 <= len(others) <= 20
    assert others == sorted(others, reverse=True)
    kinds = "".join("a" if at in drawn else "o" for at in order[: last + 1])
    assert "a" * 8 not in kinds
    answers = [a for at in drawn for a in store.annotations.of_item(pledge.ids[at])]
    assert {a.shown_prelabel for a in answers} == {None}


def test_routing_again_keeps_the_audit_where_it_stands_in_the_queue(store: Store) -> None:
    project = pledge_project(routing={"signal": "confidence", "budget": 0.5, "audit": 0.0})
    pledge = Pledge(store, 100, LATE, project)
    ann = someone(store, "Ann")
    pledge.start()
    drawn = pledge.drawn()
    before = store.assignments.open_priorities("mails", QUESTION)
    pledge.route()
    after = store.assignments.open_priorities("mails", QUESTION)
    ids = [pledge.ids[at] for at in drawn]
    assert [after[item_id] for item_id in ids] == [before[item_id] for item_id in ids]
    assert [at for at in pledge.answer(ann) if at in drawn] == drawn


def test_many_equal_scores_do_not_push_the_audit_to_the_end(store: Store) -> None:
    project = pledge_project(routing={"signal": "entropy", "budget": 1.0, "audit": 0.0})
    pledge = Pledge(store, 200, (), project, votes=["spam", "ham", "spam", "ham"])
    ann = someone(store, "Ann")
    pledge.start()
    drawn = pledge.drawn()
    order = pledge.answer(ann, 45)
    assert [at for at in order if at in drawn] == drawn
    assert len(order) - len(drawn) >= 20


def test_waiting_items_before_the_cut_are_given_back(store: Store) -> None:
    """Half of the items wait for people; the audit finds nothing wrong, so the model keeps them."""
    project = pledge_project(routing={"signal": "confidence", "budget": 0.5, "audit": 0.1})
    pledge = Pledge(store, 100, (), project)
    ann = someone(store, "Ann")
    pledge.start()
    drawn = pledge.drawn()
    answered: list[int] = []
    while not set(drawn) <= set(answered):
        answered += pledge.answer(ann, 1)
    held = pledge.next(ann)
    assert held is not None
    status = pledge.look()
    assert (status.cut, status.beyond, status.errors) == (100, 0, 0)
    assert status.to_go == 1  # what Ann has in hand stays hers
    assert pledge.answer(ann) == [pledge.number(held.item.id)]
    status = pledge.look()
    assert status.state == "kept"
    assert status.answers == len(answered) + 1
    assert status.machine == 100 - status.answers
    moved = [d for d in pledge.decisions().values() if "before the cut" in d.reason]
    assert {(d.destination, d.propensity, d.policy) for d in moved} == {
        ("auto", 0.2, "certificate")
    }


def test_what_people_have_is_not_frozen(store: Store) -> None:
    project = pledge_project(routing={"signal": "confidence", "budget": 0.2, "audit": 0.0})
    pledge = Pledge(store, 100, LATE, project)
    ann, bob = someone(store, "Ann"), someone(store, "Bob")
    answered = pledge.answer(ann, 4)
    in_hand = pledge.next(ann)
    assert in_hand is not None
    skipped = pledge.next(bob)
    assert skipped is not None
    pledge.skip(skipped, bob)
    promise = pledge.start()
    theirs = {*answered, pledge.number(in_hand.item.id), pledge.number(skipped.item.id)}
    items = {pledge.number(i.item_id): i for i in store.promises.items(promise.id)}
    assert {at for at, item in items.items() if item.place is None} == theirs
    assert (promise.size, promise.population) == (100, 94)
    places = [item.place for at, item in sorted(items.items()) if at not in theirs]
    assert places == list(range(94))
    labels = {items[at].label for at in LATE if at not in theirs}
    assert labels == {"ham"}


def test_equal_scores_are_ordered_by_each_items_own_draw(store: Store) -> None:
    orders = []
    for seed in (0, 1):
        project = pledge_project(
            project=f"mails{seed}", routing={"signal": "entropy", "budget": 0.0, "seed": seed}
        )
        pledge = Pledge(store, 50, (), project, votes=["spam"] * 3)
        promise = pledge.start(Terms(0.2, 0.1, 15))
        items = store.promises.items(promise.id)
        orders.append([pledge.number(i.item_id) for i in sorted(items, key=lambda i: i.place or 0)])
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == list(range(50))
    assert orders[0] != sorted(orders[0])


def test_new_items_are_routed_as_usual_and_are_not_part_of_it(pledge: Pledge) -> None:
    store = pledge.store
    ann = someone(store, "Ann")
    promise = pledge.start()
    frozen = pledge.decisions()
    late = add_items(store, pledge.project, 10)
    says = {i: [("ham", 0.0)] for i in late}
    machine_says(store, pledge.project, says, round_id="round2", started=pledge.clock.forward(1))
    wider = pledge_project(routing={"signal": "confidence", "budget": 0.05, "audit": 0.0})
    pledge.route(wider)
    assert pledge.decisions() == frozen
    now = {d.item_id: d for d in store.decisions.current("mails", QUESTION)}
    assert {now[i].destination for i in late} == {"annotate", "auto"}
    status = pledge.look()
    assert (status.promise.id, status.promise.size, status.state) == (promise.id, 100, "auditing")
    pledge.ids += late
    pledge.answer(ann)
    pledge.look()
    pledge.answer(ann)
    status = pledge.look()
    assert status.statement().startswith("KEPT: at most 10.0 % of 100 delivered labels")


def test_no_routing_moves_frozen_items(pledge: Pledge) -> None:
    """Not with another budget, and not after the model has said otherwise of the same items."""
    pledge.start()
    frozen = pledge.decisions()
    says = {i: [("ham", 0.2)] for i in pledge.ids}
    machine_says(
        pledge.store, pledge.project, says, round_id="round2", started=pledge.clock.forward(1)
    )
    pledge.route(pledge_project(routing={"signal": "confidence", "budget": 0.9, "audit": 0.05}))
    assert pledge.decisions() == frozen
    assert pledge.look().state == "auditing"  # asked anew with the same settings: nothing broke


def test_an_export_tells_what_stood_behind_a_frozen_label(pledge: Pledge) -> None:
    """The model has said otherwise since; the cut came after that, the label before."""
    store = pledge.store
    ann = someone(store, "Ann")
    pledge.start()
    says = {i: [("ham", 0.2)] for i in pledge.ids}
    machine_says(store, pledge.project, says, round_id="r2", started=pledge.clock.forward(1))
    pledge.answer(ann)
    cut = pledge.look().cut
    now = pledge.clock.forward(1)
    beyond = next(at for at in range(cut, 100) if at not in [*pledge.drawn(), *LATE])
    audited = next(at for at in pledge.drawn() if at not in LATE)
    pledge.answer(ann)
    out, request = BytesIO(), Request("labels", passport=True)
    export(store, pledge.project, request, out, actor=pledge.lead, now=now)
    rows = {row["id"]: json.loads(row["meta"]) for row in map(json.loads, lines(out))}
    for at in (beyond, audited, 0):
        meta = rows[str(at)]
        assert [call["value"] for call in meta["model"]["calls"]] == ["spam"]
        assert meta["route"]["model_value"] == "spam"
    assert rows[str(beyond)]["route"]["reason"] == "beyond the cut of promise 1"


def lines(out: BytesIO) -> list[str]:
    return out.getvalue().decode().splitlines()


def test_audited_items_are_never_examples(pledge: Pledge) -> None:
    store = pledge.store
    ann = someone(store, "Ann")
    pledge.start()
    drawn = {pledge.ids[at] for at in pledge.drawn()}
    assert store.promises.audited_items("mails", QUESTION) == drawn
    pledge.answer(ann)
    pledge.look()
    beyond = pledge.answer(ann)
    picked = {i for i, _ in pick_examples(store, "mails", pledge.question, limit=None)}
    assert picked == {pledge.ids[at] for at in beyond}


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
