"""Where items were sent: appended at each routing that changes something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotate.model import Decision, Value
from annotate.store.arrays import KEY, Codes, Keys, Numbers, arrays, floats, keys, whole
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json, to_json_or_null

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Routing:
    """One run of a policy over all items."""

    id: str
    project: str
    question: str
    number: int
    policy: str
    settings: Mapping[str, Value]
    created_at: str


class Placed(NamedTuple):
    """What reckoning over all items needs of decisions, (d,) each. item: keys. destination, label:
    codes of texts; labels are JSON, or None. score: NaN for none."""

    item: Keys
    number: Codes
    destination: Codes
    score: Floats
    label: Codes


class Decisions:
    """The decision in force for an item is the one with the highest number."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def next_number(self, project: str, question: str) -> int:
        sql = """
            select coalesce(max(number), 0) + 1 as n from routings
            where project = :project and question = :question"""
        return int(next(self._engine.query(sql, {"project": project, "question": question}))["n"])

    def start(self, routing: Routing) -> None:
        row = {
            "id": routing.id,
            "project": routing.project,
            "question": routing.question,
            "number": routing.number,
            "policy": routing.policy,
            "settings": to_json(routing.settings),
            "created_at": routing.created_at,
        }
        self._engine.insert("routings", [row])

    def add(self, routing: Routing, decisions: Iterable[Decision]) -> int:
        return self._engine.insert("decisions", (_row(routing, d) for d in decisions))

    def routing_of(self, decision_id: str) -> Routing:
        """The run that made a decision; KeyError when there is no such decision."""
        sql = """
            select r.* from routings r join decisions d on d.routing_id = r.id
            where d.id = :id"""
        for row in self._engine.query(sql, {"id": decision_id}):
            return Routing(**{**row, "settings": from_json(row["settings"])})
        raise KeyError(decision_id)

    def runs(self, project: str, question: str) -> list[Routing]:
        """Every run that changed something, the newest first."""
        sql = """
            select * from routings where project = :project and question = :question
            order by number desc"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return [Routing(**{**row, "settings": from_json(row["settings"])}) for row in rows]

    def placed(
        self, project: str, question: str, *, destination: Numbers, label: Numbers
    ) -> Placed:
        """Every decision ever made, in no order; of an item's, the highest number is in force.

        Asking the database for those in force takes several times as long.
        """
        sql = f"""
            select {KEY.format("item_id")}, number, destination, score,
              coalesce(label, model_value)
            from decisions where project = :project and question = :question"""
        params = {"project": project, "question": question}
        return Placed(*arrays(self._engine, sql, params, keys, whole, destination, floats, label))

    def current(self, project: str, question: str) -> Iterator[Decision]:
        """The decisions in force, by item position. Streams."""
        sql = f"""
            select {_COLUMNS} from decisions d join items i on i.id = d.item_id
            where d.project = :project and d.question = :question and {NEWEST_DECISION}
            order by i.position"""
        params = {"project": project, "question": question}
        return map(decision, self._engine.query(sql, params))

    def audited_items(self, project: str, question: str) -> set[str]:
        """Items that any routing ever drew for people to check."""
        sql = """
            select distinct item_id from decisions
            where project = :project and question = :question and destination = 'audit'"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["item_id"] for row in rows}

    def of_items(self, question: str, item_ids: Sequence[str]) -> list[Decision]:
        """The decisions in force for these items, in no particular order."""
        found: list[Decision] = []
        for start in range(0, len(item_ids), 1000):
            among, params = one_of(item_ids[start : start + 1000])
            sql = f"""
                select {_COLUMNS} from decisions d
                where d.item_id in {among} and d.question = :question and {NEWEST_DECISION}"""
            rows = self._engine.query(sql, {**params, "question": question})
            found += map(decision, rows)
        return found


NEWEST_DECISION = """not exists (
    select 1 from decisions later where later.item_id = d.item_id
      and later.question = d.question and later.number > d.number)"""

_COLUMNS = """d.id, d.project, d.item_id, d.question, d.destination, d.score, d.model_value,
    d.propensity, d.policy, d.reason, d.created_at, d.label"""


def _row(routing: Routing, decision: Decision) -> dict[str, Any]:
    return {
        "id": decision.id,
        "project": decision.project,
        "item_id": decision.item_id,
        "question": decision.question,
        "routing_id": routing.id,
        "number": routing.number,
        "destination": decision.destination,
        "score": decision.score,
        "model_value": to_json_or_null(decision.model_value),
        "propensity": decision.propensity,
        "policy": decision.policy,
        "reason": decision.reason,
        "created_at": decision.created_at,
        "label": to_json_or_null(decision.label),
    }


def decision(row: Mapping[str, Any]) -> Decision:
    """A row of `decisions` as its dataclass; other columns are passed over."""
    names = Decision.__slots__
    values = {name: row[name] for name in names}
    # before labels could be learned, the machine's own was always the one delivered
    label = row["label"] if row["label"] is not None else row["model_value"]
    said = {"model_value": from_json(row["model_value"]), "label": from_json(label)}
    return Decision(**{**values, **said})
