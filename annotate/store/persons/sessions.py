"""Who is signed in where. The database knows a session by the digest of its secret alone."""

from __future__ import annotations

from annotate.model import Session
from annotate.store.engine import Engine


class Sessions:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, session: Session) -> None:
        row = {name: getattr(session, name) for name in Session.__slots__}
        self._engine.insert("sessions", [row])

    def get(self, session_id: str) -> Session | None:
        """Live or not; the caller knows the time."""
        sql = "select * from sessions where id = :id"
        rows = list(self._engine.query(sql, {"id": session_id}))
        return Session(**rows[0]) if rows else None

    def seen(self, session_id: str, *, now: str) -> None:
        sql = "update sessions set seen_at = :now where id = :id"
        self._engine.execute(sql, {"id": session_id, "now": now})

    def end(self, session_id: str, *, now: str) -> None:
        sql = "update sessions set ended_at = :now where id = :id and ended_at is null"
        self._engine.execute(sql, {"id": session_id, "now": now})

    def end_all_of(self, person_id: str, *, now: str, but: str = "") -> int:
        """End every session of a person; but: the id of one that stays. Returns how many."""
        sql = """
            update sessions set ended_at = :now
            where person_id = :person and ended_at is null and id <> :but"""
        return self._engine.execute(sql, {"person": person_id, "now": now, "but": but})

    def live_of(self, *, now: str, idle_since: str) -> dict[str, int]:
        """person id -> how many sessions of theirs are live."""
        sql = """
            select person_id, count(*) as n from sessions
            where ended_at is null and expires_at > :now and seen_at > :idle_since
            group by person_id"""
        rows = self._engine.query(sql, {"now": now, "idle_since": idle_since})
        return {row["person_id"]: row["n"] for row in rows}

    def forget(self, *, before: str) -> None:
        """Drop what ran out before a time: nobody comes back with it."""
        self._engine.execute("delete from sessions where expires_at < :before", {"before": before})
