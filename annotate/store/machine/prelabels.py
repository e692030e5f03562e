"""Machine answers: appended call by call, grouped in rounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, NamedTuple

from annotate.model import Item, Outcome, Prelabel, Round, Value
from annotate.store.arrays import KEY, distinct
from annotate.store.engine import Engine
from annotate.store.items import item_from_row
from annotate.store.rows import from_json, one_of, to_json, to_json_or_null
from annotate.store.standing.decisions import NEWEST_DECISION

_JSON = ("value", "probabilities")


class Said(NamedTuple):
    """What routing needs of a prelabel."""

    item_id: str
    variant: str
    sample: int
    outcome: Outcome
    value: Value
    confidence: float | None
    probabilities: Mapping[str, float] | None


class Prelabels:
    """The answers in force for an item are those of its newest finished round.

    Rounds that came along from another tool are in force only where no round of ours is: votes of
    models that were asked otherwise, or who knows how, are never mixed with our own.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # rounds

    def start_round(self, round_: Round) -> None:
        row = {field.name: getattr(round_, field.name) for field in fields(Round)}
        row |= {"variants": to_json(round_.variants), "examples": to_json(round_.examples)}
        self._engine.insert("rounds", [row])

    def finish_round(self, round_id: str, *, now: str) -> None:
        sql = "update rounds set finished_at = :now where id = :id and finished_at is null"
        self._engine.execute(sql, {"now": now, "id": round_id})

    def round_of(self, round_id: str) -> Round | None:
        sql = "select * from rounds where id = :id"
        return next(map(_round, self._engine.query(sql, {"id": round_id})), None)

    def latest_round(self, project: str, question: str, settings_hash: str) -> Round | None:
        sql = """
            select * from rounds
            where project = :project and question = :question and settings_hash = :settings
            order by started_at desc, id desc limit 1"""
        params = {"project": project, "question": question, "settings": settings_hash}
        rows = list(self._engine.query(sql, params))
        return _round(rows[0]) if rows else None

    def began(self, project: str) -> bool:
        """Whether any round of this project was ever started."""
        sql = "select 1 as one from rounds where project = :project limit 1"
        return any(True for _ in self._engine.query(sql, {"project": project}))

    def shown_as_examples(self, project: str, question: str) -> set[str]:
        """Items that the prompts of any round may have shown, with their answers."""
        sql = "select examples from rounds where project = :project and question = :question"
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {item_id for row in rows for item_id, _ in from_json(row["examples"])}

    # work

    def missing(
        self, round_: Round, *, after: int, limit: int, in_no_batch: bool = False
    ) -> list[Item]:
        """The next items, by position, that this round still has to answer.

        in_no_batch: leave out those about which calls are at a server.
        """
        free = _IN_NO_BATCH if in_no_batch else ""
        rows = self._engine.query(
            f"""
            select i.* from items i
            where i.project = :project and i.position > :after and {_OPEN[round_.scope]} {free}
            order by i.position limit :limit""",
            {**_scope(round_), "after": after, "limit": limit},
        )
        return [item_from_row(row) for row in rows]

    def count_missing(self, round_: Round) -> int:
        """How many items this round still has to answer."""
        sql = f"""
            select count(*) as n from items i
            where i.project = :project and {_OPEN[round_.scope]}"""
        return int(next(self._engine.query(sql, _scope(round_)))["n"])

    def add(self, prelabels: Iterable[Prelabel]) -> int:
        """Append answers; a call that is already there is left as it is."""
        return self._engine.insert("prelabels", map(_row, prelabels), on_conflict="ignore")

    def finish_item(
        self, round_id: str, item_id: str, *, errors: int, now: str, given_up: int = 0
    ) -> None:
        """Note that every call for this item has ended.

        errors: calls that failed and are to be asked again. given_up: those that are not.
        """
        sql = """
            insert into prelabelled (round_id, item_id, errors, given_up, created_at)
            values (:round, :item, :errors, :given_up, :now)
            on conflict (round_id, item_id)
            do update set errors = excluded.errors, given_up = excluded.given_up"""
        params = {
            "round": round_id,
            "item": item_id,
            "errors": errors,
            "given_up": given_up,
            "now": now,
        }
        self._engine.execute(sql, params)

    def count_given_up(self, round_id: str) -> int:
        """How many calls of this round failed for good."""
        sql = """
            select coalesce(sum(given_up), 0) as n from prelabelled where round_id = :round"""
        return int(next(self._engine.query(sql, {"round": round_id}))["n"])

    def of_round(self, round_id: str, item_ids: Iterable[str]) -> list[Prelabel]:
        """What this round has for these items so far."""
        among, params = one_of(list(item_ids))
        sql = f"select * from prelabels where round_id = :round and item_id in {among}"
        params["round"] = round_id
        return [prelabel_from_row(row) for row in self._engine.query(sql, params)]

    def earlier(self, round_: Round, item_ids: Iterable[str]) -> Iterator[Prelabel]:
        """What other rounds of the question have of these items, oldest first: answers, and
        calls that ended without one; no errors, and nothing that asking again could change."""
        among, params = one_of(list(item_ids))
        sql = f"""
            select * from prelabels
            where item_id in {among} and question = :question and round_id <> :round
              and call is not null and outcome <> 'error'
            order by created_at, id"""
        params |= {"question": round_.question, "round": round_.id}
        return map(prelabel_from_row, self._engine.query(sql, params))

    # reading

    def current(self, project: str, question: str) -> Iterator[Prelabel]:
        """The answers in force, by item position, then variant and sample: one for each call.

        Of a call that was asked again, that is its answer, or else its last error. Streams.
        """
        sql = f"{_CURRENT.format(columns='p.*')} order by i.position, p.variant, p.sample"
        params = {"project": project, "question": question}
        return map(prelabel_from_row, self._engine.query(sql, params))

    def said(self, project: str, question: str) -> Iterator[Said]:
        """`current` in short. Streams."""
        columns = ", ".join(f"p.{name}" for name in Said._fields)
        sql = f"{_CURRENT.format(columns=columns)} order by i.position, p.variant, p.sample"
        values: dict[str | None, Value] = {}  # the same few over and over
        for row in self._engine.query(sql, {"project": project, "question": question}):
            text = row["value"]
            if text not in values:
                values[text] = from_json(text)
            row["value"] = values[text]
            row["probabilities"] = from_json(row["probabilities"])
            yield Said(*row.values())

    def sampled(
        self, project: str, question: str, *, upto: str, answered: bool = False
    ) -> Iterator[Said]:
        """`said` of the items whose id is not above `upto`. answered: only of those that a person
        answered without having been shown an answer."""
        columns = ", ".join(f"p.{name}" for name in Said._fields)
        current = _CURRENT.replace(_NEWEST, _NEWEST_UPTO).format(columns=columns)
        only = f"where exists ({_BLIND})" if answered else ""
        sql = f"{current} {only} order by i.position, p.variant, p.sample"
        params = {"project": project, "question": question, "upto": upto}
        for row in self._engine.query(sql, params):
            row["value"] = from_json(row["value"])
            row["probabilities"] = None
            yield Said(**row)

    def said_where_known(self, project: str, question: str) -> Iterator[tuple[str, Said]]:
        """(model, answer in force) where a person answered blind or the answer is known."""
        columns = ", ".join(f"p.{name}" for name in Said._fields)
        sql = f"""
            {_CURRENT.format(columns=f"p.model, {columns}")}
            where exists (
                select 1 from gold g where g.item_id = n.item_id and g.question = :question)
              or exists ({_BLIND})
            order by i.position, p.variant, p.sample, p.created_at"""
        for row in self._engine.query(sql, {"project": project, "question": question}):
            model = row.pop("model")
            yield model, Said(**{**row, "value": from_json(row["value"])})

    def count_items(self, project: str, question: str) -> int:
        """How many items have answers in force."""
        sql = f"""
            select {KEY.format("d.item_id")} as key from rounds_that_count r
            join prelabelled d on d.round_id = r.id
            where r.project = :project and r.question = :question"""
        return distinct(self._engine, sql, {"project": project, "question": question})


_NEWEST = """
    select item_id, round_id from (
      select d.item_id, d.round_id,
        row_number() over (partition by d.item_id order by r.started_at desc, r.id desc) as rank
      from prelabelled d join rounds_that_count r on r.id = d.round_id
      where r.project = :project and r.question = :question
    ) ranked where rank = 1"""

_NEWEST_UPTO = _NEWEST.replace("\n    ) ranked", " and d.item_id <= :upto\n    ) ranked")

_BLIND = """
    select 1 from annotations a where a.item_id = n.item_id
      and a.question = :question and a.kind = 'answer' and a.shown_prelabel is null"""

_CURRENT = f"""
    with newest as ({_NEWEST})
    select {{columns}} from newest n
    join items i on i.id = n.item_id
    join prelabels p
      on p.item_id = n.item_id and p.round_id = n.round_id and p.question = :question
        and (p.outcome <> 'error' or not exists (
          select 1 from prelabels later
          where later.item_id = p.item_id and later.round_id = p.round_id
            and later.question = p.question
            and later.variant = p.variant and later.sample = p.sample
            and (later.outcome <> 'error'
              or (later.created_at, later.id) > (p.created_at, p.id))))"""

_NOT_IN_ROUND = """
    not exists (
        select 1 from prelabelled d
        where d.item_id = i.id and d.round_id = :round and d.errors = 0)"""

_IN_NO_BATCH = """
      and not exists (
        select 1 from batch_calls c
        where c.item_id = i.id and c.round_id = :round and c.batch_id is not null)"""

_ANSWERED = """
    select 1 from prelabelled d join rounds r on r.id = d.round_id
    where d.item_id = i.id and r.question = :question and r.settings_hash = :settings
      and d.errors = 0"""

_OPEN = {
    "missing": f"not exists ({_ANSWERED})",
    "failed": f"not exists ({_ANSWERED} and (d.given_up = 0 or d.round_id = :round))",
    "chosen": f"""exists (
        select 1 from decisions d
        where d.item_id = i.id and d.question = :question and d.destination = 'strong'
          and {NEWEST_DECISION}) and not exists ({_ANSWERED})""",
    "unlabelled": _NOT_IN_ROUND
    + """ and not exists (
        select 1 from annotations a left join retractions x on x.annotation_id = a.id
        where a.item_id = i.id and a.question = :question and a.kind = 'answer'
          and x.annotation_id is null and a.created_at < :started)""",
}


def _scope(round_: Round) -> dict[str, Value]:
    return {
        "project": round_.project,
        "question": round_.question,
        "round": round_.id,
        "settings": round_.settings_hash,
        "started": round_.started_at,
    }


def _round(row: Mapping[str, Any]) -> Round:
    examples = tuple((item_id, value) for item_id, value in from_json(row["examples"]))
    return Round(**{**row, "variants": tuple(from_json(row["variants"])), "examples": examples})


_COLUMNS = tuple(field.name for field in fields(Prelabel))
_in_columns = attrgetter(*_COLUMNS)


def _row(prelabel: Prelabel) -> dict[str, Any]:
    row = dict(zip(_COLUMNS, _in_columns(prelabel), strict=True))
    return row | {name: to_json_or_null(row[name]) for name in _JSON}


def prelabel_from_row(row: Mapping[str, Any]) -> Prelabel:
    """A row of `prelabels` as its dataclass."""
    return Prelabel(**{**row, **{name: from_json(row[name]) for name in _JSON}})
