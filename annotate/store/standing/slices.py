"""What the arrays of disagreement are made of, and the arrays, kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotate.model import IMPORTED
from annotate.store.arrays import (
    KEY,
    Codes,
    Keys,
    Numbers,
    arrays,
    fills,
    floats,
    keys,
    whole,
    whose,
)
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json
from annotate.store.standing.decisions import NEWEST_DECISION

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]


AT_ONCE = 1000
"""Positions that one query names."""


class Given(NamedTuple):
    """Answers that count, (a,) each. item: keys. person, value, day: codes of texts; values are
    JSON."""

    item: Keys
    person: Codes
    value: Codes
    day: Codes


class SaidAt(NamedTuple):
    """Answers that count, at some positions: columns of the same length. values are JSON text.
    assisted: 1 where the machine's answer was in sight, 2 where nobody knows. days: as text."""

    positions: tuple[int, ...] = ()
    people: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    assisted: tuple[int, ...] = ()
    days: tuple[str, ...] = ()


class MachineAt(NamedTuple):
    """What the machine says at some positions: columns of the same length; values are JSON."""

    positions: tuple[int, ...] = ()
    values: tuple[str, ...] = ()


class Standing(NamedTuple):
    """The consensus on items that somebody answered, (n,) each. item: keys. status, machine_value:
    codes of texts; values are JSON, or None."""

    item: Keys
    priority: Floats
    uncertainty: Floats
    status: Codes
    machine_value: Codes


class Voted(NamedTuple):
    """Usable machine answers, (v,) each. item: keys; the others: codes of texts; values are
    JSON."""

    item: Keys
    round: Codes
    model: Codes
    prompt: Codes
    value: Codes


class Places(NamedTuple):
    """A project's items by key, and where they stand: (n,) each."""

    keys: Keys
    position: Codes

    def of(self, items: Keys) -> Codes:
        """The positions of items that are all there."""
        return self.position[np.searchsorted(self.keys, items)]


class Slices:
    """Arrays are kept as they are in memory: a million items are read in a tenth of a second."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def places(self, project: str) -> Places:
        sql = f"select {KEY.format('id')}, position from items where project = :project"
        found = arrays(self._engine, sql, {"project": project}, keys, whole)
        order = np.argsort(found[0])
        return Places(*(column[order] for column in found))

    def answers(
        self, project: str, question: str, *, person: Numbers, value: Numbers, day: Numbers
    ) -> Given:
        """Every answer that counts, in no particular order. Texts get their number in `person`,
        `value` and `day`."""
        sql = f"""
            select {KEY.format("a.item_id")}, a.person_id, a.value, substr(a.created_at, 1, 10)
            from annotations a left join retractions x on x.annotation_id = a.id
            where a.project = :project and a.question = :question and a.kind = 'answer'
              and x.annotation_id is null"""
        params = {"project": project, "question": question}
        return Given(*arrays(self._engine, sql, params, keys, person, value, day))

    def answers_at(self, project: str, question: str, positions: Sequence[int]) -> SaidAt:
        """Every answer that counts to the items at these positions."""
        sql = f"""
            select i.position, a.person_id, a.value,
              case when a.shown_prelabel is null then 0
                when a.shown_prelabel = '{IMPORTED}' then 2 else 1 end,
              substr(a.created_at, 1, 10)
            from items i cross join annotations a
            left join retractions x on x.annotation_id = a.id
            where i.project = :project and i.position in {{among}} and a.item_id = i.id
              and a.question = :question and a.kind = 'answer' and x.annotation_id is null"""
        return SaidAt(*self._at(sql, project, question, positions))

    def machine_at(self, project: str, question: str, positions: Sequence[int]) -> MachineAt:
        """What the machine says of the items at these positions, by the decisions in force."""
        sql = f"""
            select i.position, d.model_value from items i cross join decisions d
            where i.project = :project and i.position in {{among}} and d.item_id = i.id
              and d.question = :question and d.model_value is not null and {NEWEST_DECISION}"""
        return MachineAt(*self._at(sql, project, question, positions))

    def _at(
        self, sql: str, project: str, question: str, positions: Sequence[int]
    ) -> list[tuple[Any, ...]]:
        """The columns of a query about many positions, some at a time."""
        parts = []
        for start in range(0, len(positions), AT_ONCE):
            among, at = one_of(positions[start : start + AT_ONCE])
            params = {**at, "project": project, "question": question}
            parts.append(self._engine.columns(sql.format(among=among), params))
        return [tuple(chain(*column)) for column in zip(*filter(None, parts), strict=True)]

    def standing(self, project: str, question: str, *, status: Numbers, value: Numbers) -> Standing:
        """The consensus on every item that somebody answered, in no particular order."""
        sql = f"""
            select {KEY.format("item_id")}, priority, uncertainty, status, machine_value
            from consensus
            where {whose(self._engine, project)} and question = :question and people > 0"""
        params = {"project": project, "question": question}
        return Standing(*arrays(self._engine, sql, params, keys, floats, floats, status, value))

    def votes(
        self,
        project: str,
        question: str,
        *,
        round_: Numbers,
        model: Numbers,
        prompt: Numbers,
        value: Numbers,
    ) -> Voted:
        """Every usable machine answer of every round, in no particular order."""
        among = "project = :project"
        if not fills(self._engine, project):
            among = "item_id in (select id from items where project = :project)"
        sql = f"""
            select {KEY.format("item_id")}, round_id, model, prompt_version, value
            from prelabels
            where {among} and question = :question and outcome in ('parsed', 'repaired')"""
        params = {"project": project, "question": question}
        return Voted(*arrays(self._engine, sql, params, keys, round_, model, prompt, value))

    def rounds(self, project: str, question: str) -> list[str]:
        """Ids of the rounds, oldest first, those that came from other tools before all."""
        sql = """
            select id from rounds where project = :project and question = :question
            order by case when imported is null then 1 else 0 end, started_at, id"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return [row["id"] for row in rows]

    def asked(self, project: str, question: str) -> tuple[list[str], list[str]]:
        """(models, versions of prompts) as the first items of each round were asked."""
        sql = """
            select distinct p.model, p.prompt_version from prelabels p
            where p.question = :question and p.outcome in ('parsed', 'repaired') and p.item_id in (
              select item_id from prelabelled d where d.round_id = :round limit 50)"""
        found = [
            (row["model"], row["prompt_version"])
            for round_ in self.rounds(project, question)
            for row in self._engine.query(sql, {"question": question, "round": round_})
        ]
        return sorted({model for model, _ in found}), sorted({prompt for _, prompt in found})

    def votes_version(self, project: str, question: str) -> str:
        """Changes when a round begins or ends."""
        sql = """
            select count(*) as n, max(started_at) as began, max(finished_at) as ended from rounds
            where project = :project and question = :question"""
        row = next(self._engine.query(sql, {"project": project, "question": question}))
        return f"{row['n']} {row['began']} {row['ended']}"

    def metadata(self, project: str, *, start: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """(position, metadata) of items from a position on, in order."""
        sql = """
            select position, metadata from items
            where project = :project and position >= :start order by position limit :limit"""
        rows = self._engine.rows(sql, {"project": project, "start": start, "limit": limit})
        return [(position, from_json(text)) for position, text in rows]

    def keep(
        self, project: str, question: str, name: str, *, version: str, at: str, arrays: Arrays
    ) -> None:
        """Put arrays and what they are of in the place of what was kept under this name."""
        layout = {key: [one.dtype.str, len(one)] for key, one in arrays.items()}
        row = {
            "project": project,
            "question": question,
            "name": name,
            "version": version,
            "layout": to_json(layout),
            "content": b"".join(arrays[key].tobytes() for key in sorted(arrays)),
            "at": at,
        }
        with self._engine.transaction():
            sql = """
                delete from slices
                where project = :project and question = :question and name = :name"""
            self._engine.execute(sql, {key: row[key] for key in ("project", "question", "name")})
            self._engine.insert("slices", [row])

    def kept(self, project: str, question: str, name: str) -> tuple[str, str] | None:
        """(version, time) of what is kept under this name."""
        sql = f"select version, at from slices {_NAMED}"
        params = {"project": project, "question": question, "name": name}
        for row in self._engine.query(sql, params):
            return row["version"], row["at"]
        return None

    def load(self, project: str, question: str, name: str) -> Arrays:
        """The arrays kept under this name; they cannot be written to. KeyError without."""
        sql = f"select layout, content from slices {_NAMED}"
        params = {"project": project, "question": question, "name": name}
        for row in self._engine.query(sql, params):
            return _arrays(from_json(row["layout"]), row["content"])
        raise KeyError(name)


_NAMED = "where project = :project and question = :question and name = :name"


def _arrays(layout: Mapping[str, tuple[str, int]], content: bytes) -> Arrays:
    found, at = {}, 0
    for name, (dtype, length) in sorted(layout.items()):
        found[name] = np.frombuffer(content, dtype=dtype, count=length, offset=at)
        at += length * np.dtype(dtype).itemsize
    return found
