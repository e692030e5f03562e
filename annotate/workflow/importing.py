"""A file of rows -> items, once each. Good rows go in, bad ones into a reject file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import TextIO

from annotate.clock import iso
from annotate.errors import AnnotateError, InvalidValue
from annotate.hashing import digest
from annotate.importers import Record, Reject
from annotate.model import Item, Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.project.settings import STRUCTURED
from annotate.questions import QuestionSettings, accept
from annotate.store import Store

BATCH = 2_000
MAX_BATCH_CHARS = 32_000_000  # rows can be long: memory is bounded by text, not by rows
SHOWN_CHARS = 80


@dataclass(slots=True)
class ImportReport:
    """What became of the rows."""

    added: int = 0
    already_there: int = 0
    rejected: int = 0
    first_rejects: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Ready:
    line: int
    item: Item
    gold: tuple[tuple[str, Value], ...]
    values: Mapping[str, object]


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

    A row is known by your own id (`import.id`), else by its content. Every batch is one
    transaction: after a stop at any moment the same import goes on where it was. Raises
    NotAllowed, AnnotateError when the file lacks a mapped column, and what `rows` raises.
    """
    require(actor, "import")
    report = ImportReport()
    reader = _Reader(project, iso(now), rejects, report)
    position = store.items.next_position(project.project)
    for batch in _batches(reader.ready(rows, on_row)):
        position = _store_batch(store, reader, batch, position)
    return report


def _store_batch(store: Store, reader: _Reader, batch: list[_Ready], position: int) -> int:
    with store.transaction():
        position = max(position, store.items.next_position(batch[0].item.project))
        known = store.items.known([ready.item.id for ready in batch])
        fresh: list[_Ready] = []
        there: list[_Ready] = []
        for ready in batch:
            if ready.item.id not in known:
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
    reader.report.added += len(fresh)
    reader.report.already_there += len(there)
    return position + len(fresh)


def _other_content(item: Item) -> str:
    return (
        f"id {_shown(item.key.removeprefix('id:'))} is already there with other content. "
        "Give the row its own id, or remove it"
    )


def _placed(item: Item, position: int) -> Item:
    return replace(item, position=position)


class _Reader:
    """Rows -> items, by the project's column mapping."""

    def __init__(self, project: Project, now: str, rejects: TextIO, report: ImportReport) -> None:
        mapping = project.import_
        self._project, self._now, self._rejects, self.report = project, now, rejects, report
        self._columns = {name: mapping.columns.get(name, name) for name in project.fields}
        self._used = {*self._columns.values(), *mapping.gold.values(), mapping.id}

    def ready(
        self, rows: Iterable[Record | Reject], on_row: Callable[[int], None] | None
    ) -> Iterator[_Ready]:
        any_good = False
        for count, row in enumerate(rows, 1):
            if on_row is not None and count % 1000 == 0:
                on_row(count)
            if isinstance(row, Reject):
                self._write(row.line, row.reason, row.raw)
                continue
            if not any_good:
                self._check_columns(row)
                any_good = True
            try:
                yield self._item(row)
            except _BadRow as error:
                self.reject(row.line, str(error), row.values)

    def reject(self, line: int, reason: str, values: Mapping[str, object]) -> None:
        self._write(line, reason, values)

    def _write(self, line: int, reason: str, row: object) -> None:
        self.report.rejected += 1
        if len(self.report.first_rejects) < 5:
            self.report.first_rejects.append(f"line {line}: {reason}")
        text = json.dumps({"line": line, "reason": reason, "row": row}, ensure_ascii=False)
        self._rejects.write(text + "\n")

    def _check_columns(self, row: Record) -> None:
        """A column that even the first good row lacks is a wrong mapping, not a bad row."""
        needed = [*self._columns.values(), self._project.import_.id]
        missing = [c for c in needed if c is not None and c not in row.values]
        if missing:
            raise AnnotateError(
                f"line {row.line} has no column {', '.join(map(repr, missing))}; it has "
                f"{', '.join(map(repr, row.values))}. Name the right columns in the project "
                "file under `import:`, or with --column FIELD=COLUMN and --id COLUMN"
            )

    def _item(self, row: Record) -> _Ready:
        project = self._project
        fields = {name: self._text(row, name, column) for name, column in self._columns.items()}
        if not any(text.strip() for text in fields.values()):
            raise _BadRow("every field is empty. Remove the row")
        content = digest(fields)
        key = self._key(row, content)
        item = Item(
            id=digest(project.project, key),
            project=project.project,
            position=-1,
            key=key,
            content_hash=content,
            fields=fields,
            metadata={k: v for k, v in row.values.items() if k not in self._used},
            created_at=self._now,
        )
        return _Ready(row.line, item, tuple(self._gold(row, fields)), row.values)

    def _text(self, row: Record, name: str, column: str) -> str:
        value = row.values.get(column)
        if value is None:
            raise _BadRow(f"column {column!r} (field {name}) is missing. Fill it or remove the row")
        if isinstance(value, bool | int | float):
            value = json.dumps(value)
        if isinstance(value, list | dict) and self._project.shows[name].show in STRUCTURED:
            value = json.dumps(value, ensure_ascii=False)
        if not isinstance(value, str):
            kind = {"dict": "an object", "list": "a list"}.get(type(value).__name__, "no text")
            raise _BadRow(
                f"column {column!r} (field {name}) is {kind}. A field holds text, or JSON where "
                "the project file says `show: chat` or `show: pairs`"
            )
        limit = self._project.import_.max_chars
        if len(value) > limit:
            raise _BadRow(
                f"column {column!r} (field {name}) has {len(value):,} characters; the limit is "
                f"{limit:,}. Shorten it or raise `import.max_chars`"
            )
        return value

    def _key(self, row: Record, content: str) -> str:
        column = self._project.import_.id
        if column is None:
            return f"content:{content}"
        value = row.values.get(column)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise _BadRow(
                f"id column {column!r} holds {_shown(value)}. An id is text or a whole number"
            )
        return f"id:{value}"

    def _gold(self, row: Record, fields: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
        for name, column in self._project.import_.gold.items():
            value = row.values.get(column)
            if value is None or value == "":
                continue
            try:
                yield name, _answer(self._project.question(name), value, fields)
            except InvalidValue as error:
                raise _BadRow(
                    f"column {column!r} (gold of {name}): {error}. Correct it or leave it empty"
                ) from error


def _answer(question: QuestionSettings, value: object, fields: Mapping[str, str]) -> Value:
    """What a cell says: as it stands, or as JSON, since tables hold text where answers may not be.

    Raises InvalidValue.
    """
    try:
        return accept(question, value, fields)
    except InvalidValue:
        if not isinstance(value, str):
            raise
        try:
            given = json.loads(value)
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, list | dict | int):
            raise
    return accept(question, given, fields)


class _BadRow(Exception):
    """This row cannot be an item; the message says why and what to do."""


def _batches(ready: Iterator[_Ready]) -> Iterator[list[_Ready]]:
    while batch := list(islice(_until_full(ready), BATCH)):
        yield batch


def _until_full(ready: Iterator[_Ready]) -> Iterator[_Ready]:
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


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
