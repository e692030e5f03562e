"""How people have answered the items of a promise: counted and gathered in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from annotate.model import Promise, Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of
from annotate.store.standing.decisions import NEWEST_DECISION
from annotate.store.standing.promises import DELIVERED


class Said(NamedTuple):
    """An answer or skip that counts, of an audited item."""

    item_id: str
    kind: str
    value: Value
    person_id: str
    shown: bool
    """The person saw the model's label first."""


class Slots(NamedTuple):
    """How many answers an item still waits for, and how many it has."""

    waiting: int
    done: int


class Tally(NamedTuple):
    """Where the items of a promise stand.

    machine: the model's label goes out. to_go: a person's answer is missing. stray: the model's
    label would go out although the promise needs a person's. relabelled: the label that would go
    out is not the frozen one.
    """

    machine: int
    to_go: int
    stray: int
    relabelled: int


class InForce(NamedTuple):
    """A pre-labelling run whose answers are in force for some item."""

    settings_hash: str
    model: str
    started_at: str


class Audits:
    """Answers that were taken back do not count."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def said(self, promise: Promise) -> list[Said]:
        """What people said of the audited items, oldest first."""
        sql = f"""
            select p.item_id, a.kind, a.value, a.person_id, a.shown_prelabel
            from promise_items p {_COUNTING}
            where p.promise_id = :promise and p.drawn is not null and x.annotation_id is null
            order by a.created_at, a.id"""
        return [
            Said(
                row["item_id"],
                row["kind"],
                from_json(row["value"]),
                row["person_id"],
                row["shown_prelabel"] is not None,
            )
            for row in self._engine.query(sql, _params(promise))
        ]

    def slots(self, promise: Promise) -> dict[str, Slots]:
        """audited item -> its slots."""
        sql = """
            select p.item_id,
              sum(case when s.state = 'done' then 0 else 1 end) as waiting,
              sum(case when s.state = 'done' then 1 else 0 end) as done
            from promise_items p
            join assignments s on s.item_id = p.item_id and s.question = :question
            where p.promise_id = :promise and p.drawn is not null group by p.item_id"""
        rows = self._engine.query(sql, _params(promise))
        return {row["item_id"]: Slots(int(row["waiting"]), int(row["done"])) for row in rows}

    def tally(self, promise: Promise, cut: int) -> Tally:
        """cut: from this place on people must answer."""
        sql = f"""
            with covered as (
              select p.place, p.drawn, p.label, {DELIVERED} as delivered,
                case d.destination when 'auto' then 1 else 0 end as auto,
                case when exists ({_ANSWER}) then 1 else 0 end as answered,
                case when exists ({_WAITING}) then 1 else 0 end as waiting
              from promise_items p
              join decisions d on d.item_id = p.item_id and d.question = :question
              where p.promise_id = :promise and {NEWEST_DECISION})
            select
              sum(case when auto = 1 and answered = 0 then 1 else 0 end) as machine,
              sum(case when auto = 0 and (waiting = 1 or answered = 0) then 1 else 0 end) as to_go,
              sum(case when auto = 1 and answered = 0 and
                (place is null or drawn is not null or place >= :cut) then 1 else 0 end) as stray,
              sum(case when auto = 1 and answered = 0 and place is not null
                and delivered <> label then 1 else 0 end) as relabelled
            from covered"""
        row = next(self._engine.query(sql, {**_params(promise), "cut": cut}))
        return Tally(*(int(count or 0) for count in row.values()))

    def drawn_among(self, project: str, item_ids: Sequence[str]) -> set[str]:
        """Those of these items that were drawn for the audit of any promise of the project."""
        among, params = one_of(item_ids)
        sql = f"""
            select i.item_id from promises p
            join promise_items i on i.promise_id = p.id and i.item_id in {among}
            where p.project = :project and i.drawn is not null"""
        rows = self._engine.query(sql, {**params, "project": project})
        return {row["item_id"] for row in rows}

    def answers(self, promise: Promise) -> int:
        """How many counting answers people have given to the items of a promise."""
        sql = f"select count(*) as n {_FROM_ANSWERS}"
        return int(next(self._engine.query(sql, _params(promise)))["n"])

    def contested(self, promise: Promise) -> dict[str, list[Value]]:
        """item -> the counting answers, for items on which people do not all agree."""
        sql = f"""
            select a.item_id {_FROM_ANSWERS}
            group by a.item_id having count(distinct a.value) > 1"""
        ids = [row["item_id"] for row in self._engine.query(sql, _params(promise))]
        found: dict[str, list[Value]] = {item_id: [] for item_id in ids}
        for start in range(0, len(ids), 1000):
            among, chunk = one_of(ids[start : start + 1000])
            sql = f"select a.item_id, a.value {_FROM_ANSWERS} and a.item_id in {among}"
            for row in self._engine.query(sql, {**_params(promise), **chunk}):
                found[row["item_id"]].append(from_json(row["value"]))
        return found

    def doubles(self, promise: Promise) -> tuple[int, int]:
        """Items that two people answered, and on how many of these the first two differ."""
        sql = f"""
            with ranked as (
              select a.item_id, a.value,
                row_number() over (partition by a.item_id order by a.created_at, a.id) as rank
              {_FROM_ANSWERS})
            select count(*) as n,
              coalesce(sum(case when f.value <> s.value then 1 else 0 end), 0) as differing
            from ranked f join ranked s on s.item_id = f.item_id and s.rank = 2
            where f.rank = 1"""
        row = next(self._engine.query(sql, _params(promise)))
        return int(row["n"]), int(row["differing"])

    def in_force(self, project: str, question: str) -> list[InForce]:
        """The pre-labelling runs whose answers are in force for some item, oldest first."""
        sql = f"""
            select r.settings_hash, r.model, r.started_at from rounds_that_count r
            where r.project = :project and r.question = :question and exists (
              select 1 from prelabelled n where n.round_id = r.id and {_NEWEST_ANSWERS})
            order by r.started_at, r.id"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return [InForce(*row.values()) for row in rows]

    def in_force_since(self, promise: Promise, since: str) -> list[InForce]:
        """As `in_force`, for items of the promise, of runs that started at `since` or later."""
        sql = f"""
            select r.settings_hash, r.model, r.started_at from rounds_that_count r
            where r.project = :project and r.question = :question and r.started_at >= :since
              and exists (
                select 1 from prelabelled n
                join promise_items p on p.promise_id = :promise and p.item_id = n.item_id
                where n.round_id = r.id and {_NEWEST_ANSWERS})
            order by r.started_at, r.id"""
        rows = self._engine.query(sql, {**_params(promise), "since": since})
        return [InForce(*row.values()) for row in rows]


_COUNTING = """
    join annotations a on a.item_id = p.item_id and a.question = :question
    left join retractions x on x.annotation_id = a.id"""

_ANSWER = """
    select 1 from annotations a left join retractions x on x.annotation_id = a.id
    where a.item_id = p.item_id and a.question = :question and a.kind = 'answer'
      and x.annotation_id is null"""

_WAITING = """
    select 1 from assignments s
    where s.item_id = p.item_id and s.question = :question and s.state in ('open', 'leased')"""

# cross join: SQLite then goes from the few answers to the many items
_FROM_ANSWERS = """
    from annotations a left join retractions x on x.annotation_id = a.id
    cross join promise_items p
    where a.project = :project and a.question = :question and a.kind = 'answer'
      and x.annotation_id is null and p.item_id = a.item_id and p.promise_id = :promise"""

_NEWEST_ANSWERS = """
    not exists (
      select 1 from prelabelled m join rounds_that_count later on later.id = m.round_id
      where m.item_id = n.item_id and later.question = r.question
        and (later.started_at > r.started_at
          or (later.started_at = r.started_at and later.id > r.id)))"""


def _params(promise: Promise) -> Mapping[str, Any]:
    return {"project": promise.project, "question": promise.question, "promise": promise.id}
