"""Rows of a file -> items that are ready to be stored, by the project's column mapping."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from annotate.errors import AnnotateError, InvalidValue
from annotate.hashing import digest
from annotate.importers import Record, Reject
from annotate.model import Item, Value
from annotate.project import Project
from annotate.project.settings import STRUCTURED
from annotate.questions import QuestionSettings, accept
from annotate.workflow.imports.bringing import Brought

SHOWN_CHARS = 80


@dataclass(slots=True)
class ImportReport:
    """What became of the rows. already_there: items, and plain rows that repeat one."""

    added: int = 0
    already_there: int = 0
    rejected: int = 0
    first_rejects: list[str] = field(default_factory=list)
    brought: Brought = field(default_factory=Brought)

    @property
    def left_out(self) -> int:
        """Lines of the reject file: rows, and answers that came along with good rows."""
        return self.rejected + self.brought.refused


@dataclass(frozen=True, slots=True)
class Ready:
    """bare: the row names its item alone, and has answers for it."""

    row: Record
    item: Item
    gold: tuple[tuple[str, Value], ...]
    bare: bool = False

    @property
    def line(self) -> int:
        return self.row.line

    @property
    def values(self) -> Mapping[str, object]:
        return self.row.values


class Reader:
    """Rows -> items, by the project's column mapping."""

    def __init__(self, project: Project, now: str, rejects: TextIO, report: ImportReport) -> None:
        mapping = project.import_
        self._project, self._now, self._rejects, self.report = project, now, rejects, report
        self._columns = {name: mapping.columns.get(name, name) for name in project.fields}
        self._used = {*self._columns.values(), *mapping.gold.values(), mapping.id}

    def ready(
        self, rows: Iterable[Record | Reject], on_row: Callable[[int], None] | None
    ) -> Iterator[Ready]:
        any_good = False
        for count, row in enumerate(rows, 1):
            if on_row is not None and count % 1000 == 0:
                on_row(count)
            if isinstance(row, Reject):
                self._write(row.line, row.reason, row.raw)
                continue
            bare = bool(row.said) and not any(c in row.values for c in self._columns.values())
            if not any_good and not bare:
                self._check_columns(row)
                any_good = True
            try:
                yield self._bare(row) if bare else self._item(row)
            except _BadRow as error:
                self.reject(row.line, str(error), row.values)

    def reject(self, line: int, reason: str, values: Mapping[str, object]) -> None:
        self._write(line, reason, values)

    def _write(self, line: int, reason: str, row: object) -> None:
        self.report.rejected += 1
        self.refuse(line, reason, row)

    def refuse(self, line: int, reason: str, row: object) -> None:
        """Write a line of the reject file."""
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

    def _item(self, row: Record) -> Ready:
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
        return Ready(row, item, tuple(self._gold(row, fields)))

    def _bare(self, row: Record) -> Ready:
        """A row of answers for an item that is there, or comes in another row."""
        if self._project.import_.id is None:
            raise _BadRow("answers without the item's text. Say `import.id` in the project file")
        item = Item(
            id=digest(self._project.project, self._key(row, "")),
            project=self._project.project,
            position=-1,
            key=self._key(row, ""),
            content_hash="",
            fields={},
            metadata={},
            created_at=self._now,
        )
        return Ready(row, item, (), bare=True)

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
                f"id column {column!r} holds {shown(value)}. An id is text or a whole number"
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


def shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
