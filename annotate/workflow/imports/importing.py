"""A file of rows -> items, once each. Good rows go in, bad ones into a reject file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TextIO

from annotate.clock import iso
from annotate.importers import Record, Reject
from annotate.model import Item, Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.imports.bringing import Bringing, OfItem
from annotate.workflow.imports.rows import ImportReport, Reader, Ready, shown

__all__ = ["ImportReport", "import_items"]

BATCH = 2_000
MAX_BATCH_CHARS = 32_000_000  # rows can be long: memory is bounded by text, not by rows


def import_items(
    store: Store,
    project: Project,
    rows: Iterable[Record | Reject],
    rejects: TextIO,
    *,
    actor: Person,
    now: datetime,
    on_row: Callable[[int], None] | None = None,
) -> ImportReport:
    """Store every good row that is not there yet; write every bad one to `rejects` as JSONL.

    A row is known by your own id (`import.id`), else by its content. What people and models said
    in another tool comes along, once each: see `bringing`. Every batch is one transaction: after a
    stop at any moment the same import goes on where it was. Raises NotAllowed, AnnotateError when
    the file lacks a mapped column, and what `rows` raises.
    """
    require(actor, "import")
    report = ImportReport()
    reader = Reader(project, iso(now), rejects, report)
    bringing = Bringing(store, project, now=iso(now), refuse=reader.refuse)
    report.brought = bringing.report
    position = store.items.next_position(project.project)
    told = _ItemsTold()
    for batch in _batches(reader.ready(rows, on_row)):
        position = _store_batch(store, reader, bringing, batch, position, told)
    return report


class _ItemsTold:
    """Items that the rows so far were about, where rows bring answers: tables of votes tell an
    item again with each of them.

    Half of the digest tells a million items apart, in a fifth of the memory.
    """

    def __init__(self) -> None:
        self._ids: set[int] = set()

    def first(self, ready: Ready) -> bool:
        """Whether a row is the first about its item, or a plain one, which brings nothing more."""
        if not ready.row.said:
            return True
        known = len(self._ids)
        self._ids.add(int(ready.item.id[:15], 16))
        return len(self._ids) > known


def _store_batch(
    store: Store,
    reader: Reader,
    bringing: Bringing,
    batch: list[Ready],
    position: int,
    told: _ItemsTold,
) -> int:
    with store.transaction():
        position = max(position, store.items.next_position(batch[0].item.project))
        known = store.items.known([ready.item.id for ready in batch])
        fresh: list[Ready] = []
        there: list[Ready] = []
        for ready in batch:
            if ready.bare and ready.item.id not in known:
                reader.reject(ready.line, _no_item(ready.item), ready.values)
            elif ready.bare:
                there.append(ready)
            elif ready.item.id not in known:
                known[ready.item.id] = ready.item.content_hash
                fresh.append(ready)
            elif known[ready.item.id] == ready.item.content_hash:
                there.append(ready)
            else:
                reader.reject(ready.line, _other_content(ready.item), ready.values)
        placed = (_placed(ready.item, position + at) for at, ready in enumerate(fresh))
        assert store.items.add(placed) == len(fresh)
        good = (*fresh, *there)
        store.items.add_gold((r.item.id, question, v) for r in good for question, v in r.gold)
        _bring(store, bringing, good)
    reader.report.added += sum(map(told.first, fresh))
    reader.report.already_there += sum(map(told.first, there))
    return position + len(fresh)


def _bring(store: Store, bringing: Bringing, good: Sequence[Ready]) -> None:
    """What came along with rows whose items are there now."""
    with_more = [ready for ready in good if ready.row.said]
    if not with_more:
        return
    bare = store.items.several([ready.item.id for ready in with_more if ready.bare])
    bringing.bring(
        [
            OfItem(
                ready.line,
                ready.item.id,
                bare.get(ready.item.id, ready.item).fields,
                ready.row.said,
                ready.row.tool,
            )
            for ready in with_more
        ]
    )


def _no_item(item: Item) -> str:
    return (
        f"answers for {shown(item.key.removeprefix('id:'))}, which is not in the project. Import "
        "the items first, with their ids as the project's `import.id`"
    )


def _other_content(item: Item) -> str:
    return (
        f"id {shown(item.key.removeprefix('id:'))} is already there with other content. "
        "Give the row its own id, or remove it"
    )


def _placed(item: Item, position: int) -> Item:
    return replace(item, position=position)


def _batches(ready: Iterator[Ready]) -> Iterator[list[Ready]]:
    while batch := list(islice(_until_full(ready), BATCH)):
        yield batch


def _until_full(ready: Iterator[Ready]) -> Iterator[Ready]:
    chars = 0
    for one in ready:
        yield one
        chars += _chars(one.values)
        if chars > MAX_BATCH_CHARS:
            return


def _chars(value: object) -> int:
    """Roughly how much text a value holds, at any depth."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(str(key)) + _chars(inner) for key, inner in value.items())
    if isinstance(value, list):
        return sum(map(_chars, value))
    return 8
