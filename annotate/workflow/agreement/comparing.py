"""Answers without one set of classes, held against each other: what differs, how far, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from annotate.errors import NotFound
from annotate.llm.spoken import has_classes
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.rows import to_json
from annotate.workflow.agreement.drawn import drawn, first_drawn
from annotate.workflow.agreement.grids import GRIDS, Grid, Make, Pairs, distances
from annotate.workflow.consensus.consenting import FEW, ensure_fresh
from annotate.workflow.disagreement.chosen import Filters, sight_of
from annotate.workflow.disagreement.disagreeing import Differing
from annotate.workflow.projects.keeping import Kept, Shelf

MOST_FAR = 1_000
"""Items of which distances between texts, spans or orders are reckoned, either way."""
MOST_LISTED = 50

MODEL, PEOPLE = "model", "people"
EVERYTHING = Filters()


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Pairs of answers to one item. who: `MODEL` or `PEOPLE`. items: that have such a pair."""

    who: str
    items: int
    grids: tuple[Grid, ...]
    _pairs: Pairs
    _cells: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    def in_cell(self, grid: str, row: str, column: str) -> list[int]:
        """Positions of the items in this cell, most urgent first. Raises NotFound for one that is
        not there."""
        found = next((one for one in self.grids if one.name == grid), None)
        if found is None or row not in found.rows or column not in found.columns:
            raise NotFound(f"no cell {row!r}, {column!r} of {grid!r}: choose one of the table")
        cell = found.rows.index(row) * len(found.columns) + found.columns.index(column)
        at = np.flatnonzero((self._cells[grid] == cell).any(axis=1))
        items = np.unique(self._pairs.items[at])
        return [int(position) for position in self._pairs.positions[items]]


@dataclass(frozen=True, slots=True)
class Compared:
    """model: people's answers with the model's; people: with each other's. share: of the items that
    are left that was read, 0..1. notes: what must be known to read the numbers."""

    model: Side
    people: Side
    share: float
    notes: tuple[str, ...] = ()

    def side(self, who: str) -> Side:
        return self.model if who == MODEL else self.people


def comparable(question: QuestionSettings) -> bool:
    """Whether this is how its answers are compared: those with classes have one matrix."""
    return not has_classes(question)


def compared(
    store: Store,
    project: Project,
    question: QuestionSettings,
    filters: Filters = EVERYTHING,
    *,
    actor: Person,
    now: datetime,
    wait: bool = True,
) -> Compared:
    """Ratings as a matrix of values for each aspect, label sets label by label, strengths of a
    preference by what is preferred; texts, spans and orders by how far two are apart.

    Of the items that the filters leave, whether anybody differs on them or not. With the model only
    answers are compared that were given without its own in sight; of many answers, a sample of the
    items. Raises as `disagreements_of`.
    """
    require(actor, "review")
    ensure_fresh(store, project, question, actor=actor, now=now)
    sight = sight_of(store, project, question, filters, now=now, wait=wait)
    make = GRIDS.get(question.type, distances)
    with store.snapshot():
        found = drawn(store, project, question, sight, far=make is distances)
    model = found.with_model(filters, sight.chosen)
    people = found.between(filters, sight.chosen)
    return Compared(
        _side(MODEL, question, model, make),
        _side(PEOPLE, question, people, make),
        found.share,
        (*_notes(filters), *_drawn_by_chance(found.share, make, model, people)),
    )


shelf: Shelf[Compared] = Shelf()
"""Those made last in this process."""


def compared_soon(
    store: Store,
    project: Project,
    question: QuestionSettings,
    filters: Filters,
    *,
    open_store: Callable[[], AbstractContextManager[Store]],
    actor: Person,
    now: datetime,
) -> Kept[Compared]:
    """As `compared`, for a page: kept while nothing changes; with very many answers what was made
    last of these filters, while another thread makes it anew with a store that it opens. Raises
    NotMadeYet too."""
    require(actor, "review")
    name, many = project.project, store.annotations.more_than(project.project, question.name, FEW)

    def make(own: Store) -> Compared:
        return compared(own, project, question, filters, actor=actor, now=now, wait=False)

    def make_aside() -> Compared:
        with open_store() as own:
            return make(own)

    if not store.place:
        return Kept(make(store), now, True)
    key = (store.place, name, question.model_dump_json(), to_json(astuple(filters)))
    run = store.consensus.run_of(name, question.name)
    state = f"{store.projects.data_version(name)} {'' if run is None else run.at}"
    made = shelf.get(key, state, lambda: make(store), now=now, lasting=many)
    if many:
        shelf.at_once(key, state, make_aside, now=now)
    return made


def listed(
    store: Store,
    project: Project,
    question: QuestionSettings,
    positions: Sequence[int],
    *,
    actor: Person,
) -> list[Differing]:
    """The first of the items at these positions with their answers, and the model's. Raises
    NotAllowed."""
    require(actor, "review")
    chosen = list(positions[:MOST_LISTED])
    items = {item.position: item for item in store.items.at(project.project, chosen)}
    decided = store.decisions.of_items(question.name, [item.id for item in items.values()])
    machine = {one.item_id: one.model_value for one in decided}
    names = {person.id: person.name for person in store.people.all()}
    return [
        Differing(
            items[at],
            [
                (names.get(who, who), said)
                for who, said in store.annotations.said_of(items[at].id, question.name)
            ],
            machine.get(items[at].id),
            None,
            0.0,
            "",
        )
        for at in chosen
        if at in items
    ]


def _notes(filters: Filters) -> Iterator[str]:
    """Where a filter does less than one might think."""
    asked = [
        f"{name} {chosen}"
        for name, chosen in (("model", filters.answered_by), ("prompt version", filters.prompt))
        if chosen
    ]
    if asked:
        yield (
            f"{' and '.join(asked)}: these are the items that were asked this way. What the model "
            "says of them is its answer in force, which other calls may have a part in."
        )


def _drawn_by_chance(share: float, make: Make, *pairs: Pairs) -> Iterator[str]:
    more = "drawn by chance: more change little"
    if make is distances:
        most = min(MOST_FAR, max(len(np.unique(one.items)) for one in pairs))
        if share < 1 or any(len(np.unique(one.items)) > MOST_FAR for one in pairs):
            yield f"How far answers are apart is reckoned of {most:,} items, {more}."
    elif share < 1:
        told = f"{share:.0%}" if share >= 0.01 else f"{share:.1%}"
        yield f"Of {told} of these items, {more}."


def _side(who: str, question: QuestionSettings, pairs: Pairs, make: Make) -> Side:
    items = np.unique(pairs.items)
    if make is distances and len(items) > MOST_FAR:
        items = first_drawn(items, pairs.positions, MOST_FAR)
        pairs = pairs.of(items)
    made = list(make(question, pairs)) if len(items) else []
    cells = {grid.name: at for grid, at in made}
    return Side(who, len(items), tuple(grid for grid, _ in made), pairs, cells)
