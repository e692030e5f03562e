"""Answers without one set of classes are held against each other, cell by cell."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from annotate.clock import iso
from annotate.errors import NotAllowed, NotFound
from annotate.model import Person, Value
from annotate.store import Store, open_store
from annotate.workflow.agreement import comparing
from annotate.workflow.agreement import drawn as drawing
from annotate.workflow.agreement.comparing import (
    MODEL,
    PEOPLE,
    Compared,
    comparable,
    compared,
    compared_soon,
    listed,
)
from annotate.workflow.consensus import consenting
from annotate.workflow.disagreement.chosen import Filters
from annotate.workflow.projects.keeping import Kept
from tests.annotate.support.agreeing import LABELS, fill, project_of
from tests.small import START, machine_says, someone

ASPECTS = [{"name": "tone", "text": "Tone"}, {"name": "form", "text": "Form"}]


def test_ratings_are_a_matrix_for_each_aspect(store: Store, lead: Person) -> None:
    question = {"type": "rating", "scale": {"min": 1, "max": 3}, "aspects": ASPECTS}
    project = project_of(question)
    fill(
        store,
        project,
        [
            {"model": {"tone": 1, "form": 3}, "Ann": {"tone": 1, "form": 1}},
            {"model": {"tone": 2, "form": 2}, "Ann": {"tone": 3, "form": 2},
             "Bob": {"tone": 3, "form": 1}},
            {"Ann": {"tone": 2, "form": 2}},
        ],
    )  # fmt: skip
    found = compared(store, project, project.questions[0], actor=lead, now=START)
    tone, form = found.model.grids
    assert (found.model.items, found.people.items, found.share) == (2, 1, 1.0)
    assert (tone.title, tone.rows, tone.columns) == ("tone", ("1", "2", "3"), ("1", "2", "3"))
    # rows are people, and two who say the same of one item are one item
    assert tone.counts.tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]
    assert form.counts.tolist() == [[0, 1, 1], [0, 1, 0], [0, 0, 0]]
    assert tone.note == "0.67 points apart on average; 100% of the pairs within one point."
    assert found.model.in_cell("tone", "3", "2") == [1]
    people = found.people.grids[1]
    assert people.counts.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    with pytest.raises(NotFound, match="no cell '9'"):
        found.model.in_cell("tone", "9", "1")


def test_label_sets_are_told_label_by_label(store: Store, lead: Person) -> None:
    project = project_of({"type": "multi_label", "labels": LABELS, "min": 0})
    fill(
        store,
        project,
        [
            {"model": ["spam"], "Ann": ["spam", "ham"]},
            {"model": ["ham"], "Ann": ["spam"], "Bob": []},
            {"model": [], "Ann": []},
        ],
    )
    found = compared(store, project, project.questions[0], actor=lead, now=START)
    [grid] = found.model.grids
    assert (grid.rows, grid.columns) == (
        ("spam", "ham"),
        ("both say it", "only people", "only the model", "neither"),
    )
    # the second item has two pairs: Ann alone says spam, Bob and the model do not
    assert grid.counts.tolist() == [[1, 1, 0, 2], [0, 1, 1, 1]]
    assert grid.alike.tolist() == [[True, False, False, True]] * 2
    assert grid.note == "25% of the pairs are alike in every label."
    assert found.model.in_cell("label", "ham", "only people") == [0]
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
    found = compared(store, project, project.questions[0], actor=lead, now=START)
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
    fill(store, project, said)
    found = compared(store, project, project.questions[0], actor=lead, now=START)
    [grid] = found.model.grids
    assert grid.counts.tolist() == [[1, int(near is not None), 0, 0, 0, 1]]
    assert found.model.in_cell("distance", "items", "above .75") == [1]
    [people] = found.people.grids
    assert people.counts.tolist() == [[1, 0, 0, 0, 0, 0]]
    [shown] = listed(store, project, project.questions[0], [1], actor=lead)
    assert (shown.answers, shown.machine) == ([("Ann", one)], far)


def test_only_answers_given_without_the_models_in_sight_are_held_against_it(
    store: Store, lead: Person
) -> None:
    project = project_of({"type": "rating", "scale": {"min": 1, "max": 3}})
    fill(store, project, [{"model": 1}, {"model": 2, "Ann": 2}], assisted=[{"Cat": 1}])
    found = compared(store, project, project.questions[0], actor=lead, now=START)
    assert (found.side(MODEL).items, found.side(PEOPLE).items) == (1, 0)
    assert comparable(project.questions[0])
    assert not comparable(project_of({"type": "single_label", "labels": LABELS}).questions[0])


SAID: list[dict[str, Value]] = [
    {"model": 1, "Ann": 1, "Bob": 2},
    {"model": 2, "Ann": 3, "Bob": 3, "Cat": 1},
    {"model": 3, "Cat": 3},
]


def counted(counts: list[list[int]]) -> dict[tuple[int, int], int]:
    """(row, column) -> items, as values of the scale."""
    return {(1 + i, 1 + j): n for i, row in enumerate(counts) for j, n in enumerate(row) if n}


@pytest.mark.parametrize(
    ("chosen", "model", "people", "heads"),
    [
        ({}, {(1, 1): 1, (2, 1): 1, (3, 2): 1, (1, 2): 1, (3, 3): 1},
         {(1, 2): 1, (2, 1): 1, (3, 3): 1, (1, 3): 1, (3, 1): 1}, "one ↓ other →"),
        ({"annotator": "Ann"}, {(1, 1): 1, (3, 2): 1}, {(1, 2): 1, (3, 3): 1, (3, 1): 1},
         "Ann ↓ somebody else →"),
        ({"annotator": "Cat", "other": "Bob"}, {(1, 2): 1}, {(1, 3): 1}, "Cat ↓ Bob →"),
        ({"search": "1"}, {(3, 2): 1, (1, 2): 1}, {(3, 3): 1, (1, 3): 1, (3, 1): 1},
         "one ↓ other →"),
        ({"status": "single"}, {(3, 3): 1}, None, ""),
        ({"source_key": "from", "source": "web"}, {(1, 1): 1, (2, 1): 1, (3, 3): 1},
         {(1, 2): 1, (2, 1): 1}, "one ↓ other →"),
        ({"week": "2026-02-23"}, {(1, 1): 1, (2, 1): 1, (3, 2): 1, (1, 2): 1, (3, 3): 1},
         {(1, 2): 1, (2, 1): 1, (3, 3): 1, (1, 3): 1, (3, 1): 1}, "people ↓ somebody else →"),
        ({"show": "all"}, {(1, 1): 1, (2, 1): 1, (3, 2): 1, (1, 2): 1, (3, 3): 1},
         {(1, 2): 1, (2, 1): 1, (3, 3): 1, (1, 3): 1, (3, 1): 1}, "one ↓ other →"),
    ],
)  # fmt: skip
def test_every_filter_of_the_page_holds_for_the_tables(
    store: Store, lead: Person, chosen: dict[str, str], model: Any, people: Any, heads: str
) -> None:
    project = project_of({"type": "rating", "scale": {"min": 1, "max": 3}})
    fill(store, project, SAID, metadata=[{"from": "web"}, {"from": "shop"}, {"from": "web"}])
    [question] = project.questions
    found = compared(store, project, question, Filters(**chosen), actor=lead, now=START)
    assert counted(found.model.grids[0].counts.tolist()) == model
    assert (found.people.grids == ()) == (people is None)
    for grid in found.people.grids:
        assert (counted(grid.counts.tolist()), grid.heads) == (people, heads)


def test_a_filter_that_can_do_less_says_so(store: Store, lead: Person) -> None:
    project = project_of({"type": "rating", "scale": {"min": 1, "max": 3}})
    ids = fill(store, project, SAID)
    machine_says(store, project, {ids[0]: ["1"]}, question="q")
    [question] = project.questions
    [prompt] = store.slices.asked(project.project, "q")[1]
    found = compared(store, project, question, Filters(prompt=prompt), actor=lead, now=START)
    assert (found.model.items, found.people.items) == (1, 1)
    assert found.notes == (
        f"prompt version {prompt}: these are the items that were asked this way. What the model "
        "says of them is its answer in force, which other calls may have a part in.",
    )
    with pytest.raises(NotFound, match="'Eve' is not among the answers; there are: Ann, Bob, Cat"):
        compared(store, project, question, Filters(annotator="Eve"), actor=lead, now=START)


def test_of_very_many_items_some_are_drawn(
    store: Store, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "MOST_ANSWERS", 100)
    monkeypatch.setattr(drawing, "DRAWN_ANSWERS", 60)
    project = project_of({"type": "rating", "scale": {"min": 1, "max": 3}})
    fill(store, project, [{"model": 1, "Ann": 1 + at % 2} for at in range(200)])
    [question] = project.questions
    found = compared(store, project, question, actor=lead, now=START)
    again = compared(store, project, question, actor=lead, now=START)
    assert (found.share, found.model.items) == (0.3, 60)
    assert found.notes == ("Of 30% of these items, drawn by chance: more change little.",)
    assert found.model.grids[0].counts.tolist() == again.model.grids[0].counts.tolist()
    assert 15 <= found.model.grids[0].counts[0, 0] <= 45
    one = compared(store, project, question, Filters(search="7"), actor=lead, now=START)
    assert (one.share, one.model.items) == (1.0, 1)


def test_a_page_shows_what_was_counted_last_while_it_is_counted_anew(
    tmp_path: Path, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "FEW", 2)
    monkeypatch.setattr(consenting, "FEW", 0)
    project = project_of({"type": "rating", "scale": {"min": 1, "max": 3}})
    path = tmp_path / "many.db"
    with open_store(path) as store:
        fill(store, project, SAID)
        [question] = project.questions
        consenting.refresh(store, project, question, actor=lead, now=START)

        def soon(minutes: float) -> Kept[Compared]:
            kept = compared_soon(
                store, project, question, Filters(), open_store=lambda: open_store(path),
                actor=lead, now=START + timedelta(minutes=minutes),
            )  # fmt: skip
            comparing.shelf.wait()
            return kept

        assert (soon(0).value.model.items, soon(0).current) == (3, True)
        asked = store.annotations.counting(project.project, "q")
        gone = next(one for one in asked if one.item_id == store.items.at("mails", [2])[0].id)
        store.annotations.retract(gone.id, gone.person_id, now=iso(START))
        old = soon(0.5)
        assert (old.value.model.items, old.current, old.at) == (3, False, START)
        soon(2)  # a minute has passed: another thread counts while this is shown
        new = soon(2.1)
        assert (new.value.model.items, new.current) == (2, True)
        assert new.at == START + timedelta(minutes=2)
        annotator = someone(store, "Dan")
        with pytest.raises(NotAllowed):
            compared(store, project, question, actor=annotator, now=START)


def test_of_many_texts_some_are_held_against_each_other(
    store: Store, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MOST_FAR", 10)
    project = project_of({"type": "text"})
    texts: list[dict[str, Value]] = [
        {"model": {"text": f"number {at}", "verdict": "write"},
         "Ann": {"text": f"number {at}", "verdict": "write"}}
        for at in range(30)
    ]  # fmt: skip
    fill(store, project, texts)
    found = compared(store, project, project.questions[0], actor=lead, now=START)
    assert found.model.grids[0].counts.tolist() == [[10, 0, 0, 0, 0, 0]]
    assert found.notes == (
        "How far answers are apart is reckoned of 10 items, drawn by chance: more change little.",
    )
