"""Promises: what was frozen and drawn, once and for all, and what became of it, event by event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from annotate.model import Destination, Promise, PromiseEvent, PromiseItem, Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json, to_json, to_json_or_null
from annotate.store.standing.decisions import NEWEST_DECISION

DELIVERED = "coalesce(d.label, d.model_value)"
"""The column of a decision `d` with the label that goes out unless a person answers."""


class Routed(NamedTuple):
    """What a promise needs of a decision in force."""

    item_id: str
    destination: Destination
    score: float | None
    label: Value


class Promises:
    """A question's promise stands until it is withdrawn; at most one stands at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # writing

    def add(self, promise: Promise, items: Iterable[PromiseItem]) -> int:
        """Store a promise with its items; returns how many items."""
        row = {field.name: getattr(promise, field.name) for field in fields(Promise)}
        self._engine.insert("promises", [row | {"basis": to_json(promise.basis)}])
        ordered = sorted(items, key=lambda item: item.item_id)  # the table is kept in this order
        return self._engine.insert("promise_items", (_item_row(promise.id, i) for i in ordered))

    def note(self, event: PromiseEvent) -> None:
        row = {field.name: getattr(event, field.name) for field in fields(PromiseEvent)}
        self._engine.insert("promise_events", [row | {"details": to_json(event.details)}])

    # reading

    def of_question(self, project: str, question: str) -> list[Promise]:
        """Every promise of a question, the first one first."""
        sql = """
            select * from promises where project = :project and question = :question
            order by number"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return [Promise(**{**row, "basis": from_json(row["basis"])}) for row in rows]

    def standing(self, project: str, question: str) -> Promise | None:
        """The newest promise unless it was withdrawn."""
        for promise in self.of_question(project, question)[-1:]:
            if all(event.kind != "withdrawn" for event in self.events(promise.id)):
                return promise
        return None

    def events(self, promise_id: str) -> list[PromiseEvent]:
        """What became of a promise, oldest first."""
        sql = "select * from promise_events where promise_id = :promise order by number"
        rows = self._engine.query(sql, {"promise": promise_id})
        return [PromiseEvent(**{**row, "details": from_json(row["details"])}) for row in rows]

    def routed(self, project: str, question: str) -> Iterator[Routed]:
        """The decisions in force, in short. Streams."""
        sql = f"""
            select d.item_id, d.destination, d.score, {DELIVERED} as label from decisions d
            where d.project = :project and d.question = :question and {NEWEST_DECISION}"""
        labels = _Labels()
        for row in self._engine.query(sql, {"project": project, "question": question}):
            yield Routed(row["item_id"], row["destination"], row["score"], labels[row["label"]])

    def items(self, promise_id: str) -> Iterator[PromiseItem]:
        """Every item of a promise, by item id. Streams."""
        return self._items("where promise_id = :promise order by item_id", promise_id)

    def drawn(self, promise_id: str) -> list[PromiseItem]:
        """The audited items, in the order drawn."""
        where = "where promise_id = :promise and drawn is not null order by drawn"
        return list(self._items(where, promise_id))

    def audited_items(self, project: str, question: str) -> set[str]:
        """Items drawn for an audit of any promise: they measure, so no model may learn them."""
        sql = """
            select i.item_id from promises p join promise_items i on i.promise_id = p.id
            where p.project = :project and p.question = :question and i.drawn is not null"""
        return self._ids(sql, project, question)

    def held_items(self, project: str, question: str) -> set[str]:
        """Items of the promise that stands: no routing may change their label or where they go."""
        sql = """
            select i.item_id from promises p join promise_items i on i.promise_id = p.id
            where p.project = :project and p.question = :question and not exists (
              select 1 from promise_events e
              where e.promise_id = p.id and e.kind = 'withdrawn')"""
        return self._ids(sql, project, question)

    def _ids(self, sql: str, project: str, question: str) -> set[str]:
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["item_id"] for row in rows}

    def _items(self, where: str, promise_id: str) -> Iterator[PromiseItem]:
        sql = f"select item_id, place, drawn, label, score from promise_items {where}"
        labels = _Labels()
        for row in self._engine.query(sql, {"promise": promise_id}):
            row["label"] = labels[row["label"]]
            yield PromiseItem(*row.values())


class _Labels(dict[str | None, Value]):
    """JSON text -> value; the same few come over and over."""

    def __missing__(self, text: str | None) -> Value:
        self[text] = from_json(text)
        return self[text]


def _item_row(promise_id: str, item: PromiseItem) -> Mapping[str, Any]:
    return {
        "promise_id": promise_id,
        "item_id": item.item_id,
        "place": item.place,
        "drawn": item.drawn,
        "label": to_json_or_null(item.label),
        "score": item.score,
    }
