"""Changes that were tried on items of known answer before anybody adopted them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from annotate.model import Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json, to_json_or_null


@dataclass(frozen=True, slots=True)
class Trial:
    """One change, and how the model did with it and without.

    base: hash of the project file that it would change. changes: [path, value] pairs. told: the
    change in words. items: compared, of which `drawn` were not chosen by what the model said.
    failed: items left out because a call failed. won: items that only the change has right; lost:
    only the present file. calls: made and paid for. stopped: why not all items were asked about.
    """

    id: str
    project: str
    question: str
    base: str
    changes: Sequence[Any]
    told: Sequence[str]
    items: int
    drawn: int
    failed: int
    right_before: int
    right_after: int
    won: int
    lost: int
    calls: int
    cost_usd: float
    unpriced: int
    stopped: str | None
    person: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What the model said of an item with the present file and with the change; None: nothing."""

    item_id: str
    truth: Value
    before: Value
    after: Value


class Trials:
    """The calls of trials stand here alone: nothing that routes, counts or exports reads them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, trial: Trial, tried: Iterable[Tried]) -> None:
        row = asdict(trial)
        row |= {"changes": to_json(row["changes"]), "told": to_json(row["told"])}
        rows = [
            {
                "trial_id": trial.id,
                "item_id": one.item_id,
                "truth": to_json(one.truth),
                "before": to_json_or_null(one.before),
                "after": to_json_or_null(one.after),
            }
            for one in tried
        ]
        with self._engine.transaction():
            self._engine.insert("trials", [row])
            self._engine.insert("trial_items", rows)

    def get(self, trial_id: str) -> Trial | None:
        sql = "select * from trials where id = :id"
        return next((_trial(row) for row in self._engine.query(sql, {"id": trial_id})), None)

    def of_question(self, project: str, question: str) -> list[Trial]:
        """Newest first."""
        sql = """
            select * from trials where project = :project and question = :question
            order by created_at desc, id desc"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return [_trial(row) for row in rows]

    def items(self, trial_id: str) -> list[Tried]:
        """Every item that was compared."""
        sql = "select * from trial_items where trial_id = :trial order by item_id"
        return [
            Tried(
                row["item_id"],
                from_json(row["truth"]),
                from_json(row["before"]),
                from_json(row["after"]),
            )
            for row in self._engine.query(sql, {"trial": trial_id})
        ]

    def items_used(self, project: str, question: str) -> set[str]:
        """Items on which any change was tried."""
        sql = """
            select distinct i.item_id from trials t join trial_items i on i.trial_id = t.id
            where t.project = :project and t.question = :question"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["item_id"] for row in rows}

    def keep_call(self, item_id: str, call: str, answer: Mapping[str, Any], *, now: str) -> None:
        """An answer to a call that need not be made again."""
        row = {"item_id": item_id, "call": call, "answer": to_json(answer), "created_at": now}
        self._engine.insert("trial_calls", [row], on_conflict="ignore")

    def calls_of(self, item_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """item id -> call -> the answer that a trial had to it."""
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(item_ids), 500):
            among, params = one_of(item_ids[start : start + 500])
            sql = f"select * from trial_calls where item_id in {among}"
            for row in self._engine.query(sql, params):
                found.setdefault(row["item_id"], {})[row["call"]] = from_json(row["answer"])
        return found


def _trial(row: Mapping[str, Any]) -> Trial:
    told = {"changes": from_json(row["changes"]), "told": from_json(row["told"])}
    return Trial(**{**row, **told})
