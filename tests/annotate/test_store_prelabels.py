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
