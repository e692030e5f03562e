"""Long work that outlives a page: queued, taken by one worker, watched by everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from annotate.model import Value
from annotate.store.engine import Engine
from annotate.store.rows import from_json, one_of, to_json

JobState = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work. `done` of `total` are in the job's own unit; total 0: not known."""

    id: str
    project: str
    kind: str
    settings: Mapping[str, Value]
    state: JobState
    done: int
    total: int
    cost_usd: float
    message: str
    cancel: bool
    worker: str | None
    created_by: str
    created_at: str
    started_at: str | None
    heartbeat_at: str | None
    finished_at: str | None


class Jobs:
    """A job that stopped beating is taken by the next worker and goes on where it was."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, job: Job) -> None:
        row = {field.name: getattr(job, field.name) for field in fields(Job)}
        row |= {"settings": to_json(job.settings), "cancel": int(job.cancel)}
        self._engine.insert("jobs", [row])

    def get(self, job_id: str) -> Job | None:
        rows = list(self._engine.query("select * from jobs where id = :id", {"id": job_id}))
        return _job(rows[0]) if rows else None

    def of_project(self, project: str, *, limit: int = 20) -> list[Job]:
        """The newest jobs, newest first."""
        sql = """
            select * from jobs where project = :project
            order by created_at desc, id desc limit :limit"""
        rows = self._engine.query(sql, {"project": project, "limit": limit})
        return [_job(row) for row in rows]

    def unfinished(self, project: str, kind: str) -> Job | None:
        """The oldest job of this kind that waits or runs."""
        sql = """
            select * from jobs where project = :project and kind = :kind
              and state in ('queued', 'running') order by created_at, id limit 1"""
        rows = list(self._engine.query(sql, {"project": project, "kind": kind}))
        return _job(rows[0]) if rows else None

    def claim(
        self, worker: str, *, now: str, stale_before: str, kinds: Sequence[str]
    ) -> Job | None:
        """Take the oldest job of these kinds that waits, or whose worker has not been heard of
        since a time.

        One statement, so that two workers never take one job.
        """
        among, names = one_of(kinds)
        sql = f"""
            update jobs set state = 'running', worker = :worker, heartbeat_at = :now,
              started_at = coalesce(started_at, :now)
            where id = (
              select id from jobs
              where kind in {among}
                and (state = 'queued' or (state = 'running' and heartbeat_at < :stale))
              order by created_at, id limit 1 {self._engine.for_claim})
            returning *"""
        params = {"worker": worker, "now": now, "stale": stale_before, **names}
        rows = list(self._engine.query(sql, params))
        return _job(rows[0]) if rows else None

    def beat(
        self, job_id: str, worker: str, *, done: int, total: int, cost_usd: float, now: str
    ) -> bool:
        """Say how far the job is. False: stop, it was cancelled or another worker has it."""
        sql = """
            update jobs set done = :done, total = :total, cost_usd = :cost, heartbeat_at = :now
            where id = :id and worker = :worker and state = 'running'
            returning cancel"""
        params = {
            "id": job_id,
            "worker": worker,
            "done": done,
            "total": total,
            "cost": cost_usd,
            "now": now,
        }
        rows = list(self._engine.query(sql, params))
        return bool(rows) and not rows[0]["cancel"]

    def finish(self, job_id: str, worker: str, state: JobState, message: str, *, now: str) -> bool:
        """End a running job; False when it is no longer this worker's."""
        sql = """
            update jobs set state = :state, message = :message, finished_at = :now
            where id = :id and worker = :worker and state = 'running'"""
        params = {"id": job_id, "worker": worker, "state": state, "message": message, "now": now}
        return self._engine.execute(sql, params) == 1

    def ask_to_stop(self, job_id: str, *, now: str) -> bool:
        """Cancel: at once while it waits, at its next beat while it runs. False when it ended."""
        sql = """
            update jobs set cancel = 1,
              finished_at = case when state = 'queued' then :now else finished_at end,
              state = case when state = 'queued' then 'cancelled' else state end
            where id = :id and state in ('queued', 'running')"""
        return self._engine.execute(sql, {"id": job_id, "now": now}) == 1

    def end_all(self, message: str, *, now: str) -> None:
        """Cancel everything that waits or runs."""
        sql = """
            update jobs set state = 'cancelled', cancel = 1, message = :message, finished_at = :now
            where state in ('queued', 'running')"""
        self._engine.execute(sql, {"message": message, "now": now})


def _job(row: Mapping[str, Any]) -> Job:
    return Job(**{**row, "settings": from_json(row["settings"]), "cancel": bool(row["cancel"])})
