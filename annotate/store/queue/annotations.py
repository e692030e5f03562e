"""People's answers: appended, never changed; an undo is a retraction beside the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from annotate.model import Annotation, Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json_or_null


class Answer(NamedTuple):
    """What an aggregate of answers needs of one.

    blind: nothing of the machine was in sight. extra: asked for because of what others had said.
    """

    item_id: str
    person_id: str
    value: Value
    blind: bool
    extra: bool


class Annotations:
    """`counting` answers are those that were not retracted."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, annotation: Annotation) -> bool:
        """Append; False when an answer with this id is already there."""
        return self.add_all([annotation]) == 1

    def add_all(self, annotations: Iterable[Annotation]) -> int:
        """Append those that are not there yet; returns how many went in."""
        return self._engine.insert("annotations", map(_row, annotations), on_conflict="ignore")

    def retract(self, annotation_id: str, person_id: str, *, now: str) -> bool:
        """Note that the answer no longer counts; False when that was already so."""
        row = {"annotation_id": annotation_id, "person_id": person_id, "created_at": now}
        return self._engine.insert("retractions", [row], on_conflict="ignore") == 1

    def get(self, annotation_id: str) -> Annotation | None:
        rows = list(self._engine.query(f"{_SELECT} where a.id = :id", {"id": annotation_id}))
        return _annotation(rows[0]) if rows else None

    def by_person(self, item_ids: Sequence[str], person_id: str) -> list[Annotation]:
        """What this person ever said of these items, oldest first, retracted answers too."""
        among, params = one_of(item_ids)
        # sorted here: asked to sort, SQLite would rather walk through all a person ever said
        sql = f"{_SELECT} where a.item_id in {among} and a.person_id = :person"
        rows = self._engine.query(sql, {**params, "person": person_id})
        return sorted(map(_annotation, rows), key=lambda one: (one.created_at, one.id))

    def counting(self, project: str, question: str) -> Iterator[Annotation]:
        """Every answer that counts, by item position, then time. Streams; skips are left out."""
        return self._by_item(project, question, "a.kind = 'answer'")

    def answers(self, project: str, question: str) -> Iterator[Answer]:
        """`counting` in short, in no particular order. Streams."""
        sql = """
            select a.item_id, a.person_id, a.value, a.shown_prelabel, s.extra from annotations a
            join assignments s on s.id = a.assignment_id
            left join retractions x on x.annotation_id = a.id
            where a.project = :project and a.question = :question and a.kind = 'answer'
              and x.annotation_id is null"""
        values: dict[str, Value] = {}  # the same few over and over
        for row in self._engine.query(sql, {"project": project, "question": question}):
            text = row["value"]
            if text not in values:
                values[text] = from_json(text)
            blind = row["shown_prelabel"] is None
            extra = bool(row["extra"])
            yield Answer(row["item_id"], row["person_id"], values[text], blind, extra)

    def spoken(
        self, project: str, question: str, *, in_order: bool
    ) -> Iterator[tuple[tuple[Any, ...], ...]]:
        """Everything that people ever said of items: columns of (item id, value, blind), some
        thousand rows at a time. value: JSON text, None for what does not count as an answer.
        in_order: of time; sorting takes twice as long again."""
        sql = f"""
            select a.item_id,
              case when a.kind = 'answer' and x.annotation_id is null then a.value end,
              a.shown_prelabel is null
            from annotations a left join retractions x on x.annotation_id = a.id
            where a.project = :project and a.question = :question
            {"order by a.created_at, a.id" if in_order else ""}"""
        return self._engine.blocks(sql, {"project": project, "question": question})

    def more_than(self, project: str, question: str, count: int) -> bool:
        """Whether people ever said more than so many things to this question."""
        sql = """
            select count(*) as n from (
              select 1 from annotations where project = :project and question = :question
              limit :some) counted"""
        params = {"project": project, "question": question, "some": count + 1}
        return int(next(self._engine.query(sql, params))["n"]) > count

    def on_record(self, project: str, question: str) -> Iterator[Annotation]:
        """As `counting`, with second answers and questions that were not asked."""
        return self._by_item(project, question, "a.kind in ('answer', 'second', 'not_asked')")

    def _by_item(self, project: str, question: str, kinds: str) -> Iterator[Annotation]:
        sql = f"""
            {_SELECT} join items i on i.id = a.item_id
            where a.project = :project and a.question = :question
              and {kinds} and x.annotation_id is null
            order by i.position, a.created_at, a.id"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return map(_annotation, rows)

    def values(self, item_id: str, question: str) -> list[Value]:
        """What the answers that count say of an item, oldest first."""
        sql = f"""
            {_SELECT} where a.item_id = :item and a.question = :question
              and a.kind = 'answer' and x.annotation_id is null
            order by a.created_at, a.id"""
        rows = self._engine.query(sql, {"item": item_id, "question": question})
        return [from_json(row["value"]) for row in rows]

    def said_of(self, item_id: str, question: str) -> list[tuple[str, Value]]:
        """(person, value) of the answers that count, oldest first."""
        sql = f"""
            {_SELECT} where a.item_id = :item and a.question = :question
              and a.kind = 'answer' and x.annotation_id is null
            order by a.created_at, a.id"""
        rows = self._engine.query(sql, {"item": item_id, "question": question})
        return [(row["person_id"], from_json(row["value"])) for row in rows]

    def of_item(self, item_id: str) -> list[Annotation]:
        """Everything people ever said of an item, oldest first, retracted answers too."""
        sql = f"{_SELECT} where a.item_id = :item order by a.created_at, a.id"
        return [_annotation(row) for row in self._engine.query(sql, {"item": item_id})]


_COLUMNS = tuple(field.name for field in fields(Annotation) if field.name != "undone_at")


def _row(annotation: Annotation) -> dict[str, Any]:
    row = {name: getattr(annotation, name) for name in _COLUMNS}
    row["value"] = to_json_or_null(annotation.value)
    row["exposure"] = to_json_or_null(annotation.exposure)
    return row


_SELECT = """
    select a.*, x.created_at as undone_at from annotations a
    left join retractions x on x.annotation_id = a.id"""


def _annotation(row: Mapping[str, Any]) -> Annotation:
    said = {"value": from_json(row["value"]), "exposure": from_json(row["exposure"])}
    said["op_id"] = row["op_id"] or row["id"]  # before there were operations, it was one itself
    return Annotation(**{**row, **said})
