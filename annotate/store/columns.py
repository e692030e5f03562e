"""Answers as columns, for arrays: what is computed over a million of them is read like this."""

from __future__ import annotations

from typing import Any, NamedTuple

from annotate.model import IMPORTED
from annotate.store.arrays import KEY, distinct
from annotate.store.engine import Engine
from annotate.store.standing.decisions import NEWEST_DECISION

EVERYTHING = "~"
"""Above every item id: they are hexadecimal digests."""


def random_share(share: float) -> str:
    """The highest id of a share of all items, 0..1. Ids are digests of what the items are called,
    so the lowest ones are a sample drawn by chance, and the same whenever it is asked for.

    >>> random_share(0.5), random_share(1.2) == EVERYTHING
    ('80000000', True)
    """
    return EVERYTHING if share >= 1 else f"{int(share * 16**8):08x}"


class PeopleSaid(NamedTuple):
    """Columns of the same length; values are JSON text; assisted: 1 where the machine's answer was
    in sight, 2 where nobody knows, because the answer came from another tool."""

    item_ids: tuple[str, ...]
    person_ids: tuple[str, ...]
    values: tuple[str, ...]
    assisted: tuple[int, ...]


class MachineSaid(NamedTuple):
    """Columns of the same length; values are JSON text."""

    item_ids: tuple[str, ...]
    values: tuple[str, ...]


class Audited(NamedTuple):
    """Columns of the same length: an answer and what it is held against, as JSON text."""

    item_ids: tuple[str, ...]
    values: tuple[str, ...]
    labels: tuple[str, ...]


class Known(NamedTuple):
    """values: the known answers; labels: what the machine, or what people say."""

    machine: Audited
    people: Audited


class Spent(NamedTuple):
    """calls: made, of which `unpriced` have no known cost; usd: of the others. items: that they
    were about."""

    calls: int
    unpriced: int
    usd: float
    items: int


class Columns:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def answers(self, project: str, question: str) -> int:
        """Answers and skips there ever were: as many as are read at most."""
        sql = """
            select count(*) as n from annotations
            where project = :project and question = :question"""
        return int(next(self._engine.query(sql, {"project": project, "question": question}))["n"])

    def people(self, project: str, question: str, *, upto: str = EVERYTHING) -> PeopleSaid:
        """First answers that count, of items whose id is not above `upto`, in no order."""
        sql = f"""
            select a.item_id, a.person_id, a.value,
              case when a.shown_prelabel is null then 0
                when a.shown_prelabel = '{IMPORTED}' then 2 else 1 end
            {_answers(upto)}"""
        return PeopleSaid(*self._read(sql, project, question, upto, 4))

    def machine(self, project: str, question: str, *, upto: str = EVERYTHING) -> MachineSaid:
        """What the machine says, by the decisions in force, of items that people answered."""
        sql = f"""
            select d.item_id, d.model_value
            from (select distinct a.item_id {_answers(upto)}) n
            cross join decisions d
            where d.item_id = n.item_id and d.question = :question and d.model_value is not null
              and {NEWEST_DECISION}"""
        return MachineSaid(*self._read(sql, project, question, upto, 2))

    def audited(self, project: str, question: str) -> Audited:
        """First answers to items that stay with the machine and were drawn for people to check:
        with the label that goes out unless people answer."""
        sql = f"""
            select a.item_id, a.value, coalesce(d.label, d.model_value)
            from decisions d join annotations a
              on a.item_id = d.item_id and a.question = d.question
            left join retractions x on x.annotation_id = a.id
            where d.project = :project and d.question = :question and d.destination = 'audit'
              and {NEWEST_DECISION} and a.kind = 'answer' and a.shown_prelabel is null
              and x.annotation_id is null and coalesce(d.label, d.model_value) is not null"""
        return Audited(*self._read(sql, project, question, EVERYTHING, 3))

    def known(self, project: str, question: str) -> Known:
        """Items with a known answer: it, what the machine says, and people's first answers."""
        machine = f"""
            select g.item_id, g.value, d.model_value
            from gold g join items i on i.id = g.item_id and i.project = :project
            join decisions d on d.item_id = g.item_id and d.question = g.question
            where g.question = :question and d.model_value is not null and {NEWEST_DECISION}"""
        people = """
            select g.item_id, g.value, a.value
            from gold g join items i on i.id = g.item_id and i.project = :project
            join annotations a on a.item_id = g.item_id and a.question = g.question
            left join retractions x on x.annotation_id = a.id
            where g.question = :question and a.kind = 'answer' and a.shown_prelabel is null
              and x.annotation_id is null"""
        return Known(
            *(
                Audited(*self._read(sql, project, question, EVERYTHING, 3))
                for sql in (machine, people)
            )
        )

    def exposures(
        self, project: str, question: str, *, upto: str = EVERYTHING
    ) -> tuple[tuple[str, ...], ...]:
        """(values, exposures) as JSON text, of first answers with a record of what was seen."""
        sql = f"select a.value, a.exposure {_answers(upto)} and a.exposure is not null"
        return self._read(sql, project, question, upto, 2)

    def spent(self, project: str) -> Spent:
        """What the machine's calls have cost, over all questions and rounds."""
        priced = """
            select count(*) as calls,
              sum(case when cost_usd is null then 1 else 0 end) as unpriced,
              coalesce(sum(cost_usd), 0.0) as usd
            from prelabels where project = :project and reused_from is null"""
        row = next(self._engine.query(priced, {"project": project}))
        about = f"""
            select {KEY.format("item_id")} as key from prelabels
            where project = :project and reused_from is null"""
        items = distinct(self._engine, about, {"project": project})
        return Spent(int(row["calls"]), int(row["unpriced"] or 0), row["usd"], items)

    def _read(
        self, sql: str, project: str, question: str, upto: str, width: int
    ) -> tuple[tuple[Any, ...], ...]:
        params = {"project": project, "question": question}
        found = self._engine.columns(sql, params | ({} if upto == EVERYTHING else {"upto": upto}))
        return found or ((),) * width


def _answers(upto: str) -> str:
    # coalesce: SQLite then goes through the few items by their ids, not through all the project's
    whose = (
        "a.project = :project"
        if upto == EVERYTHING
        else "coalesce(a.project, '') = :project and a.item_id <= :upto"
    )
    return f"""
        from annotations a left join retractions x on x.annotation_id = a.id
        where {whose} and a.question = :question and a.kind = 'answer'
          and x.annotation_id is null"""
