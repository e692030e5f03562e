"""Whether people may work on a project: open, paused or frozen, event by event."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from annotate.store.engine import Engine

Opening = Literal["open", "paused", "frozen"]


@dataclass(frozen=True, slots=True)
class Opened:
    """The project was opened, paused or frozen. person: the name of who did it."""

    project: str
    number: int
    state: Opening
    person: str
    reason: str | None
    created_at: str


class Openings:
    """The newest event says how a project stands; one without events is open."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, opened: Opened) -> None:
        self._engine.insert("project_events", [asdict(opened)])

    def last(self, project: str) -> Opened | None:
        sql = """
            select * from project_events where project = :project
            order by number desc limit 1"""
        rows = list(self._engine.query(sql, {"project": project}))
        return Opened(**rows[0]) if rows else None

    def all(self, project: str) -> list[Opened]:
        """Oldest first."""
        sql = "select * from project_events where project = :project order by number"
        return [Opened(**row) for row in self._engine.query(sql, {"project": project})]
