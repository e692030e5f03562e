"""Everything said of the items of one page, for whoever goes through all of them: each query reads
the columns that are needed, and goes from the items to what was said of them by an index."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeAlias

import orjson

from annotate.making import maker
from annotate.model import Annotation, Decision, Item, Outcome, Prelabel, Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json
from annotate.store.standing.consensus import Status

Plain: TypeAlias = "tuple[Any, ...]"
"""A row as the database gives it: a page of named ones takes half as long again."""


class Span(NamedTuple):
    """The items of a project at the positions low..high, and one question."""

    project: str
    question: str
    low: int
    high: int


class Call(NamedTuple):
    """What a count of the machine's calls needs of one. value: as JSON text."""

    item_id: str
    round_id: str
    variant: str
    sample: int
    model: str
    outcome: Outcome
    value: str | None
    created_at: str
    id: str


PART, ONE, EVER = "\x1f", "\x1e", "~"
"""Between the parts of what was said, which JSON texts and names cannot hold; between one thing
that was said and the next; and behind all times."""


class Gist(NamedTuple):
    """What was said of one item, in short; values are JSON texts, and None is nothing.

    probability: that the stored consensus gives its value. decided: destination, model_value and
    label, and where calls are told when that was decided. called: of each call, in no order, round,
    variant, sample, outcome, value and model, and behind them when the last was made, `EVER` where
    one failed; or 1 where one was refused, else 0. said: value and status of the stored consensus,
    and of each answer, oldest first, its kind, value, exposure, and 1 where the machine's was in
    sight.
    """

    item_id: str
    probability: float | None
    decided: str | None
    called: str | int | None
    said: Plain


class Stood(NamedTuple):
    """What the stored consensus stands by."""

    value: Value
    status: Status
    probability: float | None


class Pages:
    """Rows come as dicts: item id -> what there is of it. Items without anything are left out."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def items(self, project: str, *, after: int, upto: int = sys.maxsize, limit: int) -> list[Item]:
        """The next items by position, up to position `upto`."""
        sql = f"""
            select {", ".join(_ITEM)} from items
            where project = :project and position > :after and position <= :upto
            order by position limit :limit"""
        params = {"project": project, "after": after, "upto": upto, "limit": limit}
        columns = self._engine.columns(sql, params)
        if not columns:
            return []
        named: dict[str, Sequence[Any]] = dict(zip(_ITEM, columns, strict=True))
        named["fields"] = orjson.loads(f"[{','.join(named['fields'])}]")
        named["metadata"] = _values(named["metadata"])
        return list(map(_item, *named.values()))

    def decisions(self, span: Span, read: Callable[[str | None], Value]) -> dict[str, Decision]:
        """Those in force. read: what makes a value of JSON text."""
        sql = f"""
            select d.id, d.project, d.item_id, d.question, d.destination, d.score, d.model_value,
              d.propensity, d.policy, d.reason, d.created_at, coalesce(d.label, d.model_value)
            from items i cross join decisions d
              on d.item_id = i.id and d.question = :question
            where {_AMONG} order by i.position, d.number"""
        found = {}
        for row in self._rows(sql, span):
            id_, project, item, question, where, score, said, chance, policy, why, at, label = row
            found[item] = _decision(
                id_, project, item, question, where, score, read(said), chance, policy, why, at,
                read(label),
            )  # fmt: skip
        return found

    def answers(
        self, span: Span, read: Callable[[str | None], Value]
    ) -> dict[str, list[Annotation]]:
        """Answers that count, second answers and questions that were not asked, oldest first."""
        sql = f"""
            select {_ANNOTATION} from items i cross join annotations a
              on a.item_id = i.id and a.question = :question
            left join retractions x on x.annotation_id = a.id
            where {_AMONG} and {_COUNTS}"""
        found: dict[str, list[Annotation]] = {}
        for row in self._rows(sql, span):
            values = list(row)
            values[_VALUE] = read(values[_VALUE])
            values[_EXPOSURE] = read(values[_EXPOSURE])
            found.setdefault(values[_ITEM_ID], []).append(_annotation(*values))
        for said in found.values():
            if len(said) > 1:  # asked to sort them, the database would sort all of the page
                said.sort(key=_when)
        return found

    def gists(
        self, span: Span, *, as_if: tuple[str, str], calls: bool, consensus: bool
    ) -> list[Gist]:
        """A `Gist` of every item, by position.

        as_if: a policy, and when its decisions count as made. calls: whether to tell what the
        machine said; else only whether it refused.
        """
        chance, value, status = _WEIGHED if consensus else ("null", "null", "null")
        sql = f"""
            select i.id, {chance}, {_DECIDED.format(_AT if calls else "")},
              {_CALLED if calls else _REFUSED}, {value}, {status}, a.kind, a.value, a.exposure,
              a.shown_prelabel is not null, a.created_at, a.id
            from items i {_COUNTING} {_STOOD if consensus else ""}
            where {_AMONG} order by i.position"""
        params = {**span._asdict(), "policy": as_if[0], "as_if": as_if[1]}
        return _gists(self._engine.rows(sql, params))

    def refused(self, span: Span) -> bool:
        """Whether the machine refused to answer of any item."""
        sql = f"""
            select 1 from items i cross join prelabels p on p.item_id = i.id
              and p.question = :question and p.outcome = 'refused'
            where {_AMONG} limit 1"""
        return bool(self._rows(sql, span))

    def calls(self, span: Span) -> dict[str, list[Call]]:
        """The calls of all rounds that are done with their item, in short and in no order."""
        columns = ", ".join(f"p.{name}" for name in Call._fields)
        found: dict[str, list[Call]] = {}
        for call in map(Call._make, self._rows(_CALLS.format(columns), span)):
            found.setdefault(call.item_id, []).append(call)
        return found

    def whole_calls(
        self, span: Span, read: Callable[[str | None], Value]
    ) -> dict[str, list[Prelabel]]:
        """As `calls`, with everything there is."""
        names = [field.name for field in fields(Prelabel)]
        value, chances = names.index("value"), names.index("probabilities")
        found: dict[str, list[Prelabel]] = {}
        for row in self._rows(_CALLS.format(", ".join(f"p.{name}" for name in names)), span):
            values = list(row)
            values[value], values[chances] = read(values[value]), from_json(values[chances])
            made = _prelabel(*values)
            found.setdefault(made.item_id, []).append(made)
        return found

    def ranks(self, project: str, question: str) -> dict[str, int]:
        """round -> its number, from 0, by when it was started."""
        sql = """
            select id from rounds where project = :project and question = :question
            order by started_at, id"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["id"]: at for at, row in enumerate(rows)}

    def consensus(self, span: Span, read: Callable[[str | None], Value]) -> dict[str, Stood]:
        sql = f"""
            select c.item_id, c.value, c.status, c.probability
            from items i cross join consensus c on c.item_id = i.id and c.question = :question
            where {_AMONG}"""
        return {
            item_id: Stood(read(value), status, probability)
            for item_id, value, status, probability in self._rows(sql, span)
        }

    def _rows(self, sql: str, span: Span) -> Sequence[Plain]:
        return self._engine.rows(sql, span._asdict())


_AMONG = "i.project = :project and i.position between :low and :high"
_COUNTS = "a.kind in ('answer', 'second', 'not_asked') and x.annotation_id is null"
_CALLS = f"""
    select {{}} from items i cross join prelabelled n on n.item_id = i.id
    cross join prelabels p
      on p.item_id = i.id and p.question = :question and p.round_id = n.round_id
    where {_AMONG}"""

# what a gist is made of

_AT = f"|| '{PART}' || case d.policy when :policy then :as_if else d.created_at end"
_DECIDED = f"""
    (select d.destination || '{PART}' || coalesce(d.model_value, '') || '{PART}'
        || coalesce(d.label, d.model_value, '') {{}}
      from decisions d where d.item_id = i.id and d.question = :question
      order by d.number desc limit 1)"""
_COUNTING = """
    left join annotations a on a.item_id = i.id and a.question = :question
      and a.kind in ('answer', 'second', 'not_asked')
      and not exists (select 1 from retractions x where x.annotation_id = a.id)"""
_WEIGHED = "c.probability", "c.value", "c.status"
_CALLED = f"""
    (select group_concat(p.round_id || '{PART}' || p.variant || '{PART}' || p.sample || '{PART}'
        || p.outcome || '{PART}' || coalesce(p.value, '') || '{PART}' || quote(p.model), '{ONE}')
        || '{ONE}' || max(case p.outcome when 'error' then '{EVER}' else p.created_at end)
      from prelabelled n cross join prelabels p
        on p.item_id = i.id and p.question = :question and p.round_id = n.round_id
      where n.item_id = i.id)"""
_REFUSED = """
    exists (select 1 from prelabels p
      where p.item_id = i.id and p.question = :question and p.outcome = 'refused')"""
_STOOD = "left join consensus c on c.item_id = i.id and c.question = :question"

_ITEM = [field.name for field in fields(Item)]
_SAID = [field.name for field in fields(Annotation)]
_ANNOTATION = ", ".join(
    {"undone_at": "null", "op_id": "coalesce(a.op_id, a.id)"}.get(name, f"a.{name}")
    for name in _SAID
)
_VALUE, _EXPOSURE, _ITEM_ID = (_SAID.index(name) for name in ("value", "exposure", "item_id"))

_item, _decision = maker(Item), maker(Decision)
_annotation, _prelabel = maker(Annotation), maker(Prelabel)
_when = attrgetter("created_at", "id")

_SAID_AT, _ANSWER_AT, _TOLD_AT = 4, 6, 10
"""Where in a row what was said begins, an answer, and what only tells their order."""


def _gists(rows: Sequence[Plain]) -> list[Gist]:
    """Of one row for each answer, or one without any."""
    if len({row[0] for row in rows}) == len(rows):
        return [_gist((*row[:_SAID_AT], row[_SAID_AT:_TOLD_AT])) for row in rows]
    return [_joined(sorted(of, key=_when_told)) for _, of in groupby(rows, itemgetter(0))]


def _joined(rows: Sequence[Plain]) -> Gist:
    said = (part for row in rows[1:] for part in row[_ANSWER_AT:_TOLD_AT])
    return _gist((*rows[0][:_SAID_AT], (*rows[0][_SAID_AT:_TOLD_AT], *said)))


_gist = Gist._make
_when_told = itemgetter(_TOLD_AT, _TOLD_AT + 1)
_LONG_NUMBER = re.compile(r"\d{16}")


def _values(texts: Sequence[str]) -> Sequence[Any]:
    """What JSON texts say, read at once; a number too long for 64 bits keeps its digits."""
    joined = f"[{','.join(texts)}]"
    if _LONG_NUMBER.search(joined):
        return list(map(from_json, texts))
    found: list[Any] = orjson.loads(joined)
    return found
