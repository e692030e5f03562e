"""What became of a project's file: every text that was in force, who brought it in, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from annotate.store.engine import Engine
from annotate.store.rows import from_json, to_json_or_null

VersionKind = Literal["first", "edited", "restored", "by hand"]


@dataclass(frozen=True, slots=True)
class Version:
    """From `created_at` on this text was in force.

    person: the name of who changed it; None where the file was changed on disk, or found there.
    told: what is different from the version before, in words; None where nobody has looked.
    """

    project: str
    number: int
    hash: str
    kind: VersionKind
    person: str | None
    reason: str | None
    told: Sequence[str] | None
    created_at: str


class Versions:
    """Append-only. A text that comes back is a new version with the old text's hash."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, version: Version) -> None:
        row = {name: getattr(version, name) for name in Version.__slots__}
        told = None if version.told is None else list(version.told)
        self._engine.insert("project_changes", [row | {"told": to_json_or_null(told)}])

    def last(self, project: str) -> Version | None:
        """The version in force; None for a project whose file nobody has recorded."""
        sql = "select * from project_changes where project = :project order by number desc limit 1"
        rows = list(self._engine.query(sql, {"project": project}))
        return _version(rows[0]) if rows else None

    def all(self, project: str) -> list[Version]:
        """Newest first."""
        sql = "select * from project_changes where project = :project order by number desc"
        return [_version(row) for row in self._engine.query(sql, {"project": project})]

    def numbered(self, project: str, number: int) -> Version | None:
        sql = "select * from project_changes where project = :project and number = :number"
        rows = list(self._engine.query(sql, {"project": project, "number": number}))
        return _version(rows[0]) if rows else None

    def text(self, project: str, hash: str) -> str | None:
        """The project file with this hash, its line ends as `\\n`; None for an unknown one."""
        sql = "select text from project_versions where project = :project and hash = :hash"
        rows = list(self._engine.query(sql, {"project": project, "hash": hash}))
        return rows[0]["text"] if rows else None


def _version(row: dict[str, Any]) -> Version:
    return Version(**row | {"told": from_json(row["told"])})
