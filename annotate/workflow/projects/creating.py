"""A new project: what was chosen becomes a project file, complete or not there at all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from annotate.errors import AnnotateError, WorkspaceError
from annotate.model import Person
from annotate.people import require
from annotate.project import Project, load_project, parse_project
from annotate.project.drafting import written
from annotate.project.prices import load_prices
from annotate.store import Store
from annotate.workspace import Workspace, record_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What somebody chose for a new project.

    columns: field -> column. shows: field -> how it is shown, where that is not as text. gold:
    question -> column. questions, llm: as a project file has them. budget: share of the items for
    people, 0 to 1. format: the tool that the data file is an export of.
    """

    name: str
    title: str
    columns: Mapping[str, str]
    questions: Sequence[Mapping[str, Any]]
    language: str = "en"
    guideline: str = ""
    shows: Mapping[str, str] | None = None
    id: str | None = None
    gold: Mapping[str, str] | None = None
    llm: Mapping[str, Any] | None = None
    budget: float = 0.3
    per_item: int = 1
    format: str | None = None

    def said(self) -> dict[str, Any]:
        """The keys of the project file, in the order in which people read it."""
        shows = self.shows or {}
        fields = [
            {"name": name, "show": shows[name]} if shows.get(name, "text") != "text" else name
            for name in self.columns
        ]
        import_ = {
            **({"format": self.format} if self.format is not None else {}),
            **({"id": self.id} if self.id is not None else {}),
            "columns": dict(self.columns),
            **({"gold": dict(self.gold)} if self.gold else {}),
        }
        return {
            "project": self.name,
            "title": self.title,
            "language": self.language,
            **({"guideline": self.guideline} if self.guideline.strip() else {}),
            "fields": fields,
            "import": import_,
            "questions": [dict(one) for one in self.questions],
            "llm": dict(self.llm or {"provider": "local"}),
            "routing": {"policy": "budget", "budget": self.budget, "audit": 0.05},
            "people": {"per_item": self.per_item},
        }


def draft(folder: Path, choices: Choices, *, actor: Person) -> tuple[str, Project]:
    """The text of the project file, and the project that it is.

    Raises NotAllowed, and InvalidProject with every problem that `coannotate check` would name.
    """
    require(actor, "create projects")
    text = written(choices.said())
    name = f"{choices.name or 'project'}.task.yaml"
    return text, parse_project(text, name=name, prices=load_prices(folder))


def create(
    workspace: Workspace, store: Store, choices: Choices, *, actor: Person, now: datetime
) -> tuple[Path, Project]:
    """Write the file of a new project into the workspace: complete, or not at all.

    Raises what `draft` does, and AnnotateError where the name is taken: by another file, or by
    items that are still in the database.
    """
    require(actor, "create projects")
    text, project = draft(workspace.folder, choices, actor=actor)
    path = workspace.folder / f"{project.project}.task.yaml"
    with workspace.alone("create"):
        refuse_taken(workspace, store, project.project)
        _publish(path, text)
    record_version(store, path, project, now=now)
    return path, project


def refuse_taken(workspace: Workspace, store: Store, name: str) -> None:
    """Raises AnnotateError when a project of this name is here, or was.

    Upper and lower case are one: not every disk tells file names apart by it.
    """
    remedy = "choose another short id"
    for path in workspace.task_files():
        if name.casefold() in (_called(path), path.name.removesuffix(".task.yaml").casefold()):
            raise AnnotateError(f"project {name!r} is there already ({path.name}): {remedy}")
    if store.items.count(name):
        raise AnnotateError(
            f"the database still holds items of a project {name!r} whose file is gone: {remedy}, "
            "or put its file back"
        )


def _called(path: Path) -> str:
    """The name of the project in a file; empty for a file with mistakes."""
    try:
        return load_project(path).project.casefold()
    except AnnotateError:
        return ""


def _publish(path: Path, text: str) -> None:
    """Written in full elsewhere first; takes its place only where nothing is."""
    try:
        with TemporaryDirectory(prefix=".create-", dir=path.parent) as folder:
            part = Path(folder) / path.name
            with part.open("w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            if path.exists():
                raise AnnotateError(f"{path} is there already: choose another short id")
            part.rename(path)
    except OSError as error:
        raise WorkspaceError(
            f"{path} cannot be written ({error.strerror or error}). Check the folder's rights "
            "and the space on the disk"
        ) from error
