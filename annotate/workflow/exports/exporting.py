"""The labels -> files: streamed, of one moment, complete or not there at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TextIO

from annotate.clock import iso
from annotate.errors import AnnotateError
from annotate.exporters import DIALECTS
from annotate.exporters.forms import FORMS
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.consensus.consenting import made_up
from annotate.workflow.exports.lots import Lot, end_in, lot_of, open_in, read, report_of, splittings
from annotate.workflow.exports.places import placed_file, placed_folder, scratch, zip_into
from annotate.workflow.exports.preview import Begins, Preview, preview
from annotate.workflow.exports.report import ExportReport, Length, WrittenFile
from annotate.workflow.exports.request import (
    ZIP,
    Job,
    Request,
    check_name,
    file_name,
    job_of,
    suffix_of,
)
from annotate.workflow.exports.tables import begin, ended
from annotate.workflow.exports.together import Crew, of_one_moment
from annotate.workflow.promises.settling import settle
from annotate.workspace import require_items

__all__ = [
    "Begins",
    "ExportReport",
    "Length",
    "Preview",
    "Request",
    "WrittenFile",
    "counts",
    "export",
    "file_name",
    "preview",
    "suffix_of",
    "write_folder",
    "write_reports",
]

Told = Callable[[int], None] | None


def export(
    store: Store,
    project: Project,
    request: Request,
    out: Path | BinaryIO,
    *,
    actor: Person,
    now: datetime,
    on_item: Told = None,
    drops: TextIO | None = None,
) -> ExportReport:
    """Write a dialect, ordered by item, then question; the same state gives the same bytes.

    A file or folder appears when it is complete: until then, and after an error, the old one stays.
    Several files (splits, dialects that are a folder) go into a folder that is `out`, or into one
    zip when `out` ends in .zip or is a stream. What others write meanwhile is not in it. A promise
    whose audit is finished is settled first, and the consensus made up where that is soon done.
    on_item: gets how many items have been read, every
    100. drops: gets every record that was not made, as JSON Lines.

    Raises NotAllowed, NotFound for an unknown dialect, form or question, and AnnotateError when
    there are no items, what is asked for does not go together, or a file cannot be written.
    """
    require(actor, "export")
    job = job_of(project, request, out.suffix.lower() if isinstance(out, Path) else "")
    _check_out(job, out)
    for question in job.questions:
        settle(store, project, question, actor=actor, now=now)
    _made_up(store, project, job, actor, now)
    with of_one_moment(store, project, [request]) as crew:
        require_items(store, project)
        [lot] = _lots(store, project, {"": job}, actor, drops)
        course = _Course(store, project, lot, actor, iso(now), on_item, crew)
        report = (_several if job.several else _single)(course, out)
    return replace(report, path=out if isinstance(out, Path) else None)


def counts(
    store: Store,
    project: Project,
    request: Request,
    *,
    actor: Person,
    on_item: Told = None,
    drops: TextIO | None = None,
) -> ExportReport:
    """What `export` would report, without a file. Raises as it does."""
    require(actor, "export")
    job = job_of(project, request)
    with of_one_moment(store, project, [request]) as crew:
        require_items(store, project)
        [lot] = _lots(store, project, {"": job}, actor, drops)
        items = _read(store, project, [lot], actor, on_item, crew)
        return report_of(store, project, lot, items, "")


def write_reports(
    store: Store,
    project: Project,
    requests: Mapping[str, Request],
    folder: Path,
    *,
    actor: Person,
    now: datetime,
    on_item: Told = None,
    drops: TextIO | None = None,
    crew: Crew | None = None,
) -> dict[str, ExportReport]:
    """Several exports of one moment in one pass: name -> its report. crew: that reads the moment.

    A request of one file becomes `NAME.suffix` in `folder`, which is there; of several, a folder
    `NAME` in it. Nothing is settled, and nothing taken away after an error: that is the caller's.
    Raises as `export` does.
    """
    require(actor, "export")
    jobs = {name: job_of(project, request) for name, request in requests.items()}
    with store.snapshot(), ExitStack() as stack:
        require_items(store, project)
        lots = _lots(store, project, jobs, actor, drops)
        for lot in lots:
            open_in(lot, folder, stack)
        items = _read(store, project, lots, actor, on_item, crew)
        return {
            name: report_of(
                store,
                project,
                lot,
                items,
                iso(now),
                end_in(store, project, lot, folder, actor=actor),
            )
            for name, lot in zip(jobs, lots, strict=True)
        }


def write_folder(
    store: Store,
    project: Project,
    requests: Mapping[str, Request],
    folder: Path,
    *,
    actor: Person,
    now: datetime,
    on_item: Told = None,
    drops: TextIO | None = None,
) -> list[WrittenFile]:
    """The files that `write_reports` has written, by request."""
    reports = write_reports(
        store, project, requests, folder, actor=actor, now=now, on_item=on_item, drops=drops
    )
    return [file for report in reports.values() for file in report.files]


def _lots(
    store: Store,
    project: Project,
    jobs: Mapping[str, Job],
    actor: Person,
    drops: TextIO | None,
) -> list[Lot]:
    plans = splittings(store, project, jobs.values(), actor=actor)
    return [
        lot_of(
            project, job, plans[job.request.splits] if job.request.splits else None,
            name=name, drops=drops,
        )
        for name, job in jobs.items()
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Course:
    """A checked export on its way."""

    store: Store
    project: Project
    lot: Lot
    actor: Person
    at: str
    on_item: Told
    crew: Crew | None

    def into(self, stream: BinaryIO) -> ExportReport:
        """Its one file, into a stream."""
        [table] = self.lot.tables
        begin(table, table.outlets[""], stream)
        items = self._read()
        return self._report(items, ended(table))

    def beneath(self, folder: Path) -> ExportReport:
        """Its several files, into a folder."""
        with ExitStack() as stack:
            open_in(self.lot, folder, stack)
            items = self._read()
            files = end_in(self.store, self.project, self.lot, folder, actor=self.actor)
            return self._report(items, files)

    def _read(self) -> int:
        return _read(self.store, self.project, [self.lot], self.actor, self.on_item, self.crew)

    def _report(self, items: int, files: Sequence[WrittenFile]) -> ExportReport:
        return report_of(self.store, self.project, self.lot, items, self.at, files)


def _read(
    store: Store,
    project: Project,
    lots: Sequence[Lot],
    actor: Person,
    on_item: Told,
    crew: Crew | None,
) -> int:
    """The one pass, by several processes where they are there."""
    go = read if crew is None else crew.read
    return go(store, project, lots, actor=actor, on_item=on_item)


def _made_up(store: Store, project: Project, job: Job, actor: Person, now: datetime) -> None:
    """Bring the consensus up to date where an export tells of it, as pages do."""
    if any(DIALECTS[part.dialect].consensus for part in job.parts):
        made_up(store, project, job.questions, actor=actor, now=now)


def _check_out(job: Job, out: Path | BinaryIO) -> None:
    if job.several and isinstance(out, Path) and out.suffix.lower() not in ("", ZIP):
        raise AnnotateError(
            f"{out}: this export is several files: name a folder, as in {out.with_suffix('')}, or "
            f"a zip, as in {out.with_suffix(ZIP).name}"
        )
    if not job.several and isinstance(out, Path):
        check_name(job, out)


def _single(course: _Course, out: Path | BinaryIO) -> ExportReport:
    if not isinstance(out, Path):
        return course.into(out)
    [part] = course.lot.job.parts
    with placed_file(out, FORMS[part.form].suffixes) as path, path.open("wb") as stream:
        return course.into(stream)


def _several(course: _Course, out: Path | BinaryIO) -> ExportReport:
    if not isinstance(out, Path):
        with scratch(None) as folder:
            report = course.beneath(folder)
            zip_into(out, folder)
            return report
    if out.suffix.lower() != ZIP:
        with placed_folder(out) as folder:
            return course.beneath(folder)
    with placed_file(out, (ZIP,)) as path, scratch(path.parent) as folder:
        report = course.beneath(folder)
        with path.open("wb") as stream:
            zip_into(stream, folder)
        return report
