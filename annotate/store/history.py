"""Everything that ever happened to one item."""

from __future__ import annotations

from annotate.model import IMPORTED, Decision, Prelabel, Value
from annotate.store.engine import Engine
from annotate.store.machine.prelabels import prelabel_from_row
from annotate.store.rows import from_json
from annotate.store.standing.decisions import decision


class History:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def prelabels(self, item_id: str) -> list[Prelabel]:
        """Every machine answer, oldest first, those that came from other tools before all."""
        sql = f"""
            select * from prelabels where item_id = :item
            order by case when prompt_version = '{IMPORTED}' then 0 else 1 end,
              created_at, variant, sample"""
        return [prelabel_from_row(row) for row in self._engine.query(sql, {"item": item_id})]

    def decisions(self, item_id: str) -> list[Decision]:
        """Every decision, oldest first."""
        sql = "select * from decisions where item_id = :item order by question, number"
        return [decision(row) for row in self._engine.query(sql, {"item": item_id})]

    def gold(self, item_id: str) -> dict[str, Value]:
        """question -> known answer."""
        sql = "select question, value from gold where item_id = :item"
        rows = self._engine.query(sql, {"item": item_id})
        return {row["question"]: from_json(row["value"]) for row in rows}
