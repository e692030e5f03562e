"""What says how good people are: training, known answers that look like work, and re-asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple, Self

from annotate.model import Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json_or_null

Purpose = Literal["training", "gold", "reask"]


@dataclass(frozen=True, slots=True)
class Check:
    """One person's one time with an item whose answer is known, or was theirs before (`reask`).

    attempt: how often it was settled; of a re-ask, the item. answers: question -> value. correct,
    asked: of the questions with a known answer; of a re-ask, those answered as before. What was
    said before an undo or a change is kept with the operation.
    """

    person_id: str
    item_id: str
    project: str
    purpose: Purpose
    state: Literal["leased", "done", "skipped"]
    attempt: int
    answers: Mapping[str, Value] | None
    correct: int | None
    asked: int | None
    exposure: Mapping[str, Any] | None
    seconds: float | None
    note: str | None
    op_id: str | None
    created_at: str
    settled_at: str | None

    @classmethod
    def lent(
        cls, person_id: str, item_id: str, project: str, purpose: Purpose, attempt: int, at: str
    ) -> Self:
        """In this person's hands, and nothing said yet."""
        return cls(
            person_id=person_id,
            item_id=item_id,
            project=project,
            purpose=purpose,
            state="leased",
            attempt=attempt,
            answers=None,
            correct=None,
            asked=None,
            exposure=None,
            seconds=None,
            note=None,
            op_id=None,
            created_at=at,
            settled_at=None,
        )


LOOKED_AT = 200
"""So many of a person's answers are looked at to find one that may be asked again."""


class Score(NamedTuple):
    """Of one person's settled checks: items, questions asked of them, and right answers."""

    person_id: str
    items: int
    asked: int
    correct: int


class Checks:
    """Kept apart from annotations: they say something of the person and nothing of the item."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, checks: Sequence[Check]) -> None:
        self._engine.insert("checks", map(_row, checks))

    def put(self, check: Check) -> None:
        """Store how a check stands now."""
        names = ", ".join(f"{name} = :{name}" for name in _CHANGING)
        sql = f"update checks set {names} where person_id = :person_id and item_id = :item_id"
        row = _row(check)
        self._engine.execute(
            sql, {name: row[name] for name in (*_CHANGING, "person_id", "item_id")}
        )

    def of_items(self, person_id: str, item_ids: Sequence[str]) -> dict[str, Check]:
        """item id -> this person's check of it."""
        among, params = one_of(item_ids)
        sql = f"select * from checks where person_id = :person and item_id in {among}"
        rows = self._engine.query(sql, {**params, "person": person_id})
        return {row["item_id"]: _check(row) for row in rows}

    def of_item(self, item_id: str) -> list[Check]:
        """Everybody's check with this item, oldest first."""
        sql = "select * from checks where item_id = :item order by created_at, person_id"
        return [_check(row) for row in self._engine.query(sql, {"item": item_id})]

    def held(self, project: str, person_id: str) -> list[str]:
        """Items a person has in hand as checks, in the order they were given."""
        sql = """
            select item_id from checks
            where project = :project and person_id = :person and state = 'leased'
            order by created_at, item_id"""
        rows = self._engine.query(sql, {"project": project, "person": person_id})
        return [row["item_id"] for row in rows]

    def score(self, project: str, person_id: str, purpose: Purpose, *, since: str) -> Score:
        """What a person's settled checks given after a time came to."""
        sql = """
            select count(*) as items, coalesce(sum(asked), 0) as asked,
              coalesce(sum(correct), 0) as correct
            from checks
            where project = :project and person_id = :person and purpose = :purpose
              and state <> 'leased' and created_at > :since"""
        params = {"project": project, "person": person_id, "purpose": purpose, "since": since}
        row = next(self._engine.query(sql, params))
        return Score(person_id, int(row["items"]), int(row["asked"]), int(row["correct"]))

    def settled(self, project: str, person_id: str, purpose: Purpose) -> list[Score]:
        """What each of a person's settled checks came to, in the order they were given."""
        sql = """
            select 1 as items, coalesce(asked, 0) as asked, coalesce(correct, 0) as correct
            from checks
            where project = :project and person_id = :person and purpose = :purpose
              and state <> 'leased'
            order by created_at, item_id"""
        params = {"project": project, "person": person_id, "purpose": purpose}
        rows = self._engine.query(sql, params)
        return [Score(person_id, *map(int, row.values())) for row in rows]

    def scores(self, project: str, purpose: Purpose) -> list[Score]:
        """Everybody's settled checks, by person."""
        sql = """
            select person_id, count(*) as items, coalesce(sum(asked), 0) as asked,
              coalesce(sum(correct), 0) as correct
            from checks where project = :project and purpose = :purpose and state <> 'leased'
            group by person_id order by person_id"""
        rows = self._engine.query(sql, {"project": project, "purpose": purpose})
        return [Score(*row.values()) for row in rows]

    def next_gold(self, project: str, person_id: str, *, behind: str, most: int) -> list[str]:
        """Items with a known answer this person never had, by id from `behind` on and around."""
        found: list[str] = []
        # cross join, and coalesce: SQLite then goes from the known answers to what was had of each,
        # never through all items or all that a person ever had
        for comparison in (">", "<="):
            sql = f"""
                select distinct g.item_id from gold g cross join items i
                where i.id = g.item_id and g.item_id {comparison} :behind and i.project = :project
                  and not exists (select 1 from checks c
                    where c.person_id = :person and c.item_id = g.item_id)
                  and not exists (select 1 from assignments s
                    where s.item_id = g.item_id and coalesce(s.person_id, '') = :person)
                  and not exists (select 1 from annotations n
                    where n.item_id = g.item_id and n.person_id = :person)
                order by g.item_id limit :most"""
            params = {"project": project, "person": person_id, "behind": behind}
            rows = self._engine.query(sql, {**params, "most": most - len(found)})
            found += [row["item_id"] for row in rows]
            if len(found) >= most:
                break
        return found

    def next_reask(
        self, project: str, person_id: str, *, behind: str, after: int, before: str
    ) -> str | None:
        """An item this person answered before a time and before their newest `after` answers.

        The first by id from `behind` on and around, among `LOOKED_AT` of either side. Left out are
        items with a known answer, those a lead has decided about, asked again before, or in hand.
        """
        bound = self._answered_before(project, person_id, after)
        if bound is None:
            return None
        params = {"project": project, "person": person_id, "behind": behind}
        params["before"] = min(bound, before)
        for comparison in (">", "<="):
            sql = f"""
                select counted.item_id from (
                  select id, item_id, project, kind, created_at from annotations
                  where person_id = :person and item_id {comparison} :behind
                  order by item_id limit {LOOKED_AT}
                ) counted
                where counted.project = :project and counted.kind = 'answer'
                  and counted.created_at < :before
                  and not exists (select 1 from retractions x where x.annotation_id = counted.id)
                  and not exists (select 1 from gold g where g.item_id = counted.item_id)
                  and not exists (select 1 from adjudications j
                    where j.item_id = counted.item_id)
                  and not exists (select 1 from checks c
                    where c.person_id = :person and c.item_id = counted.item_id)
                  and not exists (select 1 from assignments s
                    where s.item_id = counted.item_id and s.state = 'leased'
                      and coalesce(s.person_id, '') = :person)
                order by counted.item_id limit 1"""
            for row in self._engine.query(sql, params):
                return str(row["item_id"])
        return None

    def _answered_before(self, project: str, person_id: str, after: int) -> str | None:
        """When a person gave their answer number `after`, counted from the newest."""
        sql = """
            select created_at from operations
            where project = :project and person_id = :person
              and kind = 'answer' and status = 'stored'
            order by created_at desc, id desc limit 1 offset :skipped"""
        params = {"project": project, "person": person_id, "skipped": after - 1}
        rows = list(self._engine.query(sql, params))
        return str(rows[0]["created_at"]) if rows else None

    def drop_held(
        self, project: str, person_id: str, purposes: Sequence[Purpose], item_ids: Sequence[str]
    ) -> None:
        """Take checks that were given and not settled out of a person's hands."""
        kinds, named = one_of(purposes, "purpose")
        among, params = one_of(item_ids)
        sql = f"""
            delete from checks
            where project = :project and person_id = :person and state = 'leased'
              and purpose in {kinds} and item_id in {among}"""
        params |= named | {"project": project, "person": person_id}
        self._engine.execute(sql, params)

    def known(self, item_ids: Sequence[str]) -> dict[str, dict[str, Value]]:
        """item id -> question -> known answer."""
        among, params = one_of(item_ids)
        sql = f"select item_id, question, value from gold where item_id in {among}"
        found: dict[str, dict[str, Value]] = {}
        for row in self._engine.query(sql, params):
            found.setdefault(row["item_id"], {})[row["question"]] = from_json(row["value"])
        return found


_CHANGING = (
    "state", "attempt", "answers", "correct", "asked", "exposure", "seconds", "note", "op_id",
    "settled_at",
)  # fmt: skip
_JSON = ("answers", "exposure")


def _row(check: Check) -> dict[str, Any]:
    row = {field.name: getattr(check, field.name) for field in fields(Check)}
    return row | {name: to_json_or_null(row[name]) for name in _JSON}


def _check(row: Mapping[str, Any]) -> Check:
    values = {field.name: row[field.name] for field in fields(Check)}
    return Check(**values | {name: from_json(row[name]) for name in _JSON})
