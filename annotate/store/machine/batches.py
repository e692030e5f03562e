"""Calls handed to a server by the thousand, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from annotate.store.engine import Engine
from annotate.store.rows import one_of

BatchState = Literal["preparing", "uploaded", "submitted", "fetched", "refused", "given up"]
"""`preparing` and `uploaded`: nothing is paid yet, but the submission of an uploaded one may have
been cut off before it could be recorded. `refused`: the server ran nothing of it."""

UNDER_WAY: tuple[BatchState, ...] = ("preparing", "uploaded", "submitted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One file of calls, submitted to a server's Batch API. Money is in US dollars, None where
    the price is not known."""

    id: str
    project: str
    question: str
    round_id: str
    run_id: str
    """The first batch of the run: caps hold for all batches of a run together."""
    wave: int
    number: int
    member: str
    """Of the ensemble, whose calls it holds; empty where one model is asked."""
    base_url: str
    model: str
    state: BatchState
    calls: int
    most_usd: float | None
    """What all its calls can cost at most."""
    created_at: str
    answered: int = 0
    """Calls whose answer is stored."""
    direct: int = 0
    """Calls made directly on its behalf: second tries of replies that were no answer."""
    cost_usd: float | None = None
    input_file_id: str | None = None
    server_id: str | None = None
    status: str | None = None
    """The server's word for where it stands."""
    done: int = 0
    failed: int = 0
    """Of its calls, by the server's count."""
    reason: str | None = None
    room: int | None = None
    """Calls the server takes at once, as far as its refusal of this batch tells."""
    submitted_at: str | None = None
    closed_at: str | None = None
    run_over: int = 0
    """1 when its run has ended, by itself or at a cap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCall:
    """One call that is in a batch, or waits to be in the next one (batch_id None).

    given_up: it failed for the last time in this run. A call whose answer is stored has no row.
    """

    round_id: str
    custom_id: str
    item_id: str
    variant: str
    sample: int
    batch_id: str | None
    most_usd: float | None
    attempt: int = 1
    given_up: bool = False
    reason: str | None = None


class Batches:
    """A call is in one batch at most: that is what keeps it from being paid twice."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # batches

    def start(self, batch: Batch, calls: Iterable[BatchCall]) -> None:
        """A new batch with its calls. A call that failed before keeps count of its attempts."""
        sql = f"""
            insert into batch_calls ({", ".join(_CALL)})
            values ({", ".join(f":{name}" for name in _CALL)})
            on conflict (round_id, custom_id) do update
              set batch_id = excluded.batch_id, most_usd = excluded.most_usd,
                attempt = batch_calls.attempt + 1"""
        with self._engine.transaction():
            self._engine.insert("batches", [{name: getattr(batch, name) for name in _BATCH}])
            for call in calls:
                row = {name: getattr(call, name) for name in _CALL}
                self._engine.execute(sql, row | {"given_up": int(call.given_up)})

    def uploaded(self, batch_id: str, input_file_id: str) -> None:
        self._set(batch_id, state="uploaded", input_file_id=input_file_id)

    def submitted(self, batch_id: str, server_id: str, status: str, *, now: str) -> None:
        self._set(batch_id, state="submitted", server_id=server_id, status=status, submitted_at=now)

    def seen(self, batch_id: str, status: str, *, done: int, failed: int) -> None:
        """Where the server says that it stands."""
        self._set(batch_id, status=status, done=done, failed=failed)

    def fetched(self, batch_id: str, *, now: str) -> None:
        """Every one of its calls has been settled."""
        self._set(batch_id, state="fetched", closed_at=now)

    def refuse(
        self, batch_id: str, reason: str, *, room: int | None, now: str
    ) -> tuple[int, float]:
        """The server ran nothing of it: its calls are as if they had never been in it.

        Returns how many these are, and what they could have cost at most, in US dollars.
        """
        with self._engine.transaction():
            self._set(batch_id, state="refused", reason=reason, room=room, closed_at=now)
            return self._release(batch_id)

    def give_up(self, batch_id: str, reason: str, *, now: str) -> tuple[int, float]:
        """Nothing more will come of it: what it left unanswered is as if it had never been in it.

        Returns how many calls these are, and what they could cost at most, in US dollars.
        """
        with self._engine.transaction():
            self._set(batch_id, state="given up", reason=reason, closed_at=now)
            return self._release(batch_id)

    def drop(self, batch_id: str) -> None:
        """Forget a batch that never reached the server."""
        with self._engine.transaction():
            self._release(batch_id)
            self._engine.execute("delete from batches where id = :id", {"id": batch_id})

    def under_way(self, project: str, question: str) -> list[Batch]:
        """The batches that are not closed, of any round, oldest first."""
        among, params = one_of(UNDER_WAY)
        sql = f"""
            select * from batches
            where project = :project and question = :question and state in {among}
            order by created_at, number, id"""
        rows = self._engine.query(sql, {**params, "project": project, "question": question})
        return [Batch(**row) for row in rows]

    def of_project(self, project: str) -> list[Batch]:
        """All batches, newest first."""
        sql = """
            select * from batches where project = :project
            order by created_at desc, number desc, id"""
        return [Batch(**row) for row in self._engine.query(sql, {"project": project})]

    def of_open_run(self, round_id: str) -> list[Batch]:
        """The batches of the run that has not ended, oldest first; none when all have."""
        sql = """
            select * from batches where round_id = :round and run_over = 0
            order by created_at, number, id"""
        return [Batch(**row) for row in self._engine.query(sql, {"round": round_id})]

    def tally(self, batch_id: str, *, answered: int, direct: int, cost_usd: float | None) -> None:
        """Count answers that were stored, and calls made directly, to what the batch has."""
        sql = """
            update batches set answered = answered + :answered, direct = direct + :direct,
              cost_usd = case when :cost is null then cost_usd
                else coalesce(cost_usd, 0) + :cost end
            where id = :id"""
        params = {"id": batch_id, "answered": answered, "direct": direct, "cost": cost_usd}
        self._engine.execute(sql, params)

    # calls

    def in_flight(self, round_id: str) -> tuple[int, float]:
        """How many calls are in batches, and what they can cost at most."""
        sql = """
            select count(*) as calls, coalesce(sum(most_usd), 0.0) as usd from batch_calls
            where round_id = :round and batch_id is not null"""
        row = next(self._engine.query(sql, {"round": round_id}))
        return row["calls"], row["usd"]

    def of_items(self, round_id: str, item_ids: Sequence[str]) -> list[BatchCall]:
        """The calls about these items that are in batches, wait, or were given up."""
        among, params = one_of(item_ids)
        sql = f"select * from batch_calls where round_id = :round and item_id in {among}"
        return self._calls(sql, {**params, "round": round_id})

    def left(self, batch_id: str, *, limit: int) -> list[BatchCall]:
        """Some of the calls that the batch still has to answer, item by item."""
        sql = "select * from batch_calls where batch_id = :batch order by item_id limit :limit"
        return self._calls(sql, {"batch": batch_id, "limit": limit})

    def answered(self, round_id: str, custom_ids: Iterable[str]) -> None:
        """These calls have ended: their answers are stored."""
        sql = "delete from batch_calls where round_id = :round and custom_id = :call"
        for custom_id in custom_ids:
            self._engine.execute(sql, {"round": round_id, "call": custom_id})

    def failed(self, round_id: str, custom_id: str, reason: str, *, give_up: bool) -> None:
        """A call came to nothing: it waits for the next batch, or is given up for this run."""
        sql = """
            update batch_calls set batch_id = null, reason = :reason, given_up = :give_up
            where round_id = :round and custom_id = :call"""
        params = {"round": round_id, "call": custom_id, "reason": reason, "give_up": int(give_up)}
        self._engine.execute(sql, params)

    def end_run(self, round_id: str) -> None:
        """The run is over: what failed in it is asked anew by the next."""
        sql = "delete from batch_calls where round_id = :round and batch_id is null"
        with self._engine.transaction():
            self._engine.execute(sql, {"round": round_id})
            sql = "update batches set run_over = 1 where round_id = :round and run_over = 0"
            self._engine.execute(sql, {"round": round_id})

    def _release(self, batch_id: str) -> tuple[int, float]:
        params = {"batch": batch_id}
        sql = """
            select count(*) as calls, coalesce(sum(most_usd), 0.0) as usd from batch_calls
            where batch_id = :batch"""
        row = next(self._engine.query(sql, params))
        sql = "delete from batch_calls where batch_id = :batch and attempt = 1"
        self._engine.execute(sql, params)
        sql = """
            update batch_calls set batch_id = null, attempt = attempt - 1
            where batch_id = :batch"""
        self._engine.execute(sql, params)
        return row["calls"], row["usd"]

    def _set(self, batch_id: str, **values: object) -> None:
        changes = ", ".join(f"{name} = :{name}" for name in values)
        self._engine.execute(
            f"update batches set {changes} where id = :id", {**values, "id": batch_id}
        )

    def _calls(self, sql: str, params: Mapping[str, Any]) -> list[BatchCall]:
        rows = self._engine.query(sql, params)
        return [BatchCall(**{**row, "given_up": bool(row["given_up"])}) for row in rows]


_BATCH = [field.name for field in fields(Batch)]
_CALL = [field.name for field in fields(BatchCall)]
