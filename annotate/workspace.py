"""A workspace: one folder with project files and the database of what was done with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from annotate.clock import iso
from annotate.errors import AnnotateError, Busy, NotFound, WorkspaceError
from annotate.hashing import digest
from annotate.project import Project, load_project
from annotate.store import Store, open_store

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
        found: dict[str, tuple[Path, Project]] = {}
        problems: list[AnnotateError] = []
        for path in self.task_files():
            try:
                project = load_project(path)  # a text that was seen before is not parsed again
            except AnnotateError as error:
                problems.append(error)
            else:
                if project.project in found:
                    problems.append(
                        WorkspaceError(
                            f"{path}: another file here is project {project.project!r} too"
                        )
                    )
                else:
                    found[project.project] = path, project
        return found, problems

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


def record_version(store: Store, path: Path, project: Project, *, now: datetime) -> None:
    """Keep this text of the project file: prelabels and decisions were made under it."""
    text = path.read_text("utf-8-sig")
    hash_ = digest(text)
    if not store.projects.known(project.project, hash_):
        store.projects.record(project.project, text=text, hash=hash_, now=iso(now))


def check_field_change(store: Store, project: Project) -> Iterator[str]:
    """What stored items lack for this version of the project file, as warnings."""
    for item in store.items.page(project.project, limit=1):
        for name in project.fields:
            if name not in item.fields:
                yield f"items imported before have no field {name!r}: import them again"


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
