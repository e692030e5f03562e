"""Answers as columns, for arrays: what is computed over a million of them is read like this."""

from __future__ import annotations

from typing import Any, NamedTuple

from annotate.store.decisions import NEWEST_DECISION
from annotate.store.engine import Engine

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
    in sight."""

    item_ids: tuple[str, ...]
    person_ids: tuple[str, ...]
    values: tuple[str, ...]
    assisted: tuple[int, ...]


class MachineSaid(NamedTuple):
    """Columns of the same length; values are JSON text."""

    item_ids: tuple[str, ...]
    values: tuple[str, ...]


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
              case when a.shown_prelabel is null then 0 else 1 end
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
