"""A workspace: one folder with project files and the database of what was done with them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout

from annotate.clock import iso
from annotate.errors import AnnotateError, Busy, NotFound, WorkspaceError
from annotate.hashing import digest
from annotate.model import Item
from annotate.project import Project, load_project
from annotate.project.differing import told_of_texts
from annotate.store import Store, open_store
from annotate.store.versions import Version, VersionKind

DATABASE = "coannotate.db"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Project files are `task.yaml` and `*.task.yaml` right in `folder`."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    def task_files(self) -> list[Path]:
        if not self.folder.is_dir():
            raise WorkspaceError(
                f"{self.folder} is no folder: `coannotate init --dir DIR` makes it"
            )
        return sorted({*self.folder.glob("task.yaml"), *self.folder.glob("*.task.yaml")})

    def usable(self) -> tuple[dict[str, tuple[Path, Project]], list[AnnotateError]]:
        """name -> file and project, of every file that can be used; and what is wrong with others.

        Of two files with one name the first is used.
        """
        found, problems = _usable(self, _as_they_are(self.folder))
        return dict(found), [problem.with_traceback(None) for problem in problems]

    def projects(self) -> list[tuple[Path, Project]]:
        """Every project here. Raises InvalidProject, or WorkspaceError for a name used twice."""
        found, problems = self.usable()
        for problem in problems:
            raise problem
        return list(found.values())

    def project(self, name: str | None) -> tuple[Path, Project]:
        """The project called `name`, or the only one; a neighbour's broken file is no obstacle.

        Raises NotFound with the choice, or what is wrong with a file that may be the one meant.
        """
        found, problems = self.usable()
        if name in found:
            return found[name]
        for problem in problems:
            raise problem
        if not found:
            raise NotFound(
                f"{self.folder} has no task.yaml: `coannotate init` writes one, "
                "or name another folder with --dir"
            )
        names = ", ".join(found)
        if name is not None:
            raise NotFound(f"no project {name!r} in {self.folder}; there are: {names}")
        if len(found) > 1:
            raise NotFound(f"{self.folder} has several projects ({names}): choose with --project")
        return next(iter(found.values()))

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Hold `what` for this process only; a process that dies lets go. Raises Busy."""
        lock = FileLock(self.folder / f".{what}.lock", blocking=False)
        try:
            lock.acquire()
        except Timeout as error:
            raise Busy(
                f"another program is busy with {what} in {self.folder}: wait until it ends, "
                "or stop it; what it has done is kept"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def open(self) -> Store:
        """The database, made when it is not there yet."""
        if not self.folder.is_dir():
            raise WorkspaceError(
                f"{self.folder} is no folder: `coannotate init --dir DIR` makes it"
            )
        return open_store(self.database)

    def read(self) -> Store:
        """The database as it is; nothing can be written. Raises WorkspaceError without one."""
        if not self.database.is_file():
            raise WorkspaceError(
                f"{self.folder} has no {DATABASE} yet: `coannotate import FILE` in it makes one"
            )
        return open_store(self.database, read_only=True)


def _as_they_are(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What changes whenever a file here that says something of a project does."""
    try:
        with os.scandir(folder) as entries:
            files = [(one.name, one.stat()) for one in entries if one.name.endswith(".yaml")]
    except OSError:  # who lists the files says what is wrong
        return ()
    return tuple((name, at.st_mtime_ns, at.st_size, at.st_ino) for name, at in sorted(files))


@lru_cache(maxsize=16)
def _usable(
    workspace: Workspace, files: tuple[object, ...]
) -> tuple[Mapping[str, tuple[Path, Project]], Sequence[AnnotateError]]:
    """Every request asks: the files are only read again when one has changed."""
    found: dict[str, tuple[Path, Project]] = {}
    problems: list[AnnotateError] = []
    for path in workspace.task_files():
        try:
            project = load_project(path)
        except AnnotateError as error:
            problems.append(error)
            continue
        if project.project in found:
            twice = f"{path}: another file here is project {project.project!r} too"
            problems.append(WorkspaceError(twice))
        else:
            found[project.project] = path, project
    return found, problems


def record_version(store: Store, path: Path, project: Project, *, now: datetime) -> None:
    """Keep this text of the project file: prelabels and decisions were made under it.

    A text that another one than `revise` brought in is a version "by hand".
    """
    name = project.project
    last = store.versions.last(name)
    if last is not None and last.hash == digest(read_text(path)):
        return
    with store.transaction():  # who revises holds it until file and record agree again
        text = read_text(path)
        last = store.versions.last(name)
        if last is None or last.hash != digest(text):
            kind: VersionKind = "first" if last is None else "by hand"
            add_version(store, name, text, kind=kind, person=None, reason=None, now=now)


def add_version(
    store: Store,
    project: str,
    text: str,
    *,
    kind: VersionKind,
    person: str | None,
    reason: str | None,
    now: datetime,
) -> Version:
    """Store the text that is in force from now on, and what is different from the one before."""
    last, hash_ = store.versions.last(project), digest(text)
    before = None if last is None else store.versions.text(project, last.hash)
    version = Version(
        project=project,
        number=1 if last is None else last.number + 1,
        hash=hash_,
        kind=kind,
        person=person,
        reason=reason,
        told=None if before is None else told_of_texts(before, text),
        created_at=iso(now),
    )
    with store.transaction():
        store.projects.record(project, text=text, hash=hash_, now=iso(now))
        store.versions.add(version)
    return version


def read_text(path: Path) -> str:
    """The text of a project file as versions have it: line ends as `\\n`, no byte-order mark."""
    return path.read_text("utf-8-sig")


def check_field_change(store: Store, project: Project) -> Iterator[str]:
    """What stored items lack for this version of the project file, as warnings."""
    for item in store.items.page(project.project, limit=1):
        for name in project.fields:
            if name not in item.fields:
                yield f"items imported before have no field {name!r}: import them again"


def require_item(store: Store, project: Project, reference: str) -> Item:
    """The item with this id, or with this id of the user's own. Raises NotFound, whose message is
    short however long what was typed is."""
    item = store.items.find(project.project, reference)
    if item is None:
        told = reference if len(reference) <= 40 else f"{reference[:39]}…"
        raise NotFound(
            f"project {project.project!r} has no item {told!r}: give its id, or the one it had in "
            "your file"
        )
    return item


def require_items(store: Store, project: Project) -> int:
    """How many items the project has; raises AnnotateError when there are none."""
    count = store.items.count(project.project)
    if count == 0:
        raise AnnotateError(
            f"project {project.project!r} has no items yet: `coannotate import FILE` brings them"
        )
    for problem in check_field_change(store, project):
        raise AnnotateError(problem)
    return count
