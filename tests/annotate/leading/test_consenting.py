"""What is stood by: made of everything said, stored, and made again only when something changed."""

from __future__ import annotations

import pytest

from annotate.clock import iso
from annotate.people import operator
from annotate.store import Store
from annotate.store.standing.consensus import ConsensusRow
from annotate.workflow.consensus import consenting
from annotate.workflow.consensus.consenting import STATUSES, consensus_of, ensure_fresh, refresh
from tests.annotate.support.answering import people_say
from tests.annotate.support.decided import decided
from tests.small import MINUTE, QUESTION, START, add_items, machine_says, small_project, someone

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


def test_the_data_version_moves_when_anything_is_said(store: Store) -> None:
    project = small_project()
    known = [store.projects.data_version("mails")]

    def moved() -> bool:
        known.append(store.projects.data_version("mails"))
        return known[-1] > known[-2]

    ids = add_items(store, project, 2)
    assert moved()
    machine_says(store, project, {ids[0]: ["spam"]})
    assert moved()
    decided(store, {ids[0]: "spam"})
    assert moved()
    [answer] = people_say(store, project, {ids[0]: {"Ann": "ham"}})
    assert moved()
    [ann] = [person.id for person in store.people.all()]
    store.annotations.retract(answer, ann, now=iso(START))
    assert moved()
    someone(store, "Bob")
    assert not moved()


def test_a_view_is_made_once_for_one_state_of_data_and_settings(store: Store) -> None:
    ids = said_by_all(store)
    project = small_project()
    question = project.question(QUESTION)
    first = consensus_of(store, project, question, actor=LEAD)
    assert consensus_of(store, project, question, actor=LEAD) is first
    other = small_project(consensus={"method": "majority"})
    assert consensus_of(store, other, question, actor=LEAD).label.tolist()[1] == -1
    people_say(store, project, {ids[5]: {"Ann": "ham"}}, minute=2)
    assert consensus_of(store, project, question, actor=LEAD).people.tolist()[5] == 1


def test_by_majority_people_alone_count_and_the_machine_only_where_they_are_silent(
    store: Store,
) -> None:
    said_by_all(store)
    project = small_project(consensus={"method": "majority"})
    view = consensus_of(store, project, project.question(QUESTION), actor=LEAD)
    assert view.posterior[:3].tolist() == [[0, 1], [0.5, 0.5], [0, 1]]
    assert [view.value(row) for row in range(4)] == ["ham", None, "ham", "spam"]
    assert view.posterior[3, 0] > 0.5


def test_a_persons_answer_may_be_final(store: Store) -> None:
    """One person against a machine that has been right eight times."""
    project = small_project()
    ids = add_items(store, project, 9)
    machine_says(store, project, {i: [("spam", 1.0)] * 5 for i in ids})
    agree = {i: {"Ann": "spam", "Bob": "spam"} for i in ids[:8]}
    people_say(store, project, {**agree, ids[8]: {"Cyd": "ham"}})
    question = project.question(QUESTION)
    weighed = consensus_of(store, project, question, actor=LEAD)
    assert weighed.value(8) == "spam"
    final = small_project(consensus={"human_final": True})
    stands = consensus_of(store, final, question, actor=LEAD)
    assert stands.value(8) == "ham"
    assert stands.uncertainty[8] == 0
    people_say(store, project, {ids[8]: {"Dee": "spam"}}, minute=2)
    assert consensus_of(store, final, question, actor=LEAD).status[8] == "disputed"
    assert consensus_of(store, final, question, actor=LEAD).value(8) == "spam"


RATED = {
    "questions": [
        {"name": "stars", "type": "rating", "text": "How good?", "scale": {"min": 1, "max": 5}}
    ]
}


def test_without_classes_answers_are_compared_by_their_distance(store: Store) -> None:
    project = small_project(**RATED)
    ids = add_items(store, project, 4)
    people_say(
        store,
        project,
        {
            ids[0]: {"Ann": 4, "Bob": 4},
            ids[1]: {"Ann": 1, "Bob": 5, "Cyd": 5},
            ids[2]: {"Ann": 2},
        },
        question="stars",
    )
    question = project.question("stars")
    view = consensus_of(store, project, question, actor=LEAD)
    assert view.status.tolist() == ["agreed", "disputed", "single", "open"]
    assert [view.value(row) for row in range(4)] == [4, 5, 2, None]
    assert view.uncertainty == pytest.approx([0, 2 / 3, 0, 1])
    assert view.posterior.shape == (4, 0)
    right = {one.answers: (one.accuracy, one.low, one.high) for one in view.quality}
    assert right[3] == pytest.approx((0.5, 0.012, 0.987), abs=0.01)  # Ann: with Bob once in two
    refresh(store, project, question, actor=LEAD, now=START)
    row = store.consensus.of_items("stars", ids)[ids[1]]
    assert (row.value, row.probability, row.priority) == (5, None, pytest.approx(2))


def test_an_answer_taken_back_leaves_no_trace_in_the_rows(store: Store) -> None:
    project = small_project()
    ids = add_items(store, project, 1)
    [answer] = people_say(store, project, {ids[0]: {"Ann": "ham"}})
    question = project.question(QUESTION)
    assert refresh(store, project, question, actor=LEAD, now=START) == 1
    [ann] = [person.id for person in store.people.all()]
    store.annotations.retract(answer, ann, now=iso(START))
    assert refresh(store, project, question, actor=LEAD, now=START) == 1
    row = store.consensus.of_items(QUESTION, ids)[ids[0]]
    assert (row.status, row.value, row.people) == ("open", None, 0)


def test_where_it_takes_long_what_is_stored_is_shown(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = said_by_all(store)
    project = small_project()
    question = project.question(QUESTION)
    monkeypatch.setattr(consenting, "FEW", 5)
    assert ensure_fresh(store, project, question, actor=LEAD, now=START) is None
    refresh(store, project, question, actor=LEAD, now=START)
    people_say(store, project, {ids[5]: {"Ann": "ham"}}, minute=2)
    run = ensure_fresh(store, project, question, actor=LEAD, now=START + MINUTE)
    assert run is not None
    assert run.at == iso(START)
