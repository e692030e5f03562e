"""Which snapshots of a project were made, and what they were when they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from annotate.store.engine import Engine


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One snapshot. number: of this project's, from 1. sha256: of its manifest, which has the
    digest of every other file. items, labels: that it is of. bytes: of all files."""

    project: str
    name: str
    number: int
    sha256: str
    items: int
    labels: int
    files: int
    bytes: int
    comment: str | None
    person: str
    created_at: str


class Snapshots:
    """Append-only; the files are in a folder of the snapshot's name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, row: SnapshotRow) -> None:
        self._engine.insert("snapshots", [asdict(row)])

    def of_project(self, project: str) -> Sequence[SnapshotRow]:
        """Newest first."""
        sql = "select * from snapshots where project = :project order by number desc"
        return [SnapshotRow(**row) for row in self._engine.query(sql, {"project": project})]

    def named(self, project: str, name: str) -> SnapshotRow | None:
        sql = "select * from snapshots where project = :project and name = :name"
        rows = self._engine.query(sql, {"project": project, "name": name})
        return next((SnapshotRow(**row) for row in rows), None)
