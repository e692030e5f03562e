"""Change a project's file, as a version with an author and a reason; look at versions; go back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from annotate.errors import AnnotateError, Conflict, NotFound, NothingToDo
from annotate.hashing import digest
from annotate.model import Person
from annotate.people import require
from annotate.project import Project, parse_project
from annotate.project.differing import told_of_texts, unified
from annotate.project.disk import Stored, normal, put, stored
from annotate.project.editing import edited
from annotate.project.overtaken import overtaken
from annotate.project.prices import load_prices
from annotate.project.tree import KeyPath, dotted
from annotate.store import Store
from annotate.store.versions import Version, VersionKind
from annotate.workspace import add_version, record_version

LONGEST_REASON = 500
ID = "project"

Changes = Mapping[KeyPath, object]
"""Where in the file -> what shall stand there, as `annotate.project.editing.edited` takes it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A change that nobody has made yet. told: what would be different, in words; empty where only
    comments or the layout would. difference: line by line."""

    project: Project
    told: tuple[str, ...]
    difference: str


def revise(
    store: Store,
    path: Path,
    project: Project,
    changes: Changes,
    *,
    reason: str,
    actor: Person,
    now: datetime,
    base: str | None = None,
) -> Project:
    """The project with these changes, written to its file and kept as a version.

    base: hash of the version that the actor began from, where that may not be the one in force;
    what others changed since stays, unless it is what is changed here.
    Nothing is written unless the result is a good project file. Raises NotAllowed; InvalidProject
    with every problem; Conflict when the file is no longer the one `project` was read from, or
    `base` is overtaken; NothingToDo when nothing would change; WorkspaceError when the file cannot
    be written; AnnotateError without a reason.
    """
    require(actor, "edit projects")

    def make(old: Stored) -> str:
        _refuse_overtaken(store, project, old, changes, base)
        return edited(old.text, _clean(changes), name=path.name)

    return _bring_in(store, path, project, make, "edited", reason=reason, actor=actor, now=now)


def plan(store: Store, path: Path, project: Project, changes: Changes, *, actor: Person) -> Plan:
    """What `revise` would do; nothing is written. Raises as `revise` does."""
    require(actor, "edit projects")
    old = _as_loaded(store, path, project)
    text = old.with_ends(edited(old.text, _clean(changes), name=path.name))
    new = _checked(path, project, text)
    names = (f"{path.name} as it is", f"{path.name} as it would be")
    told = told_of_texts(old.normal, normal(text))
    return Plan(new, told, unified(old.normal, normal(text), names=names))


def restore(
    store: Store,
    path: Path,
    project: Project,
    number: int,
    *,
    reason: str,
    actor: Person,
    now: datetime,
) -> Project:
    """The project as it was in an earlier version, all of the file, kept as a new version.

    Raises as `revise` does, NotFound for a version that is not there, and InvalidProject where an
    old file is no longer a good one.
    """
    require(actor, "edit projects")
    text = _text(store, project, number)
    return _bring_in(
        store, path, project, lambda _: text, "restored", reason=reason, actor=actor, now=now
    )


def versions(store: Store, project: Project, *, actor: Person) -> list[Version]:
    """Every version of the project's file, newest first. Raises NotAllowed.

    What is different is told even of versions that were recorded before that was kept.
    """
    require(actor, "review")
    found = store.versions.all(project.project)
    return [_explained(store, one, found[at + 1 :]) for at, one in enumerate(found)]


def difference(store: Store, project: Project, a: int, b: int, *, actor: Person) -> str:
    """A unified diff of two versions, "" where they have the same text. Raises NotFound."""
    require(actor, "review")
    names = (f"version {a}", f"version {b}")
    return unified(_text(store, project, a), _text(store, project, b), names=names)


def text_of(store: Store, project: Project, number: int, *, actor: Person) -> str:
    """The project file as it was in this version. Raises NotFound."""
    require(actor, "review")
    return _text(store, project, number)


def _bring_in(
    store: Store,
    path: Path,
    project: Project,
    make: Callable[[Stored], str],
    kind: VersionKind,
    *,
    reason: str,
    actor: Person,
    now: datetime,
) -> Project:
    """Write the text that `make` gives; file and record change together, one change at a time."""
    reason = _reason(reason)
    record_version(store, path, project, now=now)  # a change by hand before this one is kept
    with store.transaction():
        old = _as_loaded(store, path, project)
        text = old.with_ends(make(old))
        if text == old.text:
            raise NothingToDo(f"{path.name} says that already: nothing would change")
        new = _checked(path, project, text)
        add_version(
            store,
            project.project,
            normal(text),
            kind=kind,
            person=actor.name,
            reason=reason,
            now=now,
        )
        put(path, text, instead_of=old)
    return new


def _reason(given: str) -> str:
    reason = " ".join(given.split())
    if not reason:
        raise AnnotateError("a change of the project needs a reason: say why, in one sentence")
    if len(reason) > LONGEST_REASON:
        raise AnnotateError(
            f"a reason has at most {LONGEST_REASON} characters, not {len(reason)}: shorten it"
        )
    return reason


def _clean(changes: Changes) -> Changes:
    """Line ends as YAML has them, whatever a browser or a file sent."""
    return {
        path: normal(value) if isinstance(value, str) else value for path, value in changes.items()
    }


def _as_loaded(store: Store, path: Path, project: Project) -> Stored:
    """The file on disk, which must say what `project` says. Raises Conflict."""
    old = stored(path)
    prices = load_prices(path.parent)
    if parse_project(old.normal, name=str(path), prices=prices).model_dump() == (
        project.model_dump()
    ):
        return old
    raise Conflict(
        f"{path.name} has changed since you began{_by(store, project)}: look at it as it is now "
        "and make your change again; nothing was overwritten"
    )


def _by(store: Store, project: Project) -> str:
    last = store.versions.last(project.project)
    if last is None or last.person is None:
        return " (on disk)"
    return f" ({last.person}, {last.created_at[:16].replace('T', ' ')} UTC)"


def _refuse_overtaken(
    store: Store, project: Project, old: Stored, changes: Changes, base: str | None
) -> None:
    """Raises Conflict where somebody has changed since `base` what is to be changed now."""
    if base is None or base == digest(old.normal):
        return
    began = store.versions.text(project.project, base)
    if began is None:
        raise NotFound(f"no version {base!r} of {project.project}: open the page anew")
    for path in overtaken(began, old.normal, changes):
        raise Conflict(
            f"{dotted(path)} has changed since you began{_by(store, project)}: compare it with "
            "yours and make your change again; nothing was overwritten"
        )


def _checked(path: Path, project: Project, text: str) -> Project:
    """The project in `text`, with this workspace's prices. Raises InvalidProject."""
    new = parse_project(normal(text), name=str(path), prices=load_prices(path.parent))
    if new.project != project.project:
        raise AnnotateError(
            f"`{ID}: {project.project}` is the name of its items and answers, and cannot become "
            f"{new.project!r}: change `title`, which is what people see"
        )
    return new


def _text(store: Store, project: Project, number: int) -> str:
    found = store.versions.numbered(project.project, number)
    text = None if found is None else store.versions.text(project.project, found.hash)
    if text is None:
        raise NotFound(
            f"{project.project} has no version {number}: `coannotate guideline versions` lists them"
        )
    return text


def _explained(store: Store, version: Version, earlier: list[Version]) -> Version:
    if version.told is not None or not earlier:
        return version
    before = store.versions.text(version.project, earlier[0].hash) or ""
    text = store.versions.text(version.project, version.hash) or ""
    return replace(version, told=told_of_texts(before, text))
