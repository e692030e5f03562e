"""What a lead sees: counts, people against the model, disagreements, an item's history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from annotate.errors import NotAllowed, NotFound
from annotate.model import Person, Value
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.workflow.disagreement.review import confusion, disagreements, item_history, status
from annotate.workflow.routes.routing import route
from tests.labelling import assign, skip, submit, undo
from tests.small import MINUTE, QUESTION, START, add_items, machine_says, small_project, someone

LEAD = operator(START)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "s.db") as opened:
        yield opened


def everything_to_people(**changes: object) -> Project:
    return small_project(
        routing={"signal": "entropy", "policy": "budget", "budget": 1.0, "audit": 0.0}, **changes
    )


def routed(store: Store, project: Project, said: list[list[str]]) -> list[str]:
    """Items on which the machine said this, all sent to people."""
    ids = add_items(store, project, len(said))
    machine_says(store, project, dict(zip(ids, said, strict=True)))
    ask = project.question(QUESTION)
    numbers = iter(range(100))
    route(store, project, ask, actor=LEAD, now=START, new_id=lambda: f"r{next(numbers)}")
    return ids


def answer_all(store: Store, project: Project, person: Person, truth: dict[str, Value]) -> None:
    """The person answers every item they are lent; items not in `truth` are skipped."""
    while (task := assign(store, project, actor=person, now=START + MINUTE)) is not None:
        if task.item.id in truth:
            submit(store, project, task, truth[task.item.id], actor=person, now=START + MINUTE)
        else:
            skip(store, project, task, actor=person, now=START + MINUTE)


def test_people_against_the_model(store: Store) -> None:
    project = everything_to_people()
    said = [["spam"] * 3, ["spam"] * 3, ["ham", "ham", "spam"], ["error"] * 3, ["ham"] * 3]
    ids = routed(store, project, said)
    truth = {ids[0]: "spam", ids[1]: "ham", ids[2]: "spam", ids[3]: "ham"}
    answer_all(store, project, someone(store, "Ann"), truth)
    table = confusion(store, project, project.question(QUESTION), actor=LEAD)
    assert table.classes == ("spam", "ham")
    # rows: people said spam, ham; columns: model said spam, ham, nothing usable
    np.testing.assert_array_equal(table.counts, [[1, 1, 0], [1, 0, 1]])
    assert (table.compared, table.agreeing) == (3, 1)


def test_disagreements_start_with_what_the_model_was_surest_of(store: Store) -> None:
    project = everything_to_people()
    ids = routed(store, project, [["ham", "ham", "spam"], ["spam"] * 3, ["ham"] * 3])
    truth = dict(zip(ids, ["spam", "ham", "ham"], strict=True))
    answer_all(store, project, someone(store, "Ann"), truth)
    ask = project.question(QUESTION)
    found = disagreements(store, project, ask, actor=LEAD)
    assert [(d.item.id, d.people, d.model) for d in found] == [
        (ids[1], "ham", "spam"),
        (ids[0], "spam", "ham"),
    ]
    assert found[0].score == 0
    cell = disagreements(store, project, ask, actor=LEAD, people="spam", model="ham")
    assert [d.item.id for d in cell] == [ids[0]]
    assert disagreements(store, project, ask, actor=LEAD, people="ham", model="ham") == []
    assert len(disagreements(store, project, ask, actor=LEAD, limit=1)) == 1


def test_tied_people_are_compared_with_nobody(store: Store) -> None:
    project = everything_to_people(people={"per_item": 2})
    [one] = routed(store, project, [["spam"] * 3])
    answer_all(store, project, someone(store, "Ann"), {one: "spam"})
    answer_all(store, project, someone(store, "Ben"), {one: "ham"})
    ask = project.question(QUESTION)
    assert confusion(store, project, ask, actor=LEAD).counts.sum() == 0
    assert disagreements(store, project, ask, actor=LEAD) == []


def test_status_counts_and_measures_against_known_answers(store: Store) -> None:
    project = everything_to_people()
    ids = routed(store, project, [["spam"] * 3, ["ham"] * 3, ["ham", "ham", "spam"], ["error"] * 3])
    store.items.add_gold([(ids[0], QUESTION, "spam"), (ids[1], QUESTION, "spam")])
    answer_all(store, project, someone(store, "Ann"), {ids[0]: "spam", ids[1]: "spam"})
    [found] = status(store, project, actor=LEAD)
    assert (found.items, found.prelabelled, found.answered_items) == (4, 4, 2)
    assert found.destinations == {"annotate": 4}
    assert (found.slots_waiting, found.slots_in_hand, found.slots_done) == (2, 0, 2)
    assert found.calls == {"parsed": 9, "error": 3}
    assert (found.compared, found.agreeing) == (2, 1)
    assert (found.model_accuracy, found.people_accuracy) == (0.5, 1.0)


def test_without_known_answers_accuracy_is_unknown(store: Store) -> None:
    project = everything_to_people()
    routed(store, project, [["spam"] * 3])
    [found] = status(store, project, actor=LEAD)
    assert (found.model_accuracy, found.people_accuracy) == (None, None)


def test_the_history_of_an_item_keeps_what_was_undone(store: Store) -> None:
    project = everything_to_people()
    [one] = routed(store, project, [["spam", "ham", "spam"]])
    ann = someone(store, "Ann")
    answer_all(store, project, ann, {one: "spam"})
    again = undo(store, project, actor=ann, now=START + 2 * MINUTE)
    assert again is not None
    submit(store, project, again, "ham", actor=ann, now=START + 3 * MINUTE)
    found = item_history(store, project, "0", actor=LEAD)
    assert found.item.id == one
    assert [p.value for p in found.prelabels] == ["spam", "ham", "spam"]
    assert [d.destination for d in found.decisions] == ["annotate"]
    told = [(a.value, name, a.undone_at is None) for a, name in found.annotations]
    assert told == [("spam", "Ann", False), ("ham", "Ann", True)]
    with pytest.raises(NotFound, match="has no item 'nothing'"):
        item_history(store, project, "nothing", actor=LEAD)


def test_annotators_see_none_of_it(store: Store) -> None:
    project = everything_to_people()
    routed(store, project, [["spam"] * 3])
    ann = someone(store, "Ann")
    ask = project.question(QUESTION)
    calls = (
        lambda: status(store, project, actor=ann),
        lambda: confusion(store, project, ask, actor=ann),
        lambda: disagreements(store, project, ask, actor=ann),
        lambda: item_history(store, project, "0", actor=ann),
    )
    for call in calls:
        with pytest.raises(NotAllowed, match="Ann is annotator and may not review: ask a lead"):
            call()
