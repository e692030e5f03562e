"""The labels -> a file: streamed, of one moment, complete or not there at all."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from annotate.clock import iso
from annotate.errors import AnnotateError, NotFound
from annotate.exporters import (
    EXPORTERS,
    Dropped,
    Exporter,
    ExportRow,
    Options,
    Record,
)
from annotate.exporters.history import COLUMN
from annotate.exporters.history import history as history_of
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.export_facts import Facts, facts_of
from annotate.workflow.promise_status import statement
from annotate.workflow.settling import settle
from annotate.workspace import require_items

LACKS_FIELD = "the item lacks a field of the project file: import it again"


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. `dropped`: reason -> how many records were not made for it, most first.

    items: how many the project has. path: None when it went to a stream. at: UTC ISO text.
    promises: question -> what is promised of its labels, in one sentence, as of the same moment.
    """

    items: int
    rows: int
    dropped: Mapping[str, int]
    path: Path | None
    at: str
    promises: Mapping[str, str] = field(default_factory=dict)

    def summary(self) -> str:
        """One line: the rows, and why there are not more.

        >>> ExportReport(3, 0, {"not routed yet": 3}, None, "").summary()
        '0 rows from 3 items; left out: 3 not routed yet'
        """
        left_out = ", ".join(f"{count} {why}" for why, count in self.dropped.items())
        rows = f"{self.rows} row{'' if self.rows == 1 else 's'}"
        items = f"{self.items} item{'' if self.items == 1 else 's'}"
        return f"{rows} from {items}" + (f"; left out: {left_out}" if left_out else "")


def export(
    store: Store,
    project: Project,
    exporter_name: str,
    out: Path | TextIO,
    *,
    actor: Person,
    now: datetime,
    question: str | None = None,
    history: bool = False,
    guard_formulas: bool = False,
    on_item: Callable[[int], None] | None = None,
) -> ExportReport:
    """Write one of EXPORTERS, ordered by item, then question; the same state gives the same bytes.

    A file appears when it is complete: until then, and after an error, the old one stays. What
    others write meanwhile is not in it. A promise whose audit is finished is settled first.
    question: only this one. history: add the column `meta`. on_item: gets how many items have been
    read, every 100.

    Raises NotAllowed, NotFound for an unknown format or question, and AnnotateError when there
    are no items, an option means nothing for the format, or the file cannot be written.
    """
    require(actor, "export")
    job = _job(project, exporter_name, question, history, guard_formulas)
    for each in job.questions:
        settle(store, project, each, actor=actor, now=now)
    tally = _Tally()
    with _reading(store, project, job, tally, on_item) as records, _opened(out, job) as stream:
        promises = {each.name: statement(store, project, each) for each in job.questions}
        job.exporter.write(records, job.columns, stream, job.options)
    path = out if isinstance(out, Path) else None
    dropped = dict(tally.dropped.most_common())
    return ExportReport(tally.items, tally.rows, dropped, path, iso(now), promises)


def preview(
    store: Store,
    project: Project,
    exporter_name: str,
    *,
    actor: Person,
    limit: int = 5,
    question: str | None = None,
    history: bool = False,
    guard_formulas: bool = False,
) -> str:
    """The text that a file of `export` would begin with: `limit` rows, and a header if it has one.

    Raises as `export` does.
    """
    require(actor, "export")
    job = _job(project, exporter_name, question, history, guard_formulas)
    out = io.StringIO(newline="")
    with _reading(store, project, job, _Tally(), None) as records:
        job.exporter.write(islice(records, limit), job.columns, out, job.options)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Job:
    """What was asked for, checked."""

    exporter: Exporter
    options: Options
    questions: Sequence[QuestionSettings]
    columns: tuple[str, ...]
    history: bool


def _job(
    project: Project, name: str, question: str | None, history: bool, guard_formulas: bool
) -> _Job:
    exporter = _exporter(name)
    options = _options(name, exporter, guard_formulas)
    columns = exporter.columns(project) + ((COLUMN,) if history else ())
    return _Job(exporter, options, _questions(project, question), columns, history)


def _exporter(name: str) -> Exporter:
    if name not in EXPORTERS:
        raise NotFound(f"no export format {name!r}; there are: {', '.join(EXPORTERS)}")
    return EXPORTERS[name]


def _options(name: str, exporter: Exporter, guard_formulas: bool) -> Options:
    if guard_formulas and "guard_formulas" not in exporter.options:
        raise AnnotateError(f"{name} has no spreadsheet cells to guard: leave out guard_formulas")
    return Options(guard_formulas)


def _questions(project: Project, name: str | None) -> Sequence[QuestionSettings]:
    chosen = [q for q in project.questions if name in (None, q.name)]
    if not chosen:
        names = ", ".join(q.name for q in project.questions)
        raise NotFound(f"no question {name!r} in {project.project!r}; there are: {names}")
    return chosen


@dataclass(slots=True)
class _Tally:
    """Items read, records made, and those that were not, by reason."""

    items: int = 0
    rows: int = 0
    dropped: Counter[str] = field(default_factory=Counter)


@contextmanager
def _reading(
    store: Store,
    project: Project,
    job: _Job,
    tally: _Tally,
    on_item: Callable[[int], None] | None,
) -> Iterator[Iterator[Record]]:
    """The records of one moment. Cursors are closed before the snapshot ends, whatever happens."""
    with store.snapshot():
        require_items(store, project)
        with closing(facts_of(store, project, job.questions)) as facts:
            yield _records(facts, job, tally, on_item)


def _records(
    facts: Iterator[Facts], job: _Job, tally: _Tally, on_item: Callable[[int], None] | None
) -> Iterator[Record]:
    for item_facts in facts:
        tally.items += 1
        for row in item_facts:
            yield from _of_row(row, job, tally)
        if on_item is not None and tally.items % 100 == 0:
            on_item(tally.items)


def _of_row(row: ExportRow, job: _Job, tally: _Tally) -> Iterator[Record]:
    lacks = any(name not in row.item.fields for name in row.project.fields)
    made = iter([Dropped(LACKS_FIELD)]) if lacks else job.exporter.records(row)
    for record in made:
        if isinstance(record, Dropped):
            tally.dropped[record.why] += 1
            continue
        tally.rows += 1
        yield {**record, COLUMN: history_of(row)} if job.history else record


@contextmanager
def _opened(out: Path | TextIO, job: _Job) -> Iterator[TextIO]:
    """A stream to write to; a file takes its place when it is complete and on the disk."""
    if not isinstance(out, Path):
        yield out
        return
    _check_target(out, job.exporter.suffix)
    target = out.resolve()  # behind a link: the link itself stays
    try:
        with TemporaryDirectory(prefix=".export-", dir=target.parent) as folder:
            part = Path(folder) / target.name
            with part.open("w", encoding="utf-8", newline="") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(target)
    except OSError as error:
        raise AnnotateError(
            f"{out}: cannot be written ({error.strerror or error}). Choose another place"
        ) from error


def _check_target(out: Path, suffix: str) -> None:
    """A slip of the pen must not put an export in the place of the database."""
    if out.is_dir():
        raise AnnotateError(f"{out} is a folder: name a file, as in {out / ('export' + suffix)}")
    if out.exists() and out.suffix.lower() != suffix:
        raise AnnotateError(
            f"{out} is already there and is no {suffix} file: choose a name that ends in {suffix}"
        )
