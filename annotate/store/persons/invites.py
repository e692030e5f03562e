"""Codes that let somebody in once, known by their digests alone."""

from __future__ import annotations

from annotate.model import Invite
from annotate.store.engine import Engine


class Invites:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, invite: Invite) -> None:
        row = {name: getattr(invite, name) for name in Invite.__slots__}
        self._engine.insert("invites", [row])

    def get(self, invite_id: str) -> Invite | None:
        sql = "select * from invites where id = :id"
        rows = list(self._engine.query(sql, {"id": invite_id}))
        return Invite(**rows[0]) if rows else None

    def open(self, *, now: str) -> list[Invite]:
        """Those that can still be used, oldest first."""
        sql = """
            select * from invites where used_at is null and expires_at > :now
            order by created_at, id"""
        return [Invite(**row) for row in self._engine.query(sql, {"now": now})]

    def use(self, invite_id: str, *, now: str) -> bool:
        """Use an invite up; False when it was used or has run out."""
        sql = """
            update invites set used_at = :now
            where id = :id and used_at is null and expires_at > :now"""
        return self._engine.execute(sql, {"id": invite_id, "now": now}) == 1

    def close_by(self, person_id: str, *, now: str) -> None:
        """What a person gave out and nobody used lets nobody in any more."""
        sql = "update invites set used_at = :now where created_by = :by and used_at is null"
        self._engine.execute(sql, {"by": person_id, "now": now})

    def close_for(self, person_id: str, *, now: str) -> None:
        """Earlier codes for a person's new password no longer work."""
        sql = "update invites set used_at = :now where person_id = :id and used_at is null"
        self._engine.execute(sql, {"id": person_id, "now": now})
