"""What is expected, by hand: errors left, what labels buy, calibration, the audit; and the record
that it is reckoned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from annotate.errors import AnnotateError, NothingToDo
from annotate.model import Person
from annotate.project import Project
from annotate.store import Store
from annotate.store.arrays import keys
from annotate.workflow.routes.ground import DESTINATIONS, Ground, stand, version_of
from annotate.workflow.routes.outlook import of_other_amounts, outlook, reckon
from annotate.workflow.routes.outlook_parts import Audit, Prices
from annotate.workflow.routes.routing import route
from routing.estimate import of_population
from tests.labelling import assign, submit
from tests.small import QUESTION, START, Clock, add_items, machine_says, small_project, someone

PRICES = Prices(seconds=18.0, measured=True, hour_usd=20.0)  # 0.10 dollars an answer
AUTO, PEOPLE, AUDIT, STRONG = range(len(DESTINATIONS))


def ground(
    chances: list[float],
    destination: list[int],
    answered: Sequence[int] = (),
    wrong: Sequence[int] = (),
) -> Ground:
    n = len(chances)
    rows = np.arange(n)
    seen = np.isin(rows, answered)
    return Ground(
        items=n,
        keys=rows.astype(np.uint64),
        scores=np.array(chances),
        chances=np.array(chances),
        destination=np.array(destination, dtype=np.int8),
        answered=seen,
        touched=seen,
        held=np.zeros(n, dtype=bool),
        compared=seen,
        wrong=np.isin(rows, wrong),
        learned=True,
    )


TEN = ground(
    [0.9, 0.8, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05],
    [PEOPLE, PEOPLE, PEOPLE, AUDIT, *[AUTO] * 6],
    answered=[0],
    wrong=[0],
)


def test_errors_left_now_and_once_all_that_waits_is_answered() -> None:
    found = reckon(small_project(), TEN, PRICES)
    assert (found.routed, found.answered, found.waiting) == (10, 1, 3)
    assert found.error_now == pytest.approx(0.23)
    assert found.error_planned == pytest.approx(0.07)
    assert (found.curve.now, found.curve.planned) == pytest.approx((0.1, 0.4))
    assert found.curve.expected[0] == pytest.approx(0.23)
    assert found.curve.expected[-1] == 0.0
    middle = int(np.argmin(np.abs(found.curve.shares - 0.55)))
    assert found.curve.by_chance[middle] == pytest.approx(0.115)
    assert np.isnan(found.curve.high).all()


def test_what_labels_buy_in_each_order() -> None:
    found = reckon(small_project(), TEN, PRICES, labels=4, usd=0.2)
    errors = {one.order: one.errors for one in found.by_labels}
    assert errors == pytest.approx(
        {
            "as routed now": 0.8 + 0.4 + 0.4 + 0.2,
            "riskiest first": 1.8,
            "by chance": 4 * 2.3 / 9,
            "checks of what the model keeps": 4 * 0.7 / 6,
        }
    )
    first = found.by_labels[0]
    assert (first.labels, first.minutes, first.usd) == pytest.approx((4, 1.2, 0.4))
    assert first.error_after == pytest.approx((2.3 - 1.8) / 10)
    assert [one.labels for one in found.by_usd] == pytest.approx([2.0] * 4)
    assert found.by_usd[0].errors == pytest.approx(1.2)


def test_other_amounts_change_what_is_bought_and_nothing_else() -> None:
    project = small_project()
    usual = reckon(project, TEN, PRICES)
    found = of_other_amounts(project, TEN, usual, labels=4, usd=0.2)
    asked = reckon(project, TEN, PRICES, labels=4, usd=0.2)
    assert (found.by_labels, found.by_usd) == (asked.by_labels, asked.by_usd)
    assert found.by_labels != usual.by_labels
    assert (found.curve, found.error_now) == (usual.curve, asked.error_now)


def test_two_people_for_an_item_halve_what_a_label_buys() -> None:
    found = reckon(small_project(people={"per_item": 2}), TEN, PRICES, labels=4)
    assert (found.by_labels[0].items, found.by_labels[0].errors) == pytest.approx((2.0, 1.2))


def test_no_more_is_bought_than_there_is() -> None:
    found = reckon(small_project(), TEN, PRICES, labels=1000)
    assert [one.labels for one in found.by_labels] == [9.0, 9.0, 9.0, 6.0]
    assert [one.error_after for one in found.by_labels[:3]] == pytest.approx([0.0] * 3, abs=1e-9)


def test_without_a_wage_nothing_is_told_in_dollars() -> None:
    found = reckon(small_project(), TEN, replace(PRICES, hour_usd=None))
    assert found.by_usd == ()
    assert found.by_labels[0].usd is None
    assert found.by_labels[0].minutes is not None
    untimed = reckon(small_project(), TEN, replace(PRICES, seconds=None))
    assert (untimed.by_labels[0].minutes, untimed.by_usd) == (None, ())


def test_an_items_own_order_changes_nothing() -> None:
    turn = np.array([3, 1, 4, 0, 9, 2, 6, 5, 8, 7])
    arrays = {
        name: getattr(TEN, name)[turn]
        for name in Ground.__slots__
        if isinstance(getattr(TEN, name), np.ndarray)
    }
    turned = reckon(small_project(), replace(TEN, **arrays), PRICES, labels=4)
    assert turned.by_labels == reckon(small_project(), TEN, PRICES, labels=4).by_labels


def test_calibration_says_what_was_said_and_what_was_found() -> None:
    chances = [0.25] * 20 + [0.75] * 20
    wrong = [*range(4), *range(20, 36)]
    few = reckon(small_project(), ground(chances, [PEOPLE] * 40, [*range(29)], wrong), PRICES)
    assert (few.calibration, few.compared) == (None, 29)
    all_ = reckon(small_project(), ground(chances, [PEOPLE] * 40, [*range(40)], wrong), PRICES)
    good = all_.calibration
    assert good is not None
    assert (good.items, good.said, good.wrong) == (40, 0.5, 0.5)
    assert good.error == pytest.approx(0.05)
    assert [(one.items, one.said, one.wrong) for one, _ in good.bins] == [
        (20, 0.25, 0.2),
        (20, 0.75, 0.8),
    ]
    assert all(interval.low < one.wrong < interval.high for one, interval in good.bins)


def test_the_audit_bounds_what_the_model_keeps_and_the_curve() -> None:
    destination = [AUDIT] * 50 + [AUTO] * 150
    found = reckon(small_project(), ground([0.1] * 200, destination, [*range(50)], [0, 1]), PRICES)
    exact = of_population(200, 50, 2, level=0.9).high
    assert found.audit == Audit(200, 50, 50, 2, exact)
    assert found.audit.sentence() == (
        "50 of 200 labels left to the model were checked at random, and 2 were wrong: at most "
        "11.0 % of them all, 95 %"
    )
    both = of_population(200, 50, 2)
    assert found.curve.low[0] == pytest.approx((200 * both.low - 2) / 200)
    assert found.curve.high[0] == pytest.approx((200 * both.high - 2) / 200)
    assert found.audit.after(50) == of_population(200, 100, 4, level=0.9).high


def test_before_any_check_the_audit_says_so() -> None:
    assert Audit(200, 20, 0, 0, 1.0).sentence() == (
        "20 of 200 labels left to the model wait for a check by people: nothing is known of them "
        "yet"
    )
    assert Audit(200, 0, 0, 0, 1.0).sentence().startswith("nothing was drawn at random")


# the record


@pytest.fixture
def routed(store: Store, lead: Person, new_id: Callable[[], str]) -> tuple[Project, list[str]]:
    """Ten items, the model surest of the first; four go to people, one in three is audited."""
    project = small_project(
        routing={"signal": "confidence", "budget": 0.4, "audit": 0.3, "hour_usd": 36}
    )
    ids = add_items(store, project, 10)
    machine_says(store, project, {i: [("spam", 1 - at / 10)] for at, i in enumerate(ids)})
    route(store, project, project.question(QUESTION), actor=lead, now=START, new_id=new_id)
    return project, ids


def test_the_record_holds_what_was_decided_and_answered(
    store: Store, routed: tuple[Project, list[str]], clock: Clock
) -> None:
    project, ids = routed
    question, ann = project.question(QUESTION), someone(store, "Ann")
    before = version_of(store, project, question)
    assert before == version_of(store, project, question)
    task = assign(store, project, actor=ann, now=clock.forward(1))
    assert task is not None
    submit(store, project, task, "ham", actor=ann, now=clock.forward(1))
    assert version_of(store, project, question) != before
    found = stand(store, project, question)
    row = {key: at for at, key in enumerate(found.keys.tolist())}
    rows = [row[key] for key in keys(tuple(ids)).tolist()]
    assert found.scores[rows].round(9).tolist() == [at / 10 for at in range(10)]
    assert found.goes("annotate")[rows].tolist() == [False] * 6 + [True] * 4
    answered = [item_id == task.item.id for item_id in ids]
    for part in (found.answered, found.touched, found.compared, found.wrong):
        assert part[rows].tolist() == answered
    assert not found.learned
    assert (np.diff(found.chances[rows]) > 0).all()  # the more so the less sure


def test_the_newest_decision_counts(
    store: Store, routed: tuple[Project, list[str]], lead: Person, new_id: Callable[[], str]
) -> None:
    project, _ = routed
    wider = project.model_copy(
        update={"routing": project.routing.model_copy(update={"budget": 0.7})}
    )
    question = project.question(QUESTION)
    route(store, wider, question, actor=lead, now=START, new_id=new_id)
    found = stand(store, wider, question)
    assert (len(found), int(found.goes("annotate").sum())) == (10, 7)
    assert [run.number for run in store.decisions.runs("mails", QUESTION)] == [2, 1]


def test_the_verb_tells_prices_measured_and_told(
    store: Store, routed: tuple[Project, list[str]], lead: Person, clock: Clock
) -> None:
    project, _ = routed
    question, ann = project.question(QUESTION), someone(store, "Ann")
    task = assign(store, project, actor=ann, now=clock.forward(1))
    assert task is not None
    submit(store, project, task, "ham", actor=ann, now=clock.forward(1), seconds=10.0)
    found = outlook(store, project, question, actor=lead, usd=0.2)
    assert found.prices == Prices(10.0, True, 36.0)
    assert found.by_usd[0].labels == pytest.approx(2.0)


def test_amounts_and_routing_are_asked_for(
    store: Store, project: Project, routed: tuple[Project, list[str]], lead: Person
) -> None:
    mine, _ = routed
    with pytest.raises(AnnotateError, match="0 labels: ask for an amount above 0"):
        outlook(store, mine, mine.question(QUESTION), actor=lead, labels=0)
    other = small_project(project="other")
    with pytest.raises(NothingToDo, match="has been routed"):
        outlook(store, other, other.question(QUESTION), actor=lead)
