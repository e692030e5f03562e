"""What leads decided about people: paused, resumed, items reassigned, skills; event by event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json

Kind = Literal["paused", "resumed", "reassigned", "skills"]


@dataclass(frozen=True, slots=True)
class PersonEvent:
    """One decision about a person. number: of all about them, from 1. person: the name of who
    decided. project: None where it holds in every project. details: its facts."""

    person_id: str
    number: int
    project: str | None
    kind: Kind
    reason: str | None
    details: Mapping[str, Any]
    person: str
    created_at: str


class PersonEvents:
    """Appended only: the newest `paused` or `resumed` says how somebody stands in a project."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        person_id: str,
        kind: Kind,
        *,
        project: str | None,
        reason: str | None,
        details: Mapping[str, Any],
        by: str,
        now: str,
    ) -> PersonEvent:
        """Append an event, inside a transaction."""
        sql = "select coalesce(max(number), 0) as n from person_events where person_id = :person"
        number = int(next(self._engine.query(sql, {"person": person_id}))["n"]) + 1
        event = PersonEvent(person_id, number, project, kind, reason, details, by, now)
        row = {field.name: getattr(event, field.name) for field in fields(PersonEvent)}
        self._engine.insert("person_events", [row | {"details": to_json(details)}])
        return event

    def pause(self, project: str, person_id: str) -> PersonEvent | None:
        """The pause that holds for this person here; None when they may work."""
        sql = """
            select * from person_events
            where project = :project and person_id = :person and kind in ('paused', 'resumed')
            order by number desc limit 1"""
        rows = list(self._engine.query(sql, {"project": project, "person": person_id}))
        return _event(rows[0]) if rows and rows[0]["kind"] == "paused" else None

    def pauses(self, project: str) -> dict[str, PersonEvent]:
        """person id -> the pause that holds, of everybody who is paused."""
        sql = """
            select * from person_events
            where project = :project and kind in ('paused', 'resumed')
            order by person_id, number"""
        newest = {row["person_id"]: row for row in self._engine.query(sql, {"project": project})}
        return {who: _event(row) for who, row in newest.items() if row["kind"] == "paused"}

    def of(self, project: str, person_id: str, *, limit: int) -> list[PersonEvent]:
        """What was decided about somebody here or everywhere, newest first."""
        sql = """
            select * from person_events
            where person_id = :person and (project = :project or project is null)
            order by number desc limit :limit"""
        params = {"project": project, "person": person_id, "limit": limit}
        return [_event(row) for row in self._engine.query(sql, params)]

    def withhold(self, person_id: str, item_ids: Sequence[str], *, now: str) -> None:
        """These items are not given to this person any more."""
        rows = (
            {"person_id": person_id, "item_id": item_id, "created_at": now} for item_id in item_ids
        )
        self._engine.insert("withheld", rows, on_conflict="ignore")

    def give_again(self, person_id: str, item_ids: Sequence[str]) -> None:
        """These items may be given to this person again."""
        among, params = one_of(item_ids)
        sql = f"delete from withheld where person_id = :person and item_id in {among}"
        self._engine.execute(sql, {**params, "person": person_id})


def _event(row: Mapping[str, Any]) -> PersonEvent:
    return PersonEvent(**{**row, "details": from_json(row["details"])})
