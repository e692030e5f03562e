"""Verifying finds whatever was changed behind the program's back."""

from __future__ import annotations

import pytest

from annotate.errors import NotAllowed, NothingToDo
from annotate.store import Store
from annotate.workflow.promises.promising import withdraw
from annotate.workflow.promises.verifying import verify
from tests.annotate.support.pledge import Pledge
from tests.small import QUESTION, someone


@pytest.fixture
def pledge(store: Store) -> Pledge:
    made = Pledge(store, 100, range(50, 100))
    made.start()
    return made


def failing(pledge: Pledge) -> list[str]:
    checks = verify(pledge.store, pledge.project, pledge.question, actor=pledge.lead)
    return [check.what for check in checks if not check.holds]


def change(pledge: Pledge, sql: str, **params: object) -> None:
    assert pledge.store._engine.execute(sql, params) >= 1


def test_all_is_well(pledge: Pledge) -> None:
    checks = verify(pledge.store, pledge.project, pledge.question, actor=pledge.lead)
    assert [check.what for check in checks] == [
        "labels and order of 100 of 100 items are as frozen",
        "the order is that of the scores, safest first",
        "the 20 audited items are those that seed mails3 draws",
        "what it rests on is as it was",
    ]
    assert all(check.holds for check in checks)
    pledge.answer(someone(pledge.store, "Ann"))
    cut = pledge.look().cut
    errors = sum(at >= 50 for at in pledge.drawn())
    checks = verify(pledge.store, pledge.project, pledge.question, actor=pledge.lead)
    assert [check.what for check in checks][3:] == [
        f"{errors} wrong audited labels give the critical value 0 and the cut {cut}",
        "what it rests on is as it was",
        "people's answers say no more audited labels wrong than the cut was made for",
    ]
    assert all(check.holds for check in checks)


def test_a_frozen_label_that_was_edited(pledge: Pledge) -> None:
    sql = "update promise_items set label = '\"spam\"' where item_id = :item"
    change(pledge, sql, item=pledge.ids[70])
    found = failing(pledge)
    # the draw depends on what was frozen, and what was frozen is known by its digest alone
    assert found == ["labels and order of 100 of 100 items are as frozen"]


def test_an_order_that_was_edited(pledge: Pledge) -> None:
    sql = """
        update promise_items set place = case place when 3 then 60 when 60 then 3 end
        where place in (3, 60)"""
    change(pledge, sql)
    assert failing(pledge)[:2] == [
        "labels and order of 100 of 100 items are as frozen",
        "the order is that of the scores, safest first",
    ]


def test_an_audit_of_other_items(pledge: Pledge) -> None:
    drawn = pledge.drawn()
    spared = next(at for at in range(100) if at not in drawn)
    sql = "update promise_items set drawn = :turn where item_id = :item"
    change(pledge, sql, turn=None, item=pledge.ids[drawn[4]])
    change(pledge, sql, turn=4, item=pledge.ids[spared])
    assert failing(pledge) == ["the 20 audited items are those that seed mails3 draws"]


def test_another_seed(pledge: Pledge) -> None:
    change(pledge, "update promises set seed = 'mine'")
    assert failing(pledge) == ["the 20 audited items are those that seed mine draws"]


def test_a_cut_that_was_moved_up(pledge: Pledge) -> None:
    pledge.answer(someone(pledge.store, "Ann"))
    cut = pledge.look().cut
    events = "update promise_events set details = replace(details, :old, :new)"
    change(pledge, events, old=f'"cut":{cut}', new='"cut":99')
    errors = sum(at >= 50 for at in pledge.drawn())
    assert f"{errors} wrong audited labels give the critical value 0 and the cut 99" in failing(
        pledge
    )


def test_an_answer_that_was_edited(pledge: Pledge) -> None:
    ann = someone(pledge.store, "Ann")
    pledge.answer(ann)
    pledge.look()
    right = next(at for at in pledge.drawn() if at < 50)
    change(
        pledge,
        "update annotations set value = '\"ham\"' where item_id = :item",
        item=pledge.ids[right],
    )
    assert failing(pledge) == [
        "people's answers say no more audited labels wrong than the cut was made for"
    ]


def test_a_promise_that_was_withdrawn(pledge: Pledge) -> None:
    withdraw(
        pledge.store,
        pledge.project,
        pledge.question,
        "typo",
        actor=pledge.lead,
        now=pledge.clock(),
    )
    assert failing(pledge) == ["it stands (it was withdrawn: typo)"]


def test_who_may_and_when(store: Store) -> None:
    pledge = Pledge(store, 20)
    with pytest.raises(NothingToDo, match=f"there is no promise on {QUESTION!r}"):
        failing(pledge)
    pledge.lead = someone(store, "Ann")
    with pytest.raises(NotAllowed, match="may not review"):
        failing(pledge)
