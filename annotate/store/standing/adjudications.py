"""What a lead has decided about items: appended, never changed; the newest word stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from annotate.model import Adjudication
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json_or_null


class Adjudications:
    """In force is the newest of an item's question; behind a `reopened` one, what stood before
    what that took back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, adjudication: Adjudication) -> None:
        row = {one.name: getattr(adjudication, one.name) for one in fields(Adjudication)}
        row["value"] = to_json_or_null(adjudication.value)
        self._engine.insert("adjudications", [row])

    def get(self, adjudication_id: str) -> Adjudication | None:
        sql = "select * from adjudications where id = :id"
        return self._one(sql, {"id": adjudication_id})

    def in_force(self, project: str, question: str) -> dict[str, Adjudication]:
        """item -> what stands; without items of which everything was taken back."""
        sql = f"{_STANDING} where n.project = :project and n.question = :question and {_NEWEST}"
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["item_id"]: _adjudication(row) for row in rows}

    def all(self, project: str, question: str) -> dict[str, list[Adjudication]]:
        """item -> everything that was ever decided about it, oldest first."""
        sql = """
            select * from adjudications where project = :project and question = :question
            order by item_id, number"""
        found: dict[str, list[Adjudication]] = {}
        for row in self._engine.query(sql, {"project": project, "question": question}):
            found.setdefault(row["item_id"], []).append(_adjudication(row))
        return found

    def standing(self, item_id: str, question: str) -> Adjudication | None:
        """What stands of one item's question."""
        sql = f"{_STANDING} where n.item_id = :item and n.question = :question and {_NEWEST}"
        return self._one(sql, {"item": item_id, "question": question})

    def of_items(self, item_ids: Sequence[str]) -> list[Adjudication]:
        """What stands of these items, of each question."""
        among, params = one_of(item_ids)
        sql = f"{_STANDING} where n.item_id in {among} and {_NEWEST} order by s.question"
        return [_adjudication(row) for row in self._engine.query(sql, params)]

    def of_item(self, item_id: str) -> list[Adjudication]:
        """Everything that was ever decided about an item, oldest first."""
        sql = """
            select * from adjudications where item_id = :item
            order by created_at, question, number"""
        return [_adjudication(row) for row in self._engine.query(sql, {"item": item_id})]

    def last_of(self, project: str, question: str, person_id: str) -> Adjudication | None:
        """The newest word of this person that nobody has taken back."""
        sql = """
            select a.* from adjudications a
            where a.person_id = :person and a.project = :project and a.question = :question
              and a.kind <> 'reopened' and not exists (
                select 1 from adjudications r
                where r.item_id = a.item_id and r.question = a.question
                  and r.kind = 'reopened' and r.supersedes = a.id)
            order by a.created_at desc, a.number desc limit 1"""
        params = {"person": person_id, "project": project, "question": question}
        return self._one(sql, params)

    def next_number(self, item_id: str, question: str) -> int:
        sql = """
            select coalesce(max(number), 0) + 1 as n from adjudications
            where item_id = :item and question = :question"""
        return int(next(self._engine.query(sql, {"item": item_id, "question": question}))["n"])

    def _one(self, sql: str, params: Mapping[str, Any]) -> Adjudication | None:
        rows = list(self._engine.query(sql, params))
        return _adjudication(rows[0]) if rows else None


_STANDING = """
    select s.* from adjudications n
    left join adjudications t on t.id = n.supersedes and n.kind = 'reopened'
    join adjudications s on s.id = case n.kind when 'reopened' then t.supersedes else n.id end"""

_NEWEST = """not exists (
    select 1 from adjudications later where later.item_id = n.item_id
      and later.question = n.question and later.number > n.number)"""


def _adjudication(row: Mapping[str, Any]) -> Adjudication:
    return Adjudication(**{**row, "value": from_json(row["value"])})
