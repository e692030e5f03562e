"""Snapshots: what a project's labels are at one moment, as files that never change again."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from annotate.clock import iso
from annotate.errors import AnnotateError, NotFound
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.snapshots.comparing import Difference, compare
from annotate.snapshots.manifest import MANIFEST, digest_of
from annotate.snapshots.verifying import OnFile, Verified, check, require_labels
from annotate.splits.plan import SplitPlan
from annotate.store import Store
from annotate.store.snapshots import SnapshotRow
from annotate.workflow.consensus.consenting import made_up
from annotate.workflow.exports.exporting import Request
from annotate.workflow.promises.settling import settle
from annotate.workflow.snapshots.writing import labels_alone, write
from annotate.workspace import Workspace

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
FOLDER = "snapshots"
MAKING, LEFT_S = ".snapshot-", 24 * 3600
NOW = "now"
"""What the present state is called in a comparison."""

OnItem = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot. folder: where its files are. same_as: an earlier one of the same manifest, and
    so of the same bytes; here: whether the folder is there."""

    row: SnapshotRow
    folder: Path
    same_as: str | None
    here: bool


def folder_of(workspace: Workspace) -> Path:
    """Where the snapshots of a workspace are, each project's in a folder of its own."""
    return workspace.folder / FOLDER


def create(
    store: Store,
    project: Project,
    name: str | None = None,
    *,
    actor: Person,
    now: datetime,
    folder: Path,
    requests: Sequence[Request] = (),
    splits: SplitPlan | None = None,
    comment: str | None = None,
    on_item: OnItem | None = None,
) -> Snapshot:
    """Write the labels, every vote and what is asked for, with card and manifest, as read-only
    files into `folder`/PROJECT/NAME; the same state gives the same bytes.

    name: v1, v2, ... without one. splits: of all exports; what a request says of its own goes
    before. The folder appears when it is complete. A promise whose audit is finished is settled
    first, and the consensus made up where that is soon done. Raises NotAllowed, NotFound for an
    export that there is not, and AnnotateError for a name that is taken or cannot be one, without
    items, or where nothing can be written.
    """
    require(actor, "export")
    given, name = name, name or next_name(store, project, folder)
    place = _free(store, project, name, folder)
    for question in project.questions:
        settle(store, project, question, actor=actor, now=now)
    made_up(store, project, project.questions, actor=actor, now=now)
    with _made(place) as making:
        counts = write(
            store, project, requests, making,
            splits=splits, actor=actor, now=now, on_item=on_item,
        )  # fmt: skip
        sha256, size = digest_of(making / MANIFEST)
        row = SnapshotRow(
            project=project.project,
            name=name,
            number=0,
            sha256=sha256,
            items=counts.items,
            labels=counts.labels,
            files=counts.files,
            bytes=counts.bytes + size,
            comment=comment,
            person=actor.name,
            created_at=iso(now),
        )
        with store.transaction():
            if given is None:  # somebody else may have made one meanwhile
                row = replace(row, name=next_name(store, project, folder))
            row = _recorded(store, row)
            making.rename(place.with_name(row.name))
    return _told(row, store.snapshots.of_project(project.project), folder)


def snapshots(store: Store, project: Project, *, actor: Person, folder: Path) -> list[Snapshot]:
    """Those that were made, newest first. Raises NotAllowed."""
    require(actor, "export")
    rows = store.snapshots.of_project(project.project)
    return [_told(row, rows, folder) for row in rows]


def verify(
    store: Store,
    project: Project,
    reference: str,
    *,
    actor: Person,
    folder: Path,
    on_file: OnFile = lambda done, total: None,
) -> Verified:
    """Whether each file is as it was written. reference: a snapshot's name, or a folder with one.

    Raises NotAllowed, NotFound, and UnreadableFile for what is no manifest.
    """
    require(actor, "export")
    place, row = _found(store, project, reference, folder)
    return check(place, None if row is None else row.sha256, on_file)


def diff(
    store: Store,
    project: Project,
    old: str,
    new: str | None = None,
    *,
    actor: Person,
    now: datetime,
    folder: Path,
    on_item: OnItem | None = None,
) -> Difference:
    """What is different. old, new: names, or folders with a snapshot; None: the present state.

    Raises NotAllowed, NotFound, and UnreadableFile for files that are no snapshot's.
    """
    require(actor, "export")
    before = _as_written(store, project, old, folder)
    if new is not None:
        return compare(before, _as_written(store, project, new, folder))
    with TemporaryDirectory(prefix="coannotate-") as space:
        labels_alone(store, project, before, Path(space), actor=actor, now=now, on_item=on_item)
        return compare(before, Path(space))


def _as_written(store: Store, project: Project, reference: str, folder: Path) -> Path:
    place, row = _found(store, project, reference, folder)
    require_labels(place, None if row is None else row.sha256)
    return place


def next_name(store: Store, project: Project, folder: Path) -> str:
    """The first of v1, v2, ... that is neither recorded nor there."""
    taken = {row.name for row in store.snapshots.of_project(project.project)}
    number = len(taken) + 1
    while f"v{number}" in taken or (folder / project.project / f"v{number}").exists():
        number += 1
    return f"v{number}"


def _free(store: Store, project: Project, name: str, folder: Path) -> Path:
    """Where a new snapshot of this name goes."""
    if not NAME.fullmatch(name) or name == NOW:
        raise AnnotateError(
            f"{name!r} is no name for a snapshot: use letters, digits, . _ and -, up to 64, "
            f"beginning with a letter or digit, and not {NOW!r}"
        )
    place = folder / project.project / name
    if store.snapshots.named(project.project, name) is not None or place.exists():
        raise AnnotateError(
            f"there is a snapshot {name!r} already ({place}), and snapshots never change: "
            f"choose another name, such as {next_name(store, project, folder)}"
        )
    return place


@contextmanager
def _made(place: Path) -> Iterator[Path]:
    """A new folder to write into and rename to `place`; its files can then only be read."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _clear(place.parent)
        with TemporaryDirectory(prefix=MAKING, dir=place.parent) as space:
            making = Path(space) / place.name
            making.mkdir()
            yield making
    except OSError as error:
        raise AnnotateError(
            f"{place}: cannot be written ({error.strerror or error}). Look at the folder's rights "
            "and the space on the disk"
        ) from error


def _clear(folder: Path) -> None:
    """Delete what was left when the making of a snapshot was killed, a day ago or more."""
    for left in folder.glob(f"{MAKING}*"):
        if time.time() - left.stat().st_mtime > LEFT_S:
            shutil.rmtree(left, ignore_errors=True)


def _recorded(store: Store, row: SnapshotRow) -> SnapshotRow:
    """Inside a transaction: with its number, and nobody has made one of this name meanwhile."""
    known = store.snapshots.of_project(row.project)
    if any(one.name == row.name for one in known):
        raise AnnotateError(f"somebody has just made a snapshot {row.name!r}: choose another name")
    numbered = replace(row, number=1 + max((one.number for one in known), default=0))
    store.snapshots.add(numbered)
    return numbered


def _told(row: SnapshotRow, rows: Sequence[SnapshotRow], folder: Path) -> Snapshot:
    """rows: all of the project, newest first."""
    same = [one.name for one in rows if one.sha256 == row.sha256 and one.number < row.number]
    place = folder / row.project / row.name
    return Snapshot(row, place, same[-1] if same else None, (place / MANIFEST).is_file())


def _found(
    store: Store, project: Project, reference: str, folder: Path
) -> tuple[Path, SnapshotRow | None]:
    """Where a snapshot is, and what is known of it; a folder that was copied here is its own."""
    row = store.snapshots.named(project.project, reference)
    place = folder / project.project / reference
    if row is None and not (NAME.fullmatch(reference) and place.is_dir()):
        place = Path(reference)
    if (place / MANIFEST).is_file():
        return place, row
    if row is not None:
        raise NotFound(
            f"the files of snapshot {reference!r} are not in {place}: put the folder back, or name "
            "the folder that they are in"
        )
    names = ", ".join(one.name for one in store.snapshots.of_project(project.project))
    raise NotFound(
        f"no snapshot {reference!r} of {project.project!r}; there "
        + (f"are: {names}" if names else "is none yet: `coannotate snapshot create` makes one")
    )
