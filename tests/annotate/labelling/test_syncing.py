"""One exchange after the other: tasks lent and renewed, operations done once, in order."""

from __future__ import annotations

import pytest

from annotate import people
from annotate.errors import NotAllowed
from annotate.store import Store
from annotate.workflow.labelling.own_history import own_history
from annotate.workflow.labelling.requests import Malformed
from annotate.workflow.labelling.syncing import sync
from tests.annotate.labelling.desk import LEASE_MINUTES, Desk
from tests.annotate.support.browser import Browser
from tests.small import START, Clock, add_slots, small_project

SPAM = {"mail": "spam"}
HAM = {"mail": "ham"}


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    """Five items, one answer wanted of each."""
    return Desk(store, clock, items=5, per_item=1)


def window(desk: Desk, name: str = "ann") -> Browser:
    return Browser(desk.store, desk.project, getattr(desk, name), desk.clock)


def shown(browser: Browser) -> list[str]:
    return [task["key"] for task in browser.tasks]


def test_several_tasks_are_lent_at_once(desk: Desk) -> None:
    ann, bob = window(desk), window(desk, "bob")
    reply = ann.sync(want=3)
    assert shown(ann) == ["0", "1", "2"]
    assert (reply["state"], reply["lost"]) == ("working", [])
    bob.sync(want=20)
    assert shown(bob) == ["3", "4"]
    assert desk.slots() == {"leased": 5}


def test_a_new_window_gets_what_is_in_hand(desk: Desk) -> None:
    window(desk).sync(want=2)
    again = window(desk)
    again.sync(want=1)
    assert shown(again) == ["0"]
    again.sync(want=3)
    assert shown(again) == ["0", "1", "2", "3"]


def test_an_answer_sent_again_is_stored_once(desk: Desk) -> None:
    ann = window(desk)
    ann.sync(want=1)
    op = ann.op("answer", ann.tasks[0], answers=SPAM, seconds={"mail": 2.5}, note="sure")
    first, again = ann.sync(op, op), ann.sync(op)
    assert first["results"] == [{"id": op["id"], "status": "stored"}] * 2
    assert again["results"] == [{"id": op["id"], "status": "stored"}]
    [stored] = desk.store.annotations.of_item(desk.ids[0])
    assert (stored.value, stored.seconds, stored.note, stored.op_id) == (
        "spam", 2.5, "sure", op["id"],
    )  # fmt: skip
    assert desk.slots() == {"done": 1, "open": 4}


def test_answers_that_arrive_together_keep_their_order(desk: Desk) -> None:
    ann = window(desk)
    ann.sync(want=5)
    ops = [ann.op("answer", task, answers=SPAM) for task in reversed(ann.tasks)]
    ann.sync(*ops)
    listed = own_history(desk.store, desk.project, actor=desk.ann, now=desk.clock())["answers"]
    assert [one["op"] for one in listed] == [op["id"] for op in reversed(ops)]
    said = desk.store.annotations.by_person(desk.ids, desk.ann.id)
    assert [a.op_id for a in sorted(said, key=lambda a: a.created_at)] == [op["id"] for op in ops]


def test_an_id_that_says_something_else_now_is_a_conflict_and_kept(desk: Desk) -> None:
    ann = window(desk)
    ann.sync(want=1)
    op = ann.op("answer", ann.tasks[0], answers=SPAM)
    other = {**op, "answers": HAM}
    ann.sync(op)
    for _ in range(2):
        assert ann.only(ann.sync(other))["status"] == "conflict"
    [kept] = desk.store.operations.kept("mails")
    assert kept.payload is not None
    assert kept.payload["answers"] == HAM
    assert desk.counting() == [(0, "Ann", "spam")]


def test_what_cannot_be_done_stops_nothing_behind_it(desk: Desk) -> None:
    ann = window(desk)
    ann.sync(want=3)
    first, second, third = ann.tasks
    ops = [
        ann.op("answer", first, answers={"mail": "eggs"}),
        ann.op("answer", second, answers={}),
        ann.op("answer", second, answers={"mail": "spam", "tone": "kind"}),
        ann.op("answer", third, answers=HAM),
    ]
    results = ann.sync(*ops)["results"]
    assert [result["status"] for result in results] == ["refused", "refused", "refused", "stored"]
    assert [result.get("message") for result in results[:3]] == [
        "single_label: 'eggs' is not one of spam, ham: correct the answer and send it again",
        "'mail' has no answer yet: give one",
        "'tone' is not asked of this item: it asks mail",
    ]
    kept = desk.store.operations.kept("mails")
    assert {one.id for one in kept} == {op["id"] for op in ops[:3]}
    assert desk.counting() == [(2, "Ann", "ham")]


def test_an_item_settled_in_another_window_is_lost_here(desk: Desk) -> None:
    left, right = window(desk), window(desk)
    left.sync(want=2)
    right.sync(want=2)
    assert left.answer(left.tasks[0], SPAM)["status"] == "stored"
    late = right.answer(right.tasks[0], HAM)
    assert (late["status"], late["code"]) == ("conflict", "other_window")
    assert desk.counting() == [(0, "Ann", "spam")]
    right.answer(right.tasks[0], HAM)
    assert left.sync()["lost"] == [desk.ids[1]]
    assert left.tasks == []


def test_a_lease_that_ran_out_is_kept_until_somebody_comes(desk: Desk) -> None:
    ann, bob = window(desk), window(desk, "bob")
    ann.sync(want=2)
    desk.clock.forward(LEASE_MINUTES + 1)
    assert ann.sync()["lost"] == []
    bob.sync(want=5)
    assert shown(bob) == ["2", "3", "4"]
    desk.clock.forward(LEASE_MINUTES + 1)
    ann.answer(ann.tasks[0], SPAM)
    bob.sync(want=5)
    assert shown(bob) == ["2", "3", "4"], "its own were renewed, and Ann's by her answer"
    desk.clock.forward(LEASE_MINUTES + 1)
    bob.sync(want=5)
    assert shown(bob) == ["2", "3", "4", "1"]
    assert ann.sync()["lost"] == [desk.ids[1]]


def test_an_answer_to_what_went_to_another_is_kept(desk: Desk) -> None:
    ann, bob = window(desk), window(desk, "bob")
    ann.sync(want=1)
    desk.clock.forward(LEASE_MINUTES + 1)
    bob.sync(want=1)
    late = ann.answer(ann.tasks[0], SPAM)
    assert (late["status"], late["code"]) == ("conflict", "gone")
    [kept] = desk.store.operations.kept("mails")
    assert kept.payload is not None
    assert (kept.person_id, kept.item_id, kept.payload["answers"]) == (
        desk.ann.id, desk.ids[0], SPAM,
    )  # fmt: skip
    assert desk.counting() == []


def test_undo_brings_the_task_back_and_old_windows_cannot_answer_it(desk: Desk) -> None:
    ann = window(desk)
    ann.sync(want=1)
    task = ann.tasks[0]
    op = ann.answer(task, SPAM)["op"]
    undo = ann.op("undo", target=op["id"])
    for _ in range(2):
        ann.drop(task)
        assert ann.only(ann.sync(undo))["status"] == "stored"
        assert [(one["id"], one["attempt"]) for one in ann.tasks] == [(task["id"], 1)]
    assert ann.only(ann.sync(ann.op("answer", task, answers=HAM)))["code"] == "taken_back"
    assert ann.answer(ann.tasks[0], HAM)["status"] == "stored"
    both = desk.store.annotations.of_item(desk.ids[0])
    assert [(a.value, a.undone_at is None) for a in both] == [("spam", False), ("ham", True)]
    assert ann.only(ann.sync(ann.op("undo", target=op["id"])))["code"] == "ended"


def test_skip_and_undo_of_it(desk: Desk) -> None:
    ann, bob = window(desk), window(desk, "bob")
    ann.sync(want=2)
    skips = [ann.op("skip", task, reason="unclear") for task in ann.tasks]
    ann.tasks = []
    ann.sync(*skips)
    bob.sync(want=1)
    assert shown(bob) == ["0"]
    undone = ann.sync(*(ann.op("undo", target=skip["id"]) for skip in skips))["results"]
    assert [result.get("code") for result in undone] == ["skip_gone", None]
    assert shown(ann) == ["1"]
    [first] = desk.store.annotations.of_item(desk.ids[0])
    assert (first.kind, first.note, first.undone_at) == ("skip", "unclear", None)


def test_revising_an_answer(desk: Desk) -> None:
    ann = window(desk)
    ann.sync(want=1)
    op = ann.answer(ann.tasks[0], SPAM, note="first")["op"]
    revise = ann.op("revise", target=op["id"], answers=HAM)
    assert ann.sync(revise, revise)["results"] == [{"id": revise["id"], "status": "stored"}] * 2
    assert desk.counting() == [(0, "Ann", "ham")]
    assert ann.only(ann.sync(ann.op("revise", target=op["id"], answers=SPAM)))["code"] == "ended"
    ann.sync(ann.op("undo", target=revise["id"]))
    assert desk.counting() == []
    assert [task["attempt"] for task in ann.tasks] == [2]


def test_a_second_answer_stands_beside_the_first(desk: Desk) -> None:
    ann = window(desk)
    ann.sync(want=1)
    op = ann.answer(ann.tasks[0], SPAM)["op"]
    ann.sync(ann.op("second", target=op["id"], answers=HAM))
    assert desk.counting() == [(0, "Ann", "spam")]
    said = desk.store.annotations.of_item(desk.ids[0])
    assert [(a.kind, a.value) for a in said] == [("answer", "spam"), ("second", "ham")]
    ann.sync(ann.op("undo", target=op["id"]))
    assert all(a.undone_at for a in desk.store.annotations.of_item(desk.ids[0]))


def test_a_draft_comes_back_in_any_window_until_the_answer(desk: Desk) -> None:
    left, right = window(desk), window(desk)
    left.sync(want=1)
    [task] = left.tasks
    for value in ("sp", "spa"):
        left.sync(
            {"op": "draft", "id": left.new_id(), "task": task["id"], "answers": {"mail": value}}
        )
    right.sync(want=1)
    assert right.tasks[0]["draft"] == {"mail": "spa"}
    op = left.answer(task, SPAM)["op"]
    left.sync(left.op("undo", target=op["id"]))
    assert "draft" not in left.tasks[0]


def test_a_flag_leaves_the_item_to_be_answered(desk: Desk) -> None:
    ann = window(desk)
    ann.sync(want=1)
    [task] = ann.tasks
    flag = ann.op("flag", task, comment="two languages")
    assert ann.sync(flag, flag)["results"] == [{"id": flag["id"], "status": "stored"}] * 2
    [seen] = desk.store.flags.open("mails")
    assert (seen.item_id, seen.person_id, seen.comment) == (
        desk.ids[0],
        desk.ann.id,
        "two languages",
    )
    assert ann.answer(task, SPAM)["status"] == "stored"


def test_nobody_acts_on_anothers_operations(desk: Desk) -> None:
    ann, bob = window(desk), window(desk, "bob")
    ann.sync(want=1)
    op = ann.answer(ann.tasks[0], SPAM)["op"]
    for kind, more in (("undo", {}), ("revise", {"answers": HAM}), ("second", {"answers": HAM})):
        result = bob.only(bob.sync(bob.op(kind, target=op["id"], **more)))
        assert (result["status"], result["code"]) == ("refused", "no_such_target")
    assert desk.counting() == [(0, "Ann", "spam")]


def test_the_day_in_numbers(desk: Desk) -> None:
    ann, bob = window(desk), window(desk, "bob")
    assert ann.sync(want=2)["day"] == {"answered": 0, "waiting": 5, "more": False}
    assert bob.sync()["day"]["waiting"] == 3
    op = ann.answer(ann.tasks[0], SPAM)["op"]
    assert ann.sync()["day"] == {"answered": 1, "waiting": 4, "more": False}
    ann.sync(ann.op("undo", target=op["id"]))
    assert ann.sync()["day"] == {"answered": 0, "waiting": 5, "more": False}
    desk.clock.forward(24 * 60)
    assert ann.sync()["day"]["answered"] == 0


def test_what_a_project_no_longer_asks_waits_for_its_return(desk: Desk) -> None:
    ann = window(desk)
    ann.sync(want=1)
    [question] = desk.project.questions
    renamed = question.model_copy(update={"name": "other"})
    later = desk.project.model_copy(update={"questions": (renamed,)})
    add_slots(desk.store, later, desk.ids[3:], question="other")
    ann.project = later
    reply = ann.sync(want=5)
    assert reply["lost"] == [desk.ids[0]]
    assert [[q["name"] for q in task["questions"]] for task in ann.tasks] == [["other"]] * 2
    ann.project = desk.project
    again = window(desk)
    again.sync(want=1)
    assert shown(again) == ["0"]


def test_a_window_that_goes_away_leaves_what_it_had_not_begun_to_others(desk: Desk) -> None:
    """Else whoever looked into a small project would keep its items for half an hour."""
    ann = window(desk)
    ann.sync(want=5)
    ann.answer(ann.tasks[0], SPAM)
    undone = ann.answer(ann.tasks[0], HAM)["op"]
    ann.sync(ann.op("undo", target=undone["id"]))
    drafted = next(task for task in ann.tasks if task["attempt"] == 0)
    ann.sync({"op": "draft", "id": ann.new_id(), "task": drafted["id"], "answers": SPAM})
    bob = window(desk, "bob")
    bob.sync(want=5)
    assert shown(bob) == []
    ids = [task["id"] for task in ann.tasks]
    reply = ann.sync(holding=[], leave=[*ids, desk.ids[0], "unknown"])
    assert (reply["tasks"], reply["lost"]) == ([], [])
    bob.sync(want=5)
    assert shown(bob) == ["3", "4"]
    ann.tasks = []
    ann.sync(want=5)
    assert sorted(shown(ann)) == ["1", "2"]
    bob.sync(holding=[], leave=ids)  # which leaves nobody else's
    assert desk.slots() == {"done": 1, "leased": 2, "open": 2}


def test_known_items_fetched_ahead_do_not_stay_behind_alone(store: Store, clock: Clock) -> None:
    """The first item of the next window would be known for what it is."""
    desk = Desk(store, clock, items=12, per_item=1)
    desk.store.items.add_gold([(desk.ids[at], "mail", "spam") for at in range(6, 12)])
    desk.project = small_project(people={"gold_share": 0.4, "lease_minutes": LEASE_MINUTES})
    ann = window(desk)
    ann.sync(want=6)
    before = shown(ann)
    held = desk.store.checks.held("mails", desk.ann.id)
    assert held
    ann.sync(holding=[], leave=[task["id"] for task in ann.tasks])
    assert desk.store.checks.held("mails", desk.ann.id) == []
    ann.tasks = []
    ann.sync(want=6)
    assert shown(ann) == before


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({}, "request: Field required"),
        ({"request": "r", "want": 21}, "want: Input should be less than or equal to 20"),
        ({"request": "r", "want": "3"}, "want: Input should be a valid integer"),
        ({"request": "r", "ops": [{"op": "fly", "id": "x"}]}, "ops.0: Input tag 'fly'"),
        ({"request": "r", "ops": [{"op": "undo", "id": "x"}]}, "ops.0.undo.target: Field required"),
        ({"request": "r", "more": 1}, "more: Extra inputs are not permitted"),
        ([], "the request: Input should be"),
        ({"request": "r", "ops": [{"op": "flag", "id": "x", "task": "t", "attempt": 0,
                                   "comment": "\ud800"}]}, "ops.0.flag.comment: Input should be"),
    ],
)  # fmt: skip
def test_a_malformed_request_changes_nothing_and_says_where(
    desk: Desk, sent: object, named: str
) -> None:
    with pytest.raises(Malformed) as caught:
        sync(desk.store, desk.project, sent, actor=desk.ann, now=START)  # type: ignore[arg-type]
    assert str(caught.value).startswith(named)
    assert desk.slots() == {"open": 5}


def test_only_who_may_label_syncs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(people.RIGHTS, "annotator", frozenset())
    with pytest.raises(NotAllowed):
        window(desk).sync(want=1)
    assert desk.slots() == {"open": 5}
