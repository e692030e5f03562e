"""What is stood by for each item, as last made up from what was said: rows are replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any, Literal, NamedTuple

from annotate.model import Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json, to_json_or_null

Status = Literal["adjudicated", "ambiguous", "agreed", "disputed", "single", "machine", "open"]
STATUSES: tuple[Status, ...] = (
    "adjudicated", "ambiguous", "agreed", "disputed", "single", "machine", "open",
)  # fmt: skip
"""Who an item's answer is from: somebody has decided it, or that it cannot be; two people or more
who say the same, or differ; one person; the machine alone; nobody."""


@dataclass(frozen=True, slots=True)
class ConsensusRow:
    """One item. value: None where nothing can be stood by. probability: of the value; None without
    classes. uncertainty: 0 sure .. 1, what is missing of the largest probability; without classes
    the mean distance between people's answers. machine_value: what most of the machine's answers
    say, machine_probability: how often people agree with it in such cases. priority: how much an
    item wants to be looked at, uncertainty times people.
    """

    project: str
    question: str
    item_id: str
    value: Value
    probability: float | None
    uncertainty: float
    people: int
    machine_value: Value
    machine_probability: float | None
    status: Status
    priority: float
    data_version: int
    at: str


@dataclass(frozen=True, slots=True)
class ConsensusRun:
    """How the rows of a question were last made. basis: digest of the settings that went in.

    quality: of each person, {"person_id", "answers", "accuracy", "low", "high", "confusion"}, most
    answers first; accuracy null where nobody else answered anything they did.
    """

    project: str
    question: str
    basis: str
    method: str
    data_version: int
    answers: int
    quality: list[Mapping[str, Any]]
    at: str


class Stored(NamedTuple):
    """What tells whether a row has to be stored anew."""

    item_id: str
    value: Value
    people: int
    machine_value: Value
    status: Status
    probability: float | None
    uncertainty: float
    machine_probability: float | None


AT_ONCE = 1_000


class ConsensusRows:
    """An item without a row is open: nobody has said anything of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run_of(self, project: str, question: str) -> ConsensusRun | None:
        sql = "select * from consensus_runs where project = :project and question = :question"
        for row in self._engine.query(sql, {"project": project, "question": question}):
            return ConsensusRun(**{**row, "quality": from_json(row["quality"])})
        return None

    def put(self, rows: Iterable[ConsensusRow]) -> int:
        """Store rows in the place of what there was of their items; returns how many.

        A thousand at a time, so that nobody who answers has to wait for all of them.
        """
        count, rows = 0, iter(rows)
        while some := list(islice(rows, AT_ONCE)):
            with self._engine.transaction():
                for row in some:
                    self._engine.execute(_PUT, _as_row(row))
            count += len(some)
        return count

    def finish(self, run: ConsensusRun) -> None:
        """Note how the rows were made, unless somebody has seen more meanwhile."""
        made = {field.name: getattr(run, field.name) for field in fields(ConsensusRun)}
        self._engine.execute(_PUT_RUN, made | {"quality": to_json(run.quality)})

    def stored(self, project: str, question: str) -> Iterator[Stored]:
        """Every row in short, in no particular order. Streams."""
        names = ", ".join(Stored._fields)
        sql = f"select {names} from consensus where project = :project and question = :question"
        values: dict[str | None, Value] = {}  # the same few over and over
        for row in self._engine.query(sql, {"project": project, "question": question}):
            for name in ("value", "machine_value"):
                text = row[name]
                row[name] = values.setdefault(text, from_json(text))
            yield Stored(*row.values())

    def first(
        self,
        project: str,
        question: str,
        *,
        status: Status | None = None,
        after: tuple[float, str] | None = None,
        limit: int = 50,
    ) -> list[ConsensusRow]:
        """What wants to be looked at most, by priority, then item id.

        status: only such. after: (priority, item id) of the last row one has seen.
        """
        alone = "" if status is None else "and status = :status"
        behind = ""
        if after is not None:
            behind = """
              and priority <= :priority and (priority < :priority or item_id > :item)"""
        sql = f"""
            select * from consensus
            where project = :project and question = :question {alone} {behind}
            order by priority desc, item_id limit :limit"""
        priority, item = after or (0.0, "")
        params = {
            "project": project, "question": question, "status": status, "priority": priority,
            "item": item, "limit": limit,
        }  # fmt: skip
        return [_row(row) for row in self._engine.query(sql, params)]

    def counts(self, project: str, question: str) -> dict[Status, int]:
        """status -> number of rows."""
        sql = """
            select status, count(*) as n from consensus
            where project = :project and question = :question group by status"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["status"]: int(row["n"]) for row in rows}

    def of_items(self, question: str, item_ids: Sequence[str]) -> dict[str, ConsensusRow]:
        """item id -> its row, where it has one."""
        found: dict[str, ConsensusRow] = {}
        for start in range(0, len(item_ids), 1000):
            among, params = one_of(item_ids[start : start + 1000])
            sql = f"select * from consensus where item_id in {among} and question = :question"
            rows = self._engine.query(sql, {**params, "question": question})
            found |= {row["item_id"]: _row(row) for row in rows}
        return found


_NAMES = [field.name for field in fields(ConsensusRow)]
_PUT = f"""
    insert into consensus ({", ".join(_NAMES)}) values ({", ".join(f":{name}" for name in _NAMES)})
    on conflict (item_id, question) do update set
    {", ".join(f"{n} = excluded.{n}" for n in _NAMES if n not in ("item_id", "question"))}"""

_RUN_NAMES = [field.name for field in fields(ConsensusRun)]
_PUT_RUN = f"""
    insert into consensus_runs ({", ".join(_RUN_NAMES)})
    values ({", ".join(f":{name}" for name in _RUN_NAMES)})
    on conflict (project, question) do update set
    {", ".join(f"{n} = excluded.{n}" for n in _RUN_NAMES if n not in ("project", "question"))}
    where excluded.data_version >= consensus_runs.data_version"""


def _as_row(row: ConsensusRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _NAMES}
    said = {name: to_json_or_null(values[name]) for name in ("value", "machine_value")}
    return values | said


def _row(row: Mapping[str, Any]) -> ConsensusRow:
    said = {name: from_json(row[name]) for name in ("value", "machine_value")}
    return ConsensusRow(**{**row, **said})
