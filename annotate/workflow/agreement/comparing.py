"""Answers without one set of classes, held against each other: what differs, how far, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.tables import pairs_of_raters
from annotate.errors import NotFound
from annotate.llm.spoken import has_classes
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.columns import EVERYTHING, random_share
from annotate.workflow.agreement.grids import GRIDS, Grid, Make, Pairs, distances
from annotate.workflow.agreement.groups import Known
from annotate.workflow.disagreement.disagreeing import Differing

MOST_ANSWERS = 50_000
"""Of people that are read; more are a sample of the items, drawn by chance."""
MOST_FAR = 1_000
"""Items of which distances between texts, spans or orders are reckoned, either way."""
MOST_LISTED = 50

MODEL, PEOPLE = "model", "people"


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Pairs of answers to one item. who: `MODEL` or `PEOPLE`. items: that have such a pair."""

    who: str
    items: int
    grids: tuple[Grid, ...]
    _pairs: Pairs
    _cells: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    def in_cell(self, grid: str, row: str, column: str) -> list[str]:
        """Ids of items in this cell, in order. Raises NotFound for one that is not there."""
        found = next((one for one in self.grids if one.name == grid), None)
        if found is None or row not in found.rows or column not in found.columns:
            raise NotFound(f"no cell {row!r}, {column!r} of {grid!r}: choose one of the table")
        cell = found.rows.index(row) * len(found.columns) + found.columns.index(column)
        at = np.flatnonzero((self._cells[grid] == cell).any(axis=1))
        return sorted({self._pairs.ids[n] for n in self._pairs.items[at].tolist()})


@dataclass(frozen=True, slots=True)
class Compared:
    """model: people's answers with the model's; people: with each other's. share: of people's
    answers that was read, 0..1."""

    model: Side
    people: Side
    share: float

    def side(self, who: str) -> Side:
        return self.model if who == MODEL else self.people


def comparable(question: QuestionSettings) -> bool:
    """Whether this is how its answers are compared: those with classes have one matrix."""
    return not has_classes(question)


def compared(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person
) -> Compared:
    """Ratings as a matrix of values for each aspect, label sets label by label, strengths of a
    preference by what is preferred; texts, spans and orders by how far two are apart.

    With the model only answers are compared that were given without its own in sight; of many
    answers, a sample of the items. Raises NotAllowed.
    """
    require(actor, "review")
    with store.snapshot():
        answers = store.columns.answers(project.project, question.name)
        share = min(1.0, MOST_ANSWERS / max(answers, 1))
        model, people = _pairs(store, project, question, upto=random_share(share))
    make = GRIDS.get(question.type, distances)
    return Compared(
        _side(MODEL, question, model, make), _side(PEOPLE, question, people, make), share
    )


def listed(
    store: Store,
    project: Project,
    question: QuestionSettings,
    item_ids: Sequence[str],
    *,
    actor: Person,
) -> list[Differing]:
    """The first of these items with their answers, and the model's. Raises NotAllowed."""
    require(actor, "review")
    chosen = list(item_ids[:MOST_LISTED])
    items = store.items.several(chosen)
    decided = store.decisions.of_items(question.name, chosen)
    machine = {one.item_id: one.model_value for one in decided}
    names = {person.id: person.name for person in store.people.all()}
    return [
        Differing(
            items[item_id],
            [
                (names.get(who, who), said)
                for who, said in store.annotations.said_of(item_id, question.name)
            ],
            machine.get(item_id),
            None,
            0.0,
            "",
        )
        for item_id in chosen
        if item_id in items
    ]


def _pairs(
    store: Store, project: Project, question: QuestionSettings, *, upto: str = EVERYTHING
) -> tuple[Pairs, Pairs]:
    """People with the model, and with each other."""
    known, name = Known(question), project.project
    said = store.columns.people(name, question.name, upto=upto)
    theirs = store.columns.machine(name, question.name, upto=upto)
    people: dict[str, int] = {}
    items, values = known.item_numbers(said.item_ids), known.value_numbers(said.values)
    who = np.array([people.setdefault(one, len(people)) for one in said.person_ids], dtype=np.int64)
    sight = np.array(said.assisted, dtype=np.int64)
    asked, machine = known.item_numbers(theirs.item_ids), known.value_numbers(theirs.values)
    by_number = known.values()
    offered = np.array([one is not None for one in by_number], dtype=bool)
    ids = list(known.items)
    says = np.full(len(ids), -1, dtype=np.int64)
    says[asked] = machine

    blind = (sight == 0) & offered[values] & (says[items] >= 0)
    blind[blind] &= offered[says[items[blind]]]
    with_model = Pairs(
        items[blind], values[blind], says[items[blind]], ids, by_number, mirrored=False
    )
    alone = (sight != 1) & offered[values]
    at, _, _, one, other = pairs_of_raters(items[alone], who[alone], values[alone])
    return with_model, Pairs(at, one, other, ids, by_number, mirrored=True)


def _side(who: str, question: QuestionSettings, pairs: Pairs, make: Make) -> Side:
    pairs = pairs.first(MOST_FAR) if make is distances else pairs
    made = list(make(question, pairs)) if len(pairs.items) else []
    cells = {grid.name: at for grid, at in made}
    items = len(np.unique(pairs.items))
    return Side(who, items, tuple(grid for grid, _ in made), pairs, cells)
