"""Which machine answers are in force, which calls are remembered, and what is left to ask."""

from __future__ import annotations

from dataclasses import replace

from annotate.clock import iso
from annotate.model import Prelabel
from annotate.project import Project
from annotate.store import Store
from tests.small import MINUTE, QUESTION, START, add_items, machine_says


def in_force(store: Store, project: Project) -> list[Prelabel]:
    return list(store.prelabels.current(project.project, QUESTION))


def test_of_a_call_that_was_asked_again_one_row_is_in_force(store: Store, project: Project) -> None:
    first, second = add_items(store, project, 2)
    said = ["error", "error", "spam", "error"]
    machine_says(store, project, {first: said, second: ["ham"]})
    v0, v1, _, _ = [p for p in in_force(store, project) if p.item_id == first]
    then = iso(START + MINUTE)
    again = replace(v0, id="v0 again", outcome="parsed", value="ham", created_at=then)
    failed_again = replace(v1, id="v1 again", reason="the newer", created_at=then)
    store.prelabels.add([again, failed_again])
    rows = [(p.item_id, p.variant, p.outcome, p.reason) for p in in_force(store, project)]
    assert rows == [
        (first, "v0", "parsed", None),
        (first, "v1", "error", "the newer"),
        (first, "v2", "parsed", None),
        (first, "v3", "error", None),
        (second, "v0", "parsed", None),
    ]
    assert [said.outcome for said in store.prelabels.said(project.project, QUESTION)] == [
        outcome for _, _, outcome, _ in rows
    ]
    assert len(store.history.prelabels(first)) == 6  # nothing that happened is forgotten


def test_of_errors_in_the_same_moment_one_is_in_force(store: Store, project: Project) -> None:
    [item_id] = add_items(store, project, 1)
    machine_says(store, project, {item_id: ["error"]})
    [error] = in_force(store, project)
    store.prelabels.add([replace(error, id="0"), replace(error, id="z")])
    assert [p.id for p in in_force(store, project)] == ["z"]


def test_what_other_rounds_know_of_a_call(store: Store, project: Project) -> None:
    first, second = add_items(store, project, 2)
    machine_says(store, project, {first: ["spam", "error", "abstained"]}, round_id="old")
    machine_says(store, project, {first: ["ham"], second: ["ham"]}, round_id="new")
    old = {p.variant: p for p in store.history.prelabels(first) if p.round_id == "old"}
    store.prelabels.add(
        [
            replace(old["v0"], id="spam", call="call 0", created_at="1"),
            replace(old["v1"], id="error", call="call 1", created_at="2"),
            replace(old["v2"], id="abstained", call="call 2", created_at="0"),
            replace(old["v0"], id="other question", call="call 3", question="other"),
            replace(old["v0"], id="this round", call="call 4", round_id="new"),
            replace(old["v0"], id="other item", call="call 5", item_id=second),
        ]
    )
    new = store.prelabels.latest_round(project.project, QUESTION, "settings")
    assert new is not None
    new = replace(new, id="new")
    assert [p.id for p in store.prelabels.earlier(new, [first])] == ["abstained", "spam"]
    assert [p.id for p in store.prelabels.earlier(new, [second])] == ["other item"]
    assert list(store.prelabels.earlier(new, [])) == []


def test_what_was_given_up_is_left_to_a_new_round(store: Store, project: Project) -> None:
    done, given_up, failed, fresh = add_items(store, project, 4)
    machine_says(store, project, {done: ["spam"], given_up: ["spam"], failed: ["error"]})
    now = iso(START)
    store.prelabels.finish_item("round1", given_up, errors=0, given_up=2, now=now)
    assert store.prelabels.count_given_up("round1") == 2
    assert store.prelabels.count_given_up("another") == 0
    round_ = store.prelabels.latest_round(project.project, QUESTION, "settings")
    assert round_ is not None
    expected = {
        "missing": [failed, fresh],
        "failed": [given_up, failed, fresh],
        "unlabelled": [done, given_up, failed, fresh],
    }
    for scope in expected:
        new = replace(round_, id="round2", scope=scope)
        items = store.prelabels.missing(new, after=-1, limit=9)
        assert [item.id for item in items] == expected[scope]
        assert store.prelabels.count_missing(new) == len(expected[scope])
    same = replace(round_, scope="failed")
    assert [item.id for item in store.prelabels.missing(same, after=-1, limit=9)] == [failed, fresh]
