"""What model servers were seen to be able to do."""

from __future__ import annotations

from annotate.store.engine import Engine


class Connections:
    """The newest record for each server and model."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, base_url: str, model: str, capabilities: str, *, now: str) -> None:
        """Store a record (JSON text), in place of an older one."""
        sql = """
            insert into connections (base_url, model, capabilities, checked_at)
            values (:base_url, :model, :capabilities, :now)
            on conflict (base_url, model) do update
              set capabilities = excluded.capabilities, checked_at = excluded.checked_at"""
        params = {"base_url": base_url, "model": model, "capabilities": capabilities, "now": now}
        self._engine.execute(sql, params)

    def get(self, base_url: str, model: str) -> str | None:
        """The record as JSON text; None when the server was never probed."""
        sql = """
            select capabilities from connections
            where base_url = :base_url and model = :model"""
        rows = list(self._engine.query(sql, {"base_url": base_url, "model": model}))
        return str(rows[0]["capabilities"]) if rows else None
