"""Unfinished answers: the last one a person sent for an item, until the answer comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from annotate.model import Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json


class Drafts:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, person_id: str, item_id: str, answers: Mapping[str, Value], *, now: str) -> None:
        """Keep this one, in place of an earlier one."""
        self.drop(person_id, item_id)
        row = {
            "person_id": person_id,
            "item_id": item_id,
            "answers": to_json(answers),
            "created_at": now,
        }
        self._engine.insert("drafts", [row])

    def drop(self, person_id: str, item_id: str) -> None:
        sql = "delete from drafts where person_id = :person and item_id = :item"
        self._engine.execute(sql, {"person": person_id, "item": item_id})

    def of_items(self, person_id: str, item_ids: Sequence[str]) -> dict[str, Mapping[str, Value]]:
        """item id -> question -> unfinished answer."""
        among, params = one_of(item_ids)
        sql = f"""
            select item_id, answers from drafts
            where person_id = :person and item_id in {among}"""
        rows = self._engine.query(sql, {**params, "person": person_id})
        return {row["item_id"]: from_json(row["answers"]) for row in rows}
