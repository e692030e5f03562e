"""What an export comes to, counted once for each state of the labels; and files that jobs made."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from annotate.errors import AnnotateError
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.splits.plan import Moved
from annotate.store import Store
from annotate.store.jobs import Job
from annotate.workflow.exports.exporting import Request, counts
from annotate.workflow.exports.report import ExportReport, Length

AT_ONCE_ITEMS = 5_000
"""Up to so many a page counts while it is drawn and the browser waits for the file; beyond, jobs
do both."""
SHOWN = 50
"""Items that are kept of each reason."""
REPORTS = "exports/reports"
MOST = 24
"""Counts that are kept in this process."""

Behind = Mapping[str, tuple[tuple[str, str], ...]]
"""Reason -> the first items that it is about, each by its id with the question's name."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What an export comes to. version: of the labels it was counted at."""

    report: ExportReport
    behind: Behind
    version: str

    def to_json(self) -> str:
        report = asdict(self.report) | {"path": None, "files": []}
        return json.dumps({"report": report, "behind": self.behind, "version": self.version})

    @classmethod
    def from_json(cls, text: str) -> Self:
        said = json.loads(text)
        report = said["report"]
        lengths = {name: Length(*found) for name, found in report["lengths"].items()}
        moved = tuple(Moved(**one | {"shown": tuple(one["shown"])}) for one in report["moved"])
        examples = {why: tuple(found) for why, found in report["examples"].items()}
        known = {"lengths": lengths, "moved": moved, "files": (), "examples": examples}
        behind = {why: tuple(map(_pair, found)) for why, found in said["behind"].items()}
        return cls(ExportReport(**{**report, **known}), behind, said["version"])


def _pair(found: list[str]) -> tuple[str, str]:
    return found[0], found[1]


class Drops(io.StringIO):
    """Takes the JSON Lines of what is left out, and keeps the first of each reason."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, list[tuple[str, str]]] = {}

    def write(self, line: str, /) -> int:
        said = json.loads(line)
        found = self._kept.setdefault(said["reason"], [])
        if len(found) < SHOWN:
            found.append((said["id"], said["question"]))
        return len(line)

    def behind(self) -> Behind:
        return {why: tuple(found) for why, found in self._kept.items()}


def version_of(store: Store, project: Project) -> str:
    """Equal as long as the same export would come to the same."""
    name = project.project
    promises = [
        (one.id, len(store.promises.events(one.id)))
        for question in project.questions
        for one in store.promises.of_question(name, question.name)[-1:]
    ]
    return json.dumps([store.projects.data_version(name), store.projects.newest(name), promises])


def counted(
    store: Store,
    project: Project,
    count: Callable[[Drops], ExportReport],
) -> Counted:
    """What `count` reports, with the items behind what is left out."""
    version, drops = version_of(store, project), Drops()
    report = count(drops)
    return Counted(report, drops.behind(), version)


@dataclass(slots=True)
class Counts:
    """Those of this process, newest last: a page runs again at every click."""

    _kept: dict[tuple[str, str, Request], Counted] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(
        self, folder: Path, store: Store, project: Project, request: Request, *, actor: Person
    ) -> Counted:
        """What this export comes to now. folder: of the workspace. Raises as `counts` does."""
        require(actor, "export")
        key = (str(folder), project.project, request)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept.version == version_of(store, project):
            return kept
        found = counted(
            store, project, lambda drops: counts(store, project, request, actor=actor, drops=drops)
        )
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = found
            while len(self._kept) > MOST:
                del self._kept[next(iter(self._kept))]
        return found


COUNTS = Counts()


# ---- of jobs


def request_of(settings: Mapping[str, Any]) -> Request:
    """What a job was asked to export. Raises AnnotateError for one of an earlier version."""
    if "dialect" not in settings:
        raise AnnotateError(
            "this export was queued by an earlier version, whose formats are no more: choose the "
            "format again under Export"
        )
    return Request.from_json(settings)


def report_path(folder: Path, job: Job) -> Path:
    """Where what a job counted is kept. folder: of the workspace."""
    return folder / REPORTS / f"{job.id}.json"


def keep_report(path: Path, found: Counted) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(found.to_json(), "utf-8")


def report_of(folder: Path, jobs: Iterable[Job], request: Request) -> Counted | None:
    """What the newest of these jobs that made exactly this export has counted, if any has.

    jobs: newest first.
    """
    settings = request.to_json()
    same = (job for job in jobs if job.state == "done" and job.settings == settings)
    return next(filter(None, (_read(report_path(folder, job)) for job in same)), None)


def _read(path: Path) -> Counted | None:
    try:
        return Counted.from_json(path.read_text("utf-8"))
    except (OSError, ValueError, TypeError, KeyError):  # gone, or of another version
        return None
