"""Figures of people at work. Each person is asked about by an index: none looks at all answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from annotate.model import Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of

CHUNK = 500


class Counted(NamedTuple):
    """Answers and skips that count; of the answers, those since two times."""

    answers: int
    skips: int
    today: int
    week: int


class Said(NamedTuple):
    """One answer that counts. seconds: None where it was not timed."""

    person_id: str
    item_id: str
    question: str
    value: Value
    seconds: float | None
    created_at: str


class Team:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def members(self, project: str) -> set[str]:
        """Ids of all who ever said something here, or hold something now."""
        sql = """
            select p.id from people p
            where exists (select 1 from annotations a
                where a.project = :project and a.person_id = p.id)
              or exists (select 1 from operations o
                where o.project = :project and o.person_id = p.id)
              or exists (select 1 from checks c
                where c.project = :project and c.person_id = p.id)
              or exists (select 1 from assignments s
                where s.person_id = p.id and s.state = 'leased' and s.project = :project)"""
        return {row["id"] for row in self._engine.query(sql, {"project": project})}

    def counted(
        self, project: str, person_ids: Sequence[str], *, today: str, week: str
    ) -> dict[str, Counted]:
        """person id -> how much they did. today, week: since when."""
        back = self._retracted(project, today=today, week=week)
        found = {}
        for who in person_ids:
            given = (
                self._count(project, who, "answer", ""),
                self._count(project, who, "skip", ""),
                self._count(project, who, "answer", today),
                self._count(project, who, "answer", week),
            )
            taken = back.get(who, (0, 0, 0, 0))
            found[who] = Counted(*(n - minus for n, minus in zip(given, taken, strict=True)))
        return found

    def _count(self, project: str, person_id: str, kind: str, since: str) -> int:
        sql = """
            select count(*) as n from annotations
            where project = :project and person_id = :person and kind = :kind
              and created_at >= :since"""
        params = {"project": project, "person": person_id, "kind": kind, "since": since}
        return int(next(self._engine.query(sql, params))["n"])

    def _retracted(self, project: str, *, today: str, week: str) -> dict[str, tuple[int, ...]]:
        # cross join: else SQLite looks for every answer of the project whether it was retracted
        sql = """
            select said.who, sum(said.answer) as answers, sum(1 - said.answer) as skips,
              sum(case when said.at >= :today then said.answer else 0 end) as today,
              sum(case when said.at >= :week then said.answer else 0 end) as week
            from (
              select a.person_id as who, a.created_at as at,
                case when a.kind = 'answer' then 1 else 0 end as answer
              from retractions x cross join annotations a
              where a.id = x.annotation_id and a.project = :project
                and a.kind in ('answer', 'skip')
            ) said
            group by said.who"""
        rows = self._engine.query(sql, {"project": project, "today": today, "week": week})
        return {
            row["who"]: tuple(int(row[name]) for name in ("answers", "skips", "today", "week"))
            for row in rows
        }

    def latest(self, project: str, person_id: str, *, most: int, since: str = "") -> list[Said]:
        """A person's newest answers that count, newest first."""
        sql = f"""
            {_SAID}
            where a.project = :project and a.person_id = :person and a.kind = 'answer'
              and a.created_at >= :since and x.annotation_id is null
            order by a.created_at desc limit :most"""
        params = {"project": project, "person": person_id, "most": most, "since": since}
        return [_said(row) for row in self._engine.query(sql, params)]

    def tasks_by_day(self, project: str, person_id: str) -> dict[str, int]:
        """UTC date -> tasks this person answered, whatever kind they were."""
        sql = """
            select substr(created_at, 1, 10) as day, count(*) as n from operations
            where project = :project and person_id = :person
              and kind = 'answer' and status = 'stored' and coalesce(ended, '') <> 'undone'
            group by substr(created_at, 1, 10)"""
        rows = self._engine.query(sql, {"project": project, "person": person_id})
        return {row["day"]: int(row["n"]) for row in rows}

    def of_items(self, question: str, item_ids: Sequence[str]) -> Iterator[Said]:
        """Everybody's answers to these items that count."""
        for start in range(0, len(item_ids), CHUNK):
            among, params = one_of(item_ids[start : start + CHUNK])
            sql = f"""
                {_SAID}
                where a.item_id in {among} and a.question = :question and a.kind = 'answer'
                  and x.annotation_id is null"""
            rows = self._engine.query(sql, {**params, "question": question})
            yield from map(_said, rows)

    def flags(self, project: str) -> dict[str, int]:
        """person id -> items flagged."""
        sql = """
            select f.person_id as who, count(distinct f.item_id) as n from flags f
            where f.project = :project group by f.person_id"""
        return self._numbers(sql, project)

    def in_hand(self, project: str) -> dict[str, int]:
        """person id -> items lent to them and not answered yet."""
        sql = """
            select s.person_id as who, count(distinct s.item_id) as n from assignments s
            where s.project = :project and s.state = 'leased' group by s.person_id"""
        return self._numbers(sql, project)

    def _numbers(self, sql: str, project: str) -> dict[str, int]:
        rows = self._engine.query(sql, {"project": project})
        return {row["who"]: int(row["n"]) for row in rows}


_SAID = """
    select a.person_id, a.item_id, a.question, a.value, a.seconds, a.created_at
    from annotations a left join retractions x on x.annotation_id = a.id"""


def _said(row: Mapping[str, Any]) -> Said:
    return Said(**{**row, "value": from_json(row["value"])})
