"""What the arrays of disagreement are made of, and the arrays, kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotate.store.engine import Engine
from annotate.store.rows import from_json, to_json

Arrays = Mapping[str, NDArray[Any]]


class Given(NamedTuple):
    """An answer that counts. value: JSON text, of which there are few."""

    position: int
    person_id: str
    value: str
    created_at: str


class Standing(NamedTuple):
    """The consensus on an item that somebody answered. machine_value: JSON text, or None."""

    position: int
    priority: float
    uncertainty: float
    status: str
    machine_value: str | None


class Voted(NamedTuple):
    """A usable machine answer. value: JSON text."""

    position: int
    round_id: str
    model: str
    prompt_version: str
    value: str


class Slices:
    """Arrays are kept as they are in memory: a million items are read in a tenth of a second."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def answers(self, project: str, question: str) -> Iterator[Given]:
        """Every answer that counts, in no particular order. Streams."""
        sql = """
            select i.position, a.person_id, a.value, a.created_at
            from annotations a join items i on i.id = a.item_id
            left join retractions x on x.annotation_id = a.id
            where a.project = :project and a.question = :question and a.kind = 'answer'
              and x.annotation_id is null"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return (Given(*row.values()) for row in rows)

    def standing(self, project: str, question: str) -> Iterator[Standing]:
        """The consensus on every item that somebody answered, in no particular order. Streams."""
        sql = """
            select i.position, c.priority, c.uncertainty, c.status, c.machine_value
            from consensus c join items i on i.id = c.item_id
            where c.project = :project and c.question = :question and c.people > 0"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return (Standing(*row.values()) for row in rows)

    def votes(self, project: str, question: str) -> Iterator[Voted]:
        """Every usable machine answer of every round, in no particular order. Streams."""
        sql = """
            select i.position, p.round_id, p.model, p.prompt_version, p.value
            from items i join prelabels p on p.item_id = i.id and p.question = :question
            where i.project = :project and p.outcome in ('parsed', 'repaired')"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return (Voted(*row.values()) for row in rows)

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
        rows = self._engine.query(sql, {"project": project, "start": start, "limit": limit})
        return [(row["position"], from_json(row["metadata"])) for row in rows]

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
