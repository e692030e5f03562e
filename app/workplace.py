"""Where commands and pages work: a folder with its projects and database, a clock, ids."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from annotate.project import Project
from annotate.store import Store
from annotate.workspace import Workspace, record_version
from app.config import Config, from_environment


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Workplace:
    """What everybody works with; tests put their own clock and ids in.

    `Services` is this and a model: two seconds of imports that most commands do without.
    """

    config: Config
    now: Callable[[], datetime] = _now
    new_id: Callable[[], str] = _new_id

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.config.folder)

    @contextmanager
    def open(self, name: str | None = None) -> Iterator[tuple[Store, Project]]:
        """The database and one project of the workspace (the only one when unnamed)."""
        path, project = self.workspace.project(name)
        with self.workspace.open() as store:
            record_version(store, path, project, now=self.now())
            yield store, project

    def alone(self, project: Project) -> AbstractContextManager[None]:
        """Hold a project's pre-labelling: two runs at once would pay twice. Raises Busy."""
        return self.workspace.alone(f"prelabel-{project.project}")


def workplace_for(folder: Path | None) -> Workplace:
    """The workspace in `folder`; None: where the environment says, else the current folder."""
    return Workplace(from_environment(folder))
