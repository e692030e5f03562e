"""Batches in the store: a call is in one at most, and none is forgotten."""

from __future__ import annotations

from annotate.clock import iso
from annotate.model import Round
from annotate.project import Project
from annotate.store import Store
from annotate.store.machine.batches import Batch, BatchCall
from tests.small import QUESTION, START, add_items

NOW = iso(START)
ROUND = Round("r1", "mails", QUESTION, "s", "m", ("v",), (), "missing", NOW, None)


def prepared(store: Store, project: Project, count: int = 4) -> list[str]:
    ids = add_items(store, project, count)
    store.prelabels.start_round(ROUND)
    return ids


def batch(id_: str, calls: int, **changes: object) -> Batch:
    given: dict[str, object] = {
        "id": id_,
        "project": "mails",
        "question": QUESTION,
        "round_id": "r1",
        "run_id": "b1",
        "wave": 1,
        "number": int(id_[1:]),
        "member": "",
        "base_url": "http://x/v1",
        "model": "m",
        "state": "preparing",
        "calls": calls,
        "most_usd": 0.5 * calls,
        "created_at": NOW,
    }
    return Batch(**(given | changes))  # type: ignore[arg-type]


def calls(ids: list[str], batch_id: str) -> list[BatchCall]:
    return [
        BatchCall(
            round_id="r1",
            custom_id=f"call {id_}",
            item_id=id_,
            variant="v",
            sample=0,
            batch_id=batch_id,
            most_usd=0.5,
        )
        for id_ in ids
    ]


def attempts(store: Store, ids: list[str]) -> list[tuple[str | None, int]]:
    found = {call.item_id: call for call in store.batches.of_items("r1", ids)}
    return [(found[id_].batch_id, found[id_].attempt) for id_ in ids if id_ in found]


def test_the_way_of_a_batch(store: Store, project: Project) -> None:
    ids = prepared(store, project)
    store.batches.start(batch("b1", 4), calls(ids, "b1"))
    store.batches.uploaded("b1", "file-1")
    store.batches.submitted("b1", "batch_1", "validating", now=NOW)
    store.batches.seen("b1", "in_progress", done=3, failed=1)
    [found] = store.batches.under_way("mails", QUESTION)
    assert (found.state, found.input_file_id, found.server_id) == (
        "submitted",
        "file-1",
        "batch_1",
    )
    assert (found.status, found.done, found.failed) == ("in_progress", 3, 1)
    assert store.batches.in_flight("r1") == (4, 2.0)
    store.batches.answered("r1", [f"call {id_}" for id_ in ids[:3]])
    store.batches.tally("b1", answered=3, direct=1, cost_usd=0.25)
    store.batches.tally("b1", answered=0, direct=0, cost_usd=None)
    store.batches.failed("r1", f"call {ids[3]}", "late", give_up=False)
    assert store.batches.left("b1", limit=10) == []
    assert store.batches.in_flight("r1") == (0, 0.0)
    store.batches.fetched("b1", now=NOW)
    assert store.batches.under_way("mails", QUESTION) == []
    [found] = store.batches.of_project("mails")
    assert (found.state, found.answered, found.direct, found.cost_usd) == ("fetched", 3, 1, 0.25)
    [waiting] = store.batches.of_items("r1", ids)
    assert (waiting.batch_id, waiting.reason, waiting.given_up) == (None, "late", False)


def test_attempts_are_counted_over_batches(store: Store, project: Project) -> None:
    ids = prepared(store, project, 2)
    store.batches.start(batch("b1", 2), calls(ids, "b1"))
    store.batches.failed("r1", f"call {ids[0]}", "late", give_up=False)
    store.batches.start(batch("b2", 1), calls(ids[:1], "b2"))
    assert attempts(store, ids) == [("b2", 2), ("b1", 1)]


def test_what_a_server_never_saw_does_not_count_as_an_attempt(
    store: Store, project: Project
) -> None:
    ids = prepared(store, project, 3)
    store.batches.start(batch("b1", 1), calls(ids[:1], "b1"))
    store.batches.failed("r1", f"call {ids[0]}", "late", give_up=False)
    store.batches.start(batch("b2", 2), calls(ids[:2], "b2"))
    store.batches.drop("b2")
    assert attempts(store, ids) == [(None, 1)]
    assert [one.id for one in store.batches.of_project("mails")] == ["b1"]
    store.batches.start(batch("b3", 3), calls(ids, "b3"))
    assert store.batches.refuse("b3", "too many", room=2, now=NOW) == (3, 1.5)
    assert attempts(store, ids) == [(None, 1)]
    [_, refused] = store.batches.of_open_run("r1")
    assert (refused.state, refused.reason, refused.room) == ("refused", "too many", 2)


def test_giving_up_frees_what_is_left(store: Store, project: Project) -> None:
    ids = prepared(store, project, 3)
    store.batches.start(batch("b1", 3), calls(ids, "b1"))
    store.batches.answered("r1", [f"call {ids[0]}"])
    assert store.batches.give_up("b1", "lost", now=NOW) == (2, 1.0)
    assert attempts(store, ids) == []


def test_the_end_of_a_run_forgets_its_failures(store: Store, project: Project) -> None:
    ids = prepared(store, project, 2)
    store.batches.start(batch("b1", 2), calls(ids, "b1"))
    store.batches.failed("r1", f"call {ids[0]}", "refused", give_up=True)
    assert [call.given_up for call in store.batches.of_items("r1", ids[:1])] == [True]
    assert [one.id for one in store.batches.of_open_run("r1")] == ["b1"]
    store.batches.end_run("r1")
    assert attempts(store, ids) == [("b1", 1)]
    assert store.batches.of_open_run("r1") == []


def test_items_at_a_server_are_left_out_when_asked(store: Store, project: Project) -> None:
    ids = prepared(store, project, 3)
    store.batches.start(batch("b1", 2), calls(ids[:2], "b1"))
    store.batches.failed("r1", f"call {ids[0]}", "late", give_up=False)

    def missing(in_no_batch: bool) -> list[str]:
        found = store.prelabels.missing(ROUND, after=-1, limit=9, in_no_batch=in_no_batch)
        return [item.id for item in found]

    assert missing(False) == ids
    assert missing(True) == [ids[0], ids[2]]
