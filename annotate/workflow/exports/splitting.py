"""A project's items -> which of them train and which test."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError
from annotate.model import Item, Person
from annotate.people import require
from annotate.project import Project
from annotate.splits.near import HASHES, LONGEST, signatures
from annotate.splits.placing import Placed, Rows, draw_of, place
from annotate.splits.plan import Codes, Moved, SplitPlan, Splitting
from annotate.store import Store
from annotate.store.rows import to_json
from annotate.workflow.labelling.showing import own_key

PAGE = 100
AT_ONCE = 1000
CHARACTERS = 2_000_000
"""Texts are signed this many at once, or as soon as they have so many characters."""
SHOWN = 10
"""Items that are named for each reason."""

FEW_SHOT = "is a few-shot example of a prompt"
GOLD = "has a known answer"
AUDITED = "was drawn for an audit: the error bound or the routing was measured on it"
TUNED = "a change of guideline or prompt was made or tried on it"


def splitting(
    store: Store,
    project: Project,
    plan: SplitPlan,
    *,
    actor: Person,
    on_item: Callable[[int], None] | None = None,
) -> Splitting:
    """Which split each item is in, so that nothing of a test was seen in training.

    Depends on the items, on what was shown to a model or measured with, and on the plan; neither
    on labels nor on chance. An item that is there keeps its split when others come in behind it,
    unless one of them ties its group to another one, or it is measured with. Takes about 250 bytes
    of memory an item. on_item: gets how many have been read, page by page.

    Raises NotAllowed, and AnnotateError for a name in `plan.by` that no item has.
    """
    require(actor, "export")
    with store.snapshot():
        barred = _barred(store, project)
        key = _key(store, project, plan, barred)
        found = _KEPT.pop(key, None)
        if found is None:
            read = _read(store, project, plan, barred, on_item)
            placed = place(plan, read.rows())
            moved = tuple(_told(store, project, read, *each) for each in placed.moved.items())
            found = _splitting(plan, read, placed, moved)
    _KEPT[key] = found
    while len(_KEPT) > MOST_KEPT:
        _KEPT.pop(next(iter(_KEPT)))
    return found


MOST_KEPT = 4
_KEPT: dict[Hashable, Splitting] = {}
"""The last ones: counts, first rows and files of one export are asked for one after another."""


def _key(
    store: Store, project: Project, plan: SplitPlan, barred: Mapping[str, Set[str]]
) -> Hashable:
    """All that a splitting depends on: items are never changed, and new ones come last."""
    count = store.items.next_position(project.project)
    last = store.items.at(project.project, [count - 1])
    items = [(item.id, item.content_hash, item.created_at) for item in last]
    return (
        store.place,
        project.project,
        project.fields,
        plan,
        count,
        *items,
        *(frozenset(ids) for ids in barred.values()),
    )


class _Read:
    """What was read of the items, row by row in the order of their positions."""

    def __init__(
        self, project: Project, plan: SplitPlan, count: int, barred: Mapping[str, Set[str]]
    ) -> None:
        self._project, self._plan, self._barred = project, plan, barred
        self.count = 0
        self.positions = np.zeros(count, dtype=np.int64)
        self._draws = np.zeros(count, dtype=np.uint64)
        self._values = tuple(np.zeros(count, dtype=np.uint64) for _ in plan.by)
        self._signed = np.zeros((count if plan.near_duplicates else 0, HASHES), dtype=np.uint8)
        self._closed: dict[str, list[int]] = {why: [] for why in barred}
        self._waiting: list[str] = []

    def add(self, page: Sequence[Item]) -> None:
        begin = self.count
        for row, item in enumerate(page, begin):
            self.positions[row] = item.position
            self._draws[row] = self._draw(item, row)
            for why, ids in self._barred.items():
                if item.id in ids:
                    self._closed[why].append(row)
            if self._plan.near_duplicates:
                self._waiting.append("\n".join(_texts(self._project, item))[:LONGEST])
        self.count += len(page)
        if len(self._waiting) >= AT_ONCE or sum(map(len, self._waiting)) > CHARACTERS:
            self.sign()

    def sign(self) -> None:
        """The signatures of the texts that wait for theirs."""
        self._signed[self.count - len(self._waiting) : self.count] = signatures(self._waiting)
        self._waiting.clear()

    def _draw(self, item: Item, row: int) -> int:
        """Of the first thing that keeps the item with others, or of the item itself."""
        key = ("item", item.id)
        for values, name in reversed(list(zip(self._values, self._plan.by, strict=True))):
            value = _value(item, name)
            if value is not None:
                key = (name, value)
                values[row] = draw_of(*key)
        return draw_of(self._plan.seed, *key)

    def rows(self) -> Rows:
        closed = {why: np.array(rows, dtype=np.intp) for why, rows in self._closed.items()}
        signed = self._signed if self._plan.near_duplicates else None
        return Rows(self._draws, self._values, signed, closed)

    def check(self) -> None:
        """Raises AnnotateError for a name that no item has a value under."""
        for values, name in zip(self._values, self._plan.by, strict=True):
            if len(values) and not values.any():
                raise AnnotateError(
                    f"no item has a field or metadata called {name!r}: items can only be kept "
                    "together by what they have"
                )


def _read(
    store: Store,
    project: Project,
    plan: SplitPlan,
    barred: Mapping[str, Set[str]],
    on_item: Callable[[int], None] | None,
) -> _Read:
    count = store.items.count(project.project)
    read = _Read(project, plan, count, barred)
    after = -1
    while page := store.items.page(project.project, after=after, limit=PAGE):
        read.add(page)
        after = page[-1].position
        if on_item is not None:
            on_item(read.count)
    if plan.near_duplicates:
        read.sign()
    read.check()
    return read


def _texts(project: Project, item: Item) -> Iterable[str]:
    return (item.fields.get(name, "") for name in project.fields)


def _value(item: Item, name: str) -> str | None:
    """What the item has under this name, fields first; None for nothing, so that items without a
    source are not taken for one source."""
    found: Any = item.fields.get(name) or item.metadata.get(name)
    if found is None or found in ("", [], {}):
        return None
    return found if isinstance(found, str) else to_json(found)


def _barred(store: Store, project: Project) -> Mapping[str, set[str]]:
    """Why -> ids of the items that must not be tested on."""
    name = project.project
    found: dict[str, set[str]] = {FEW_SHOT: set(), GOLD: set(), AUDITED: set(), TUNED: set()}
    for question in project.questions:
        found[FEW_SHOT] |= store.prelabels.shown_as_examples(name, question.name)
        found[GOLD] |= store.items.gold(name, question.name).keys()
        found[AUDITED] |= store.promises.audited_items(name, question.name)
        found[AUDITED] |= store.decisions.audited_items(name, question.name)
        found[TUNED] |= store.proposals.items_used(name, question.name)
        found[TUNED] |= store.trials.items_used(name, question.name)
    return found


def _told(store: Store, project: Project, read: _Read, why: str, rows: NDArray[np.intp]) -> Moved:
    positions = read.positions[rows[:SHOWN]].tolist()
    items = store.items.at(project.project, positions)
    return Moved(why, len(rows), tuple(map(own_key, items)))


def _splitting(plan: SplitPlan, read: _Read, placed: Placed, moved: tuple[Moved, ...]) -> Splitting:
    names = tuple(name for name, _ in plan.shares)
    count = int(read.positions[-1]) + 1 if len(read.positions) else 0
    code: Codes = np.full(count, -1, dtype=np.int16)
    code[read.positions] = placed.code
    counts = tuple(np.bincount(placed.code, minlength=len(names)).tolist())
    return Splitting(names, code, counts, placed.groups, moved)
