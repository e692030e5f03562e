"""A promise from the freeze to the last answer: what is frozen, drawn, asked, cut and told."""

from __future__ import annotations

import json
from io import BytesIO

from annotate.promise.plan import Terms
from annotate.store import Store
from annotate.workflow.exports.exporting import Request, export
from annotate.workflow.prelabels.examples import pick_examples
from tests.annotate.support.pledge import LATE, Pledge, pledge_project
from tests.small import QUESTION, add_items, machine_says, someone


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
