"""What people did, operation by operation: each once, however often it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json, to_json_or_null

Status = Literal["stored", "conflict", "refused"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a person asked for, and what came of it.

    digest: of what was sent, to know a repetition. payload: what was sent, where it is kept nowhere
    else. result: what was replied. target: the operation it is about. ended: what became of it
    since, `undone` or `revised`.
    """

    person_id: str
    id: str
    project: str
    item_id: str
    kind: str
    status: Status
    digest: str
    payload: Mapping[str, Any] | None
    result: Mapping[str, Any]
    target: str | None
    ended: Literal["undone", "revised"] | None
    created_at: str


class Operations:
    """Ids are made by the browser: they are unique for a person, and nobody else's is looked at."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, operation: Operation) -> None:
        row = {field.name: getattr(operation, field.name) for field in fields(Operation)}
        row["payload"] = to_json_or_null(operation.payload)
        row["result"] = to_json(operation.result)
        self._engine.insert("operations", [row])

    def get(self, person_id: str, operation_id: str) -> Operation | None:
        sql = "select * from operations where person_id = :person and id = :id"
        rows = list(self._engine.query(sql, {"person": person_id, "id": operation_id}))
        return _operation(rows[0]) if rows else None

    def end(self, person_id: str, operation_id: str, ended: str | None) -> None:
        """Note what became of it; None: it counts again."""
        sql = "update operations set ended = :ended where person_id = :person and id = :id"
        params = {"person": person_id, "id": operation_id, "ended": ended}
        self._engine.execute(sql, params)

    def forget_drafts(self, person_id: str, project: str, item_id: str, *, since: str) -> None:
        """Drop the notes of stored drafts, which only kept late repetitions out."""
        sql = """
            delete from operations where project = :project and person_id = :person
              and created_at >= :since and kind = 'draft' and item_id = :item
              and status = 'stored'"""
        params = {"person": person_id, "project": project, "item": item_id, "since": since}
        self._engine.execute(sql, params)

    def history(
        self, project: str, person_id: str, *, before: tuple[str, str] | None, limit: int
    ) -> list[Operation]:
        """A person's answers and skips in force, newest first. before: (created_at, id)."""
        at, operation_id = before or ("~", "")  # after all times
        sql = """
            select * from operations
            where project = :project and person_id = :person
              and (created_at < :at or (created_at = :at and id < :id))
              and kind in ('answer', 'skip', 'revise') and status = 'stored' and ended is null
            order by created_at desc, id desc limit :limit"""
        params = {"project": project, "person": person_id, "at": at, "id": operation_id}
        rows = self._engine.query(sql, {**params, "limit": limit})
        return [_operation(row) for row in rows]

    def answered(self, project: str, person_id: str, *, since: str, most: int) -> int:
        """Tasks this person has answered since a time, counted up to `most`."""
        sql = """
            select count(*) as n from (
              select 1 from operations
              where project = :project and person_id = :person and created_at >= :since
                and kind = 'answer' and status = 'stored' and coalesce(ended, '') <> 'undone'
              limit :most) counted"""
        params = {"project": project, "person": person_id, "since": since, "most": most}
        return int(next(self._engine.query(sql, params))["n"])

    def kept(self, project: str, *, limit: int = 1000) -> list[Operation]:
        """What was refused or came too late and is therefore stored nowhere else, newest first."""
        sql = """
            select * from operations where project = :project and status <> 'stored'
              and payload is not null order by created_at desc, id limit :limit"""
        rows = self._engine.query(sql, {"project": project, "limit": limit})
        return [_operation(row) for row in rows]

    def several(self, person_id: str, ids: Sequence[str]) -> dict[str, Operation]:
        """id -> operation, for those of this person's."""
        among, params = one_of(ids)
        sql = f"select * from operations where person_id = :person and id in {among}"
        rows = self._engine.query(sql, {**params, "person": person_id})
        return {row["id"]: _operation(row) for row in rows}


def _operation(row: Mapping[str, Any]) -> Operation:
    said = {"payload": from_json(row["payload"]), "result": from_json(row["result"])}
    return Operation(**{**row, **said})
