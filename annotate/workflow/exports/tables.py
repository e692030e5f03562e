"""The tables of an export while it runs: records in, files and counts out."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, TextIO

from annotate.exporters import DIALECTS, Dialect, Dropped, ExportRow, Part, Record, WrittenPart
from annotate.exporters.forms import FORMS, Sheet
from annotate.project import Project
from annotate.training.passport import COLUMN
from annotate.training.protocol import Made
from annotate.workflow.exports.report import SHOWN, Length, Lengths, WrittenFile, measure


class Hashed:
    """A stream that knows how much went through it, and its digest."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._sha, self.bytes = out, hashlib.sha256(), 0

    def write(self, data: bytes, /) -> int:
        self._sha.update(data)
        self.bytes += len(data)
        return self._out.write(data)

    @property
    def sha256(self) -> str:
        return self._sha.hexdigest()


class Sink(Protocol):
    """Where the records of an outlet go."""

    def write(self, records: Sequence[Record]) -> None:
        """Some more, in order."""

    def close(self) -> None:
        """There are no more, of any outlet of the table."""


@dataclass(slots=True)
class Outlet:
    """One file of a table. writer: None where rows are only counted."""

    path: str
    split: str
    stream: Hashed | None = None
    writer: Sink | None = None
    rows: int = 0
    batch: list[Record] = field(default_factory=list)

    def flush(self, table: Table) -> None:
        if not self.batch:
            return
        measure(table.lengths, table.sheet.columns, self.batch)
        if self.writer is not None:
            self.writer.write(self.batch)
        self.rows += len(self.batch)
        self.batch = []


@dataclass(slots=True)
class Table:
    """One dialect and form on its way to one file, or one for each split."""

    part: Part
    dialect: Dialect
    sheet: Sheet
    passport: bool
    labels: Mapping[str, tuple[str, ...]]
    outlets: dict[str, Outlet]
    lengths: dict[str, Lengths] = field(default_factory=dict)
    item_id: str = ""

    def take(self, record: Record, split: str, item_id: str) -> None:
        """A batch is written between two items: the records of one stand together in it."""
        batch, joined = self.outlets[split].batch, self.dialect.joined
        if joined is not None and batch and item_id == self.item_id:
            batch[-1] = joined(batch[-1], record)
        else:
            batch.append(record)
        self.item_id = item_id

    def flush(self) -> None:
        for outlet in self.outlets.values():
            outlet.flush(self)

    @property
    def rows(self) -> int:
        return sum(outlet.rows + len(outlet.batch) for outlet in self.outlets.values())


@dataclass(slots=True)
class Drops:
    """What was left out, by reason, with the first items of each; `listed`: where all of them go,
    as JSON Lines."""

    listed: TextIO | None = None
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, row: ExportRow, dialect: str, why: str) -> None:
        self.counts[why] += 1
        shown = self.examples.setdefault(why, [])
        if len(shown) < SHOWN and row.item.id not in shown:
            shown.append(row.item.id)
        if self.listed is not None:
            said = {
                "id": row.id,
                "question": row.question.name,
                "format": dialect,
                "reason": why,
            }
            self.listed.write(json.dumps(said, ensure_ascii=False) + "\n")


def asked_in(project: Project, part: Part) -> Project:
    """The project as far as a table is about it."""
    questions = tuple(one for one in project.questions if part.question in ("", one.name))
    return project.model_copy(update={"questions": questions})


def table_of(
    project: Project, part: Part, paths: Mapping[str, str], *, passport: bool, guard_formulas: bool
) -> Table:
    """paths: split, or "", -> the file of the table, inside its folder."""
    dialect, project = DIALECTS[part.dialect], asked_in(project, part)
    columns = dialect.columns(project) + ((COLUMN,) if passport else ())
    outlets = {split: Outlet(path, split) for split, path in paths.items()}
    labels = dialect.labels(project)
    sheet = Sheet(columns, guard_formulas, dialect.types, labels=labels)
    return Table(part, dialect, sheet, passport, labels, outlets)


def paths_of(part: Part, splits: Sequence[str], *, alone: bool, below: str = "") -> dict[str, str]:
    """split -> file. A table alone is named by its splits; among others they are in its folder.

    >>> paths_of(Part("pairs", "labels", "jsonl"), ("train", "test"), alone=False)
    {'train': 'pairs/train.jsonl', 'test': 'pairs/test.jsonl'}
    >>> paths_of(Part("pairs", "labels", "csv"), (), alone=True)
    {'': 'pairs.csv'}
    """
    suffix = FORMS[part.form].suffix
    if not splits:
        return {"": f"{below}{part.name}{suffix}"}
    folder = below if alone else f"{below}{part.name}/"
    return {name: f"{folder}{name}{suffix}" for name in splits}


def begin(table: Table, outlet: Outlet, out: BinaryIO) -> None:
    """Write the outlet's records into an empty stream from now on."""
    outlet.stream = Hashed(out)
    outlet.writer = FORMS[table.part.form].begin(outlet.stream, table.sheet)  # type: ignore[arg-type]


def ended(table: Table) -> list[WrittenFile]:
    """Write what is left and end the files; streams stay open."""
    table.flush()
    found = []
    for outlet in table.outlets.values():
        assert outlet.writer is not None
        assert outlet.stream is not None
        outlet.writer.close()
        found.append(
            WrittenFile(
                outlet.path, outlet.rows, outlet.stream.bytes, outlet.stream.sha256,
                table.part.name, outlet.split,
            )
        )  # fmt: skip
    return found


def parts_written(table: Table, below: str = "") -> list[WrittenPart]:
    """As whoever writes what stands beside is told, who knows of nothing outside of the folder
    `below`; without files that have no row."""
    return [
        WrittenPart(
            table.part,
            outlet.path.removeprefix(below),
            outlet.split,
            outlet.rows,
            table.sheet.columns,
            table.labels,
        )
        for outlet in table.outlets.values()
        if outlet.rows
    ]


def hashed_file(folder: Path, path: str, text: str) -> WrittenFile:
    """Write a text file; its report."""
    data = text.encode()
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)
    return WrittenFile(path, 0, len(data), hashlib.sha256(data).hexdigest())


def lengths_of(tables: Sequence[Table]) -> dict[str, Length]:
    """column -> its lengths; of several tables, under `table/column`."""
    found = {}
    for table in tables:
        before = f"{table.part.name}/" if len(tables) > 1 else ""
        for name, lengths in table.lengths.items():
            result = lengths.result()
            if result is not None:
                found[before + name] = result
    return found


def record_of(dialect: Dialect, made: Made, meta: str | None) -> Record | Dropped:
    """One checked record; with `meta` where it is asked for."""
    assert dialect.record is not None
    found = dialect.record(made)
    if isinstance(found, Dropped):
        return found
    if meta is not None:
        found[COLUMN] = meta
    why = dialect.check(found)
    return found if why is None else Dropped(why)
