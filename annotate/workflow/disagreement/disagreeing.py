"""What a lead looks at first: items on which people differ from the model, or from each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from annotate.errors import NotFound
from annotate.model import Item, Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.standing.consensus import ConsensusRow
from annotate.workflow.consensus.consenting import ensure_fresh
from annotate.workflow.disagreement.chosen import Filters, Options, Sight, sight_of
from annotate.workflow.disagreement.paging import Page, index_at, page_of
from annotate.workflow.disagreement.slicing import (
    Ints,
    against_machine,
    between_people,
    kept,
)

SIZE = 25


@dataclass(frozen=True, slots=True)
class Differing:
    """One item. answers: (who, what) of those that count, in order of time. machine: what the model
    says, as filtered. standing: the consensus, or None where there is none yet."""

    item: Item
    answers: Sequence[tuple[str, Value]]
    machine: Value
    standing: ConsensusRow | None
    priority: float
    cursor: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """counts[i, j]: items; rows and columns in their order. Empty without classes.

    mirrored: each pair of different answers is counted from both sides.
    """

    rows: tuple[Value, ...]
    columns: tuple[Value, ...]
    counts: Ints
    mirrored: bool = False

    @property
    def same(self) -> int:
        """Items in which row and column are equal."""
        return int(np.trace(self.counts))

    @property
    def compared(self) -> int:
        """Cases in which row and column are there, each once."""
        k = len(self.rows)
        total = int(self.counts[:, :k].sum())
        return (total + self.same) // 2 if self.mirrored else total


@dataclass(frozen=True, slots=True)
class Disagreements:
    """What the filters leave.

    answered: items that anybody answered. total: items left; first: how many of them are before
    this page. before, behind: cursors of the pages beside it, None at the ends. at: when the
    consensus behind it was made. against: people in rows, the model in columns, the last one for
    "no answer". between: people against people.
    """

    found: list[Differing]
    answered: int
    total: int
    first: int
    before: str | None
    behind: str | None
    at: str
    against: Matrix
    between: Matrix
    options: Options


def disagreements_of(
    store: Store,
    project: Project,
    question: QuestionSettings,
    filters: Filters,
    *,
    actor: Person,
    now: datetime,
    after: str = "",
    size: int = SIZE,
    wait: bool = True,
) -> Disagreements:
    """The items that the filters leave, most urgent first: by uncertainty times people.

    after: a cursor of an earlier result; empty: from the first. wait: as in `sight_of`. Raises
    NotAllowed, NotFound for a person, value or week that is not there, and AnnotateError.
    """
    require(actor, "review")
    ensure_fresh(store, project, question, actor=actor, now=now)
    sight = sight_of(store, project, question, filters, now=now, wait=wait)
    slices = sight.kept.slices
    left = kept(slices, sight.machine, sight.chosen)
    page = page_of(left, start=_start(sight, after), size=size)
    k = slices.classes
    classes = sight.kept.values[:k]
    return Disagreements(
        found=_shown(store, project, question, sight, page),
        answered=len(slices.position),
        total=page.total,
        first=page.first,
        before=None if page.before is None else _cursor(sight, page.before),
        behind=None if page.behind is None else _cursor(sight, page.behind),
        at=sight.kept.at,
        against=Matrix(
            classes, (*classes, None), against_machine(slices, sight.machine, sight.chosen)
        ),
        between=Matrix(
            classes,
            classes,
            between_people(slices, sight.machine, sight.chosen),
            mirrored=not sight.chosen.directed,
        ),
        options=sight.options,
    )


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where an item stands among what the filters leave. number: from 1; None: it is not left.

    before, behind: item ids, None at the ends.
    """

    number: int | None
    total: int
    before: str | None
    behind: str | None


def neighbours_of(
    store: Store,
    project: Project,
    question: QuestionSettings,
    filters: Filters,
    item: Item,
    *,
    actor: Person,
    now: datetime,
    wait: bool = True,
) -> Neighbours:
    """The items before and behind this one, in the same order. Raises as `disagreements_of`."""
    require(actor, "review")
    sight = sight_of(store, project, question, filters, now=now, wait=wait)
    slices = sight.kept.slices
    places = np.nonzero(kept(slices, sight.machine, sight.chosen))[0]
    own = np.nonzero(slices.position == item.position)[0]
    here = int(own[0]) if len(own) else 0
    at = int(np.searchsorted(places, here))
    inside = bool(len(own)) and at < len(places) and int(places[at]) == here
    behind = places[at + inside : at + inside + 1]
    before = places[at - 1 : at] if at else places[:0]
    ids = [
        next((one.id for one in store.items.at(project.project, slices.position[p].tolist())), None)
        for p in (before, behind)
    ]
    return Neighbours(at + 1 if inside else None, len(places), ids[0], ids[1])


def _start(sight: Sight, after: str) -> int:
    """The index that a cursor stands for, also when the items around it have changed."""
    if not after:
        return 0
    priority, _, position = after.partition("~")
    try:
        return index_at(sight.kept.slices, float(priority), int(position))
    except ValueError:
        raise NotFound(f"{after!r} begins no page: leave it out to see the first one") from None


def _cursor(sight: Sight, index: int) -> str:
    slices = sight.kept.slices
    return f"{float(slices.priority[index])!r}~{int(slices.position[index])}"


def _shown(
    store: Store, project: Project, question: QuestionSettings, sight: Sight, page: Page
) -> list[Differing]:
    slices = sight.kept.slices
    positions = slices.position[page.items]
    items = {item.position: item for item in store.items.at(project.project, positions.tolist())}
    ids = [item.id for item in items.values()]
    standing = store.consensus.of_items(question.name, ids)
    names = {person.id: person.name for person in store.people.all()}
    found = []
    for index, position in zip(page.items.tolist(), positions.tolist(), strict=True):
        item = items[position]
        answers = [
            (names[one.person_id], one.value)
            for one in store.annotations.of_item(item.id)
            if one.question == question.name and one.kind == "answer" and one.undone_at is None
        ]
        row = standing.get(item.id)
        machine = _machine(sight, index, row)
        found.append(
            Differing(
                item, answers, machine, row, float(slices.priority[index]), _cursor(sight, index)
            )
        )
    return found


def _machine(sight: Sight, index: int, row: ConsensusRow | None) -> Value:
    if not sight.kept.slices.classes:
        return None if row is None else row.machine_value
    code = int(sight.machine[index])
    return sight.kept.values[code] if code >= 0 else None
