"""Items that people have pointed out to their lead."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from annotate.store.engine import Engine


@dataclass(frozen=True, slots=True)
class Flagged:
    """One person's word on one item. closed_by: the lead who has seen to it."""

    id: str
    project: str
    item_id: str
    person_id: str
    comment: str
    created_at: str
    closed_by: str | None = None
    closed_at: str | None = None


class Flags:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, flagged: Flagged) -> None:
        self._engine.insert("flags", [asdict(flagged)], on_conflict="ignore")

    def open(self, project: str) -> list[Flagged]:
        """What nobody has seen to yet, oldest first."""
        sql = """
            select * from flags where project = :project and closed_at is null
            order by created_at, id"""
        return [Flagged(**row) for row in self._engine.query(sql, {"project": project})]

    def of_item(self, item_id: str) -> list[Flagged]:
        """Everything said of an item, seen to or not, oldest first."""
        sql = "select * from flags where item_id = :item order by created_at, id"
        return [Flagged(**row) for row in self._engine.query(sql, {"item": item_id})]

    def close(self, project: str, item_id: str, *, by: str, now: str) -> int:
        """Every open word on an item is seen to; returns how many there were."""
        sql = """
            update flags set closed_by = :by, closed_at = :now
            where project = :project and item_id = :item and closed_at is null"""
        params = {"project": project, "item": item_id, "by": by, "now": now}
        return self._engine.execute(sql, params)
