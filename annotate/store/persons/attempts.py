"""Failed sign-ins, by whom and from where; kept here so that they outlive the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotate.store.engine import Engine
from annotate.store.rows import one_of


@dataclass(frozen=True, slots=True)
class Attempts:
    """failures: in a row. next_at: before that time no attempt is looked at."""

    id: str
    failures: int
    last_at: str
    next_at: str


class FailedAttempts:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def several(self, ids: Sequence[str]) -> dict[str, Attempts]:
        places, params = one_of(ids)
        rows = self._engine.query(f"select * from attempts where id in {places}", params)
        return {row["id"]: Attempts(**row) for row in rows}

    def put(self, attempts: Attempts) -> None:
        sql = """
            insert into attempts (id, failures, last_at, next_at)
            values (:id, :failures, :last_at, :next_at)
            on conflict (id) do update
            set failures = :failures, last_at = :last_at, next_at = :next_at"""
        params = {name: getattr(attempts, name) for name in Attempts.__slots__}
        self._engine.execute(sql, params)

    def clear(self, attempts_id: str) -> None:
        self._engine.execute("delete from attempts where id = :id", {"id": attempts_id})

    def forget(self, *, before: str) -> None:
        self._engine.execute("delete from attempts where last_at < :before", {"before": before})
