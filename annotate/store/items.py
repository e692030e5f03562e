"""Items: what came in, once each, in the order it came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from annotate.model import Item, Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json


class Items:
    """Keyed by the user's own id or else by content, so that a file can come twice."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, items: Iterable[Item]) -> int:
        """Store items that are not there yet; returns how many went in."""
        return self._engine.insert("items", map(_row, items), on_conflict="ignore")

    def add_gold(self, rows: Iterable[tuple[str, str, Value]]) -> int:
        """Store known answers as (item id, question, value); one that is there stays."""
        stored = (
            {"item_id": item_id, "question": question, "value": to_json(value)}
            for item_id, question, value in rows
        )
        return self._engine.insert("gold", stored, on_conflict="ignore")

    def known(self, ids: Sequence[str]) -> dict[str, str]:
        """item id -> content hash, for those of `ids` that are stored."""
        among, params = one_of(ids)
        sql = f"select id, content_hash from items where id in {among}"
        rows = self._engine.query(sql, params)
        return {row["id"]: row["content_hash"] for row in rows}

    def next_position(self, project: str) -> int:
        sql = "select coalesce(max(position), -1) + 1 as n from items where project = :project"
        return int(next(self._engine.query(sql, {"project": project}))["n"])

    def count(self, project: str) -> int:
        sql = "select count(*) as n from items where project = :project"
        return int(next(self._engine.query(sql, {"project": project}))["n"])

    def ids(self, project: str) -> list[str]:
        """The ids of all items, by position."""
        sql = "select id from items where project = :project order by position"
        return [row["id"] for row in self._engine.query(sql, {"project": project})]

    def get(self, item_id: str) -> Item | None:
        rows = list(self._engine.query("select * from items where id = :id", {"id": item_id}))
        return item_from_row(rows[0]) if rows else None

    def find(self, project: str, reference: str) -> Item | None:
        """The item with this id, or with this id of the user's own."""
        sql = """
            select * from items
            where project = :project and (id = :ref or key = :key) limit 1"""
        params = {"project": project, "ref": reference, "key": f"id:{reference}"}
        rows = list(self._engine.query(sql, params))
        return item_from_row(rows[0]) if rows else None

    def count_all(self) -> int:
        """How many there are in all projects together."""
        return int(next(self._engine.query("select count(*) as n from items"))["n"])

    def several(self, ids: Sequence[str]) -> dict[str, Item]:
        """id -> item, for those of `ids` that are stored."""
        among, params = one_of(ids)
        rows = self._engine.query(f"select * from items where id in {among}", params)
        return {row["id"]: item_from_row(row) for row in rows}

    def at(self, project: str, positions: Sequence[int]) -> list[Item]:
        """The items at these positions, by position."""
        found: list[Item] = []
        for start in range(0, len(positions), 1000):
            names = {f"at{n}": p for n, p in enumerate(positions[start : start + 1000])}
            sql = f"""
                select * from items where project = :project
                  and position in ({", ".join(f":{name}" for name in names)}) order by position"""
            rows = self._engine.query(sql, {**names, "project": project})
            found += map(item_from_row, rows)
        return found

    def page(self, project: str, *, after: int = -1, limit: int = 1000) -> list[Item]:
        """Items by position, those behind `after`."""
        sql = """
            select * from items where project = :project and position > :after
            order by position limit :limit"""
        params = {"project": project, "after": after, "limit": limit}
        return [item_from_row(row) for row in self._engine.query(sql, params)]

    def all(self, project: str) -> Iterator[Item]:
        """Every item by position, in bounded memory."""
        after = -1
        while batch := self.page(project, after=after):
            yield from batch
            after = batch[-1].position

    def gold(self, project: str, question: str) -> dict[str, Value]:
        """item id -> known answer."""
        sql = """
            select g.item_id, g.value from gold g join items i on i.id = g.item_id
            where i.project = :project and g.question = :question"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["item_id"]: from_json(row["value"]) for row in rows}


def _row(item: Item) -> Mapping[str, Any]:
    return {
        "id": item.id,
        "project": item.project,
        "position": item.position,
        "key": item.key,
        "content_hash": item.content_hash,
        "fields": to_json(item.fields),
        "metadata": to_json(item.metadata),
        "created_at": item.created_at,
    }


def item_from_row(row: Mapping[str, Any]) -> Item:
    """A row of `items` as its dataclass."""
    return Item(
        **{**row, "fields": from_json(row["fields"]), "metadata": from_json(row["metadata"])}
    )
