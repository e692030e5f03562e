"""Jobs about files: import, export, snapshot, backup. What comes of one can be fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from annotate.errors import AnnotateError
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store
from annotate.store.jobs import Job
from annotate.workflow.exports.exporting import ExportReport, Request, counts, export, suffix_of
from annotate.workflow.projects.backing_up import back_up
from annotate.workflow.projects.jobs import Beat
from annotate.workflow.snapshots.snapshotting import create, folder_of
from app.datafiles import REJECTS, UPLOADS, DataFile, import_file, remapped, told, told_more
from app.exported import Drops, counted, keep_report, report_path, request_of
from app.pulsing import Going, with_pulse
from app.workplace import Workplace

EXPORTS, BACKUPS = "exports", "backups"
KEPT, REPORTS_KEPT = 5, 50
"""Files of a kind that stay: each can be made again."""


class Stopped(AnnotateError):
    """Somebody asked the job to stop."""


@dataclass(frozen=True, slots=True)
class Product:
    """What a job leaves: where it is, and what it is called when it is fetched."""

    path: Path
    name: str


def product_of(folder: Path, job: Job) -> Product | None:
    """The file that came, or will come, of a job; None for a job that leaves none."""
    if job.kind == "import":
        return Product(folder / REJECTS / f"{job.id}.jsonl", f"{job.project}.left-out.jsonl")
    if job.kind == "export":
        return _exported(folder, job)
    if job.kind == "backup":
        day = job.created_at[:16].replace(":", "").replace("T", "-")
        return Product(folder / BACKUPS / f"{job.id}.zip", f"coannotate-{day}.zip")
    return None


def _exported(folder: Path, job: Job) -> Product | None:
    """None for an export of an earlier version, in a format that is no more."""
    try:
        request = request_of(job.settings)
        suffix = suffix_of(request)
    except (AnnotateError, TypeError):
        return None
    name = f"{job.project}.{request.dialect}{suffix}"
    return Product(folder / EXPORTS / f"{job.id}{suffix}", name)


def do(services: Workplace, store: Store, job: Job, beat: Beat) -> str:
    """Do a job about files; says in one line what came of it."""
    _, project = services.workspace.project(job.project)
    try:
        return _WORK[job.kind](services, project, job, beat)
    except OSError as error:
        raise AnnotateError(
            f"{job.kind}: {error.strerror or error}. Check the folder's rights and the space on "
            "the disk"
        ) from error


def _import(services: Workplace, project: Project, job: Job, beat: Beat) -> str:
    said, product = job.settings, product_of(services.config.folder, job)
    assert product is not None
    path = services.config.folder / UPLOADS / Path(str(said["upload"])).name
    if not path.is_file():
        raise AnnotateError(f"{said['name']} is no longer here: choose the file again")
    delimiter, columns, id_ = said.get("delimiter"), said.get("columns"), said.get("id")
    mapped = columns if isinstance(columns, dict) else {}
    project = remapped(project, mapped, None if id_ is None else str(id_))
    file = DataFile(
        path=path,
        name=str(said["name"]),
        encoding=str(said.get("encoding", "utf-8")),
        delimiter=None if delimiter is None else str(delimiter),
        format=None if said.get("read_as") is None else str(said["read_as"]),
    )

    def work(own: Store, going: Going) -> str:
        now = services.now()
        report = import_file(
            own, project, file, product.path, actor=operator(now), now=now, going=going
        )
        return "; ".join([told(report), *told_more(report), *report.first_rejects])

    try:
        message = with_pulse(services, work, beat)
    except AnnotateError:
        path.unlink(missing_ok=True)
        raise
    path.unlink(missing_ok=True)  # not in `finally`: a worker that is stopped goes on with it
    return message


def _export(services: Workplace, project: Project, job: Job, beat: Beat) -> str:
    request = request_of(job.settings)
    product = product_of(services.config.folder, job)
    assert product is not None  # else `request_of` has said why

    def work(own: Store, going: Going) -> str:
        def write(drops: Drops) -> ExportReport:
            product.path.parent.mkdir(mode=0o700, exist_ok=True)
            now = services.now()
            return export(
                own, project, request, product.path, actor=operator(now), now=now,
                on_item=_counting(own, project, going), drops=drops,
            )  # fmt: skip

        return _reported(services, own, project, job, write)

    message = with_pulse(services, work, beat)
    _keep_newest(product.path.parent)
    return message


def _count(services: Workplace, project: Project, job: Job, beat: Beat) -> str:
    request = request_of(job.settings)

    def work(own: Store, going: Going) -> str:
        def count(drops: Drops) -> ExportReport:
            return counts(
                own, project, request, actor=operator(services.now()),
                on_item=_counting(own, project, going), drops=drops,
            )  # fmt: skip

        return _reported(services, own, project, job, count)

    return with_pulse(services, work, beat)


def _snapshot(services: Workplace, project: Project, job: Job, beat: Beat) -> str:
    said = job.settings
    requests = [Request.from_json(one) for one in said.get("requests") or []]
    splits = Request.from_json({"dialect": "labels", "splits": said.get("splits")}).splits

    def work(own: Store, going: Going) -> str:
        now = services.now()
        made = create(
            own, project, said.get("name"),
            actor=own.people.named(job.created_by) or operator(now),
            now=now,
            folder=folder_of(services.workspace),
            requests=requests,
            splits=splits,
            comment=said.get("comment"),
            on_item=_counting(own, project, going),
        )  # fmt: skip
        same = f"; nothing has changed since {made.same_as}" if made.same_as else ""
        return f"{made.row.name}: {made.row.labels:,} labels of {made.row.items:,} items{same}"

    return with_pulse(services, work, beat)


def _counting(own: Store, project: Project, going: Going) -> Callable[[int], None]:
    total = own.items.count(project.project)

    def on_item(done: int) -> None:
        if not going(done, total):
            raise Stopped("stopped: nothing was written")

    return on_item


def _reported(
    services: Workplace,
    own: Store,
    project: Project,
    job: Job,
    work: Callable[[Drops], ExportReport],
) -> str:
    """Do it, and keep what it counted for the page."""
    found = counted(own, project, work)
    path = report_path(services.config.folder, job)
    keep_report(path, found)
    _keep_newest(path.parent, REPORTS_KEPT)
    return found.report.summary()


def _backup(services: Workplace, project: Project, job: Job, beat: Beat) -> str:
    product = product_of(services.config.folder, job)
    assert product is not None

    def work(own: Store, going: Going) -> str:
        product.path.parent.mkdir(mode=0o700, exist_ok=True)
        product.path.unlink(missing_ok=True)  # of this job, taken over from a worker that died
        now = services.now()
        report = back_up(
            services.workspace, own, product.path, actor=operator(now), now=now, going=going
        )
        return "stopped: nothing was written" if report is None else report.summary()

    message = with_pulse(services, work, beat)
    _keep_newest(product.path.parent)
    return message


_WORK: dict[str, Callable[[Workplace, Project, Job, Beat], str]] = {
    "import": _import,
    "export": _export,
    "count": _count,
    "snapshot": _snapshot,
    "backup": _backup,
}


def _keep_newest(folder: Path, kept: int = KEPT) -> None:
    files = [path for path in folder.iterdir() if path.is_file()]
    for path in sorted(files, key=lambda path: path.stat().st_mtime_ns)[:-kept]:
        path.unlink(missing_ok=True)
