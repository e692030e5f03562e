"""What is stood by: made of everything said, stored, and made again only when something changed."""

from __future__ import annotations

import pytest

from annotate.people import operator
from annotate.store import Store
from annotate.store.consensus import ConsensusRow
from annotate.workflow.consenting import STATUSES, consensus_of, ensure_fresh, refresh
from tests.annotate.answering import people_say
from tests.small import MINUTE, QUESTION, START, add_items, machine_says, small_project

LEAD = operator(START)


def said_by_all(store: Store) -> list[str]:
    """Six items: people agree on the first, differ on the second, one has the third, the machine
    the fourth, nobody the rest."""
    project = small_project()
    ids = add_items(store, project, 6)
    machine_says(store, project, {i: ["spam"] * 4 + ["ham"] for i in ids[:4]})
    people_say(
        store,
        project,
        {
            ids[0]: {"Ann": "ham", "Bob": "ham", "Cyd": "ham"},
            ids[1]: {"Ann": "ham", "Bob": "spam"},
            ids[2]: {"Ann": "ham"},
        },
    )
    return ids


def test_the_view_tells_who_has_said_what(store: Store) -> None:
    ids = said_by_all(store)
    project = small_project()
    view = consensus_of(store, project, project.question(QUESTION), actor=LEAD)
    assert view.item_ids == ids
    assert view.classes == ("spam", "ham")
    assert view.people.tolist() == [3, 2, 1, 0, 0, 0]
    assert view.status.tolist() == ["agreed", "disputed", "single", "machine", "open", "open"]
    assert set(view.status) < set(STATUSES)
    assert view.machine.tolist() == [0, 0, 0, 0, -1, -1]
    assert view.value(0) == "ham"
    assert view.value(3) == "spam"
    assert view.label.tolist()[4:] == [-1, -1]
    assert view.posterior.sum(axis=1) == pytest.approx(1)
    assert view.posterior.shape == view.machine_probability.shape == (6, 2)
    assert [one.answers for one in view.quality] == [3, 2, 1]
    assert all(0 <= one.low < one.accuracy < one.high <= 1 for one in view.quality)


def test_rows_are_stored_once_for_one_state(store: Store) -> None:
    ids = said_by_all(store)
    project = small_project()
    question = project.question(QUESTION)
    assert refresh(store, project, question, actor=LEAD, now=START) == 4
    assert refresh(store, project, question, actor=LEAD, now=START + MINUTE) == 0
    rows = store.consensus.of_items(QUESTION, ids)
    assert sorted(rows) == sorted(ids[:4])
    assert rows[ids[0]].value == "ham"
    assert rows[ids[0]].machine_value == "spam"
    assert store.consensus.counts("mails", QUESTION) == {
        "agreed": 1, "disputed": 1, "single": 1, "machine": 1,
    }  # fmt: skip
    people_say(store, project, {ids[4]: {"Bob": "spam"}}, minute=3)
    run = ensure_fresh(store, project, question, actor=LEAD, now=START + 2 * MINUTE)
    assert run is not None
    assert run.answers == 7
    assert store.consensus.of_items(QUESTION, [ids[4]])[ids[4]].status == "single"


def test_what_wants_to_be_looked_at_comes_first_and_page_by_page(store: Store) -> None:
    said_by_all(store)
    project = small_project()
    refresh(store, project, project.question(QUESTION), actor=LEAD, now=START)
    whole = store.consensus.first("mails", QUESTION, limit=10)
    assert [row.priority for row in whole] == sorted((row.priority for row in whole), reverse=True)
    assert {row.status for row in whole[:2]} == {"disputed", "single"}
    paged: list[ConsensusRow] = []
    while more := store.consensus.first(
        "mails", QUESTION, after=(paged[-1].priority, paged[-1].item_id) if paged else None, limit=1
    ):
        paged += more
    assert paged == whole
    assert [row.status for row in store.consensus.first("mails", QUESTION, status="single")] == [
        "single"
    ]
