"""Answers without one set of classes are held against each other, cell by cell."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.errors import NotFound
from annotate.model import Person
from annotate.store import Store
from annotate.workflow.agreement.comparing import MODEL, PEOPLE, comparable, compared, listed
from tests.annotate.support.agreeing import LABELS, fill, project_of

ASPECTS = [{"name": "tone", "text": "Tone"}, {"name": "form", "text": "Form"}]


def test_ratings_are_a_matrix_for_each_aspect(store: Store, lead: Person) -> None:
    question = {"type": "rating", "scale": {"min": 1, "max": 3}, "aspects": ASPECTS}
    project = project_of(question)
    ids = fill(
        store,
        project,
        [
            {"model": {"tone": 1, "form": 3}, "Ann": {"tone": 1, "form": 1}},
            {"model": {"tone": 2, "form": 2}, "Ann": {"tone": 3, "form": 2},
             "Bob": {"tone": 3, "form": 1}},
            {"Ann": {"tone": 2, "form": 2}},
        ],
    )  # fmt: skip
    found = compared(store, project, project.questions[0], actor=lead)
    tone, form = found.model.grids
    assert (found.model.items, found.people.items, found.share) == (2, 1, 1.0)
    assert (tone.title, tone.rows, tone.columns) == ("tone", ("1", "2", "3"), ("1", "2", "3"))
    # rows are people, and two who say the same of one item are one item
    assert tone.counts.tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]
    assert form.counts.tolist() == [[0, 1, 1], [0, 1, 0], [0, 0, 0]]
    assert tone.note == "0.67 points apart on average; 100% of the pairs within one point."
    assert found.model.in_cell("tone", "3", "2") == [ids[1]]
    people = found.people.grids[1]
    assert people.counts.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    with pytest.raises(NotFound, match="no cell '9'"):
        found.model.in_cell("tone", "9", "1")


def test_label_sets_are_told_label_by_label(store: Store, lead: Person) -> None:
    project = project_of({"type": "multi_label", "labels": LABELS, "min": 0})
    ids = fill(
        store,
        project,
        [
            {"model": ["spam"], "Ann": ["spam", "ham"]},
            {"model": ["ham"], "Ann": ["spam"], "Bob": []},
            {"model": [], "Ann": []},
        ],
    )
    found = compared(store, project, project.questions[0], actor=lead)
    [grid] = found.model.grids
    assert (grid.rows, grid.columns) == (
        ("spam", "ham"),
        ("both say it", "only people", "only the model", "neither"),
    )
    # the second item has two pairs: Ann alone says spam, Bob and the model do not
    assert grid.counts.tolist() == [[1, 1, 0, 2], [0, 1, 1, 1]]
    assert grid.alike.tolist() == [[True, False, False, True]] * 2
    assert grid.note == "25% of the pairs are alike in every label."
    assert found.model.in_cell("label", "ham", "only people") == [ids[0]]
    [people] = found.people.grids
    assert people.counts.tolist() == [[0, 1, 0], [0, 0, 1]]


def test_preferences_with_strength_are_told_by_what_is_preferred(
    store: Store, lead: Person
) -> None:
    question = {"type": "preference", "prompt": "text", "responses": ["x", "y"], "tie": True}
    project = project_of(question | {"strength": 3})

    def said(choice: str, strength: int) -> dict[str, Any]:
        return {"choice": choice, "strength": strength}

    fill(
        store,
        project,
        [
            {"model": said("a", 3), "Ann": said("a", 1)},
            {"model": {"choice": "tie"}, "Ann": said("b", 2)},
        ],
    )
    found = compared(store, project, project.questions[0], actor=lead)
    [grid] = found.model.grids
    assert grid.rows == ("a", "b", "tie")
    assert grid.counts.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert grid.note == "Where both prefer the same, they are 2.00 levels apart on average."
    assert found.people.grids == ()


@pytest.mark.parametrize(
    ("question", "one", "near", "far"),
    [
        (
            {"type": "text"},
            {"text": "The cat sat on the mat", "verdict": "write"},
            {"text": "The cat sat on the mats", "verdict": "write"},
            {"text": "No", "verdict": "write"},
        ),
        (
            {"type": "spans", "field": "text", "labels": LABELS},
            [{"start": 0, "end": 3, "label": "spam"}],
            None,
            [{"start": 8, "end": 11, "label": "ham"}],
        ),
        (
            {"type": "ranking", "responses": ["x", "y", "z"], "prompt": "text"},
            ["a", "b", "c"],
            None,
            ["c", "b", "a"],
        ),
    ],
)
def test_texts_spans_and_orders_by_how_far_they_are_apart(
    store: Store, lead: Person, question: dict[str, Any], one: Any, near: Any, far: Any
) -> None:
    project = project_of(question)
    said = [{"model": one, "Ann": one, "Bob": one}, {"model": far, "Ann": one}]
    said += [{"model": near, "Ann": one}] if near is not None else []
    ids = fill(store, project, said)
    found = compared(store, project, project.questions[0], actor=lead)
    [grid] = found.model.grids
    assert grid.counts.tolist() == [[1, int(near is not None), 0, 0, 0, 1]]
    assert found.model.in_cell("distance", "items", "above .75") == [ids[1]]
    [people] = found.people.grids
    assert people.counts.tolist() == [[1, 0, 0, 0, 0, 0]]
    [shown] = listed(store, project, project.questions[0], [ids[1]], actor=lead)
    assert (shown.answers, shown.machine) == ([("Ann", one)], far)


def test_only_answers_given_without_the_models_in_sight_are_held_against_it(
    store: Store, lead: Person
) -> None:
    project = project_of({"type": "rating", "scale": {"min": 1, "max": 3}})
    fill(store, project, [{"model": 1}, {"model": 2, "Ann": 2}], assisted=[{"Cat": 1}])
    found = compared(store, project, project.questions[0], actor=lead)
    assert (found.side(MODEL).items, found.side(PEOPLE).items) == (1, 0)
    assert comparable(project.questions[0])
    assert not comparable(project_of({"type": "single_label", "labels": LABELS}).questions[0])
