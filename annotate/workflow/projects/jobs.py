"""Long work as jobs: queue it, work it off, watch it, cancel it. A killed worker loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from annotate.clock import iso
from annotate.errors import AnnotateError, NotFound
from annotate.model import Person, Value
from annotate.people import Right, require
from annotate.project import Project
from annotate.store import Store
from annotate.store.jobs import Job, JobState

STALLED_AFTER = timedelta(seconds=30)
BEAT_EVERY = timedelta(seconds=0.5)

KINDS: dict[str, Right] = {
    "prelabel": "prelabel",
    "route": "route",
    "trial": "edit projects",
    "import": "import",
    "export": "export",
    "count": "export",
    "snapshot": "export",
    "backup": "back up",
}
"""Kinds of jobs, and the right that queueing one takes, and having what comes of it."""

FILES = ("import", "export", "count", "snapshot", "backup")
"""Kinds that are about files: they wait for no model, and several may wait at once."""

TRIALS = ("trial",)
"""Kinds that ask a model a little and need not wait until all is pre-labelled."""

OTHERS = tuple(kind for kind in KINDS if kind not in (*FILES, *TRIALS))
ASIDE = (FILES, TRIALS)
"""Kinds that are worked off beside the others, and beside each other."""

SEEN = 200


class Beat(Protocol):
    """Called by the work as it goes on; False asks it to stop cleanly."""

    def __call__(self, done: int, total: int, cost_usd: float) -> bool: ...


Work = Callable[[Job, Beat], str]
"""Does a job and says in one line what came of it."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as people see it. eta_s: seconds left at the pace so far, None when unknown."""

    job: Job
    stalled: bool
    eta_s: float | None


def enqueue(
    store: Store,
    project: Project,
    kind: str,
    settings: dict[str, Value],
    *,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
) -> Job:
    """The new job, or the one of this kind that is already waiting or running; of trials and of
    what is about files, only the same work is queued once.

    Raises NotAllowed, and KeyError for an unknown kind.
    """
    require(actor, KINDS[kind])
    with store.transaction():
        waiting = _waiting(store, project, kind, settings)
        if waiting is not None:
            return waiting
        job = Job(
            id=new_id(),
            project=project.project,
            kind=kind,
            settings=settings,
            state="queued",
            done=0,
            total=0,
            cost_usd=0.0,
            message="",
            cancel=False,
            worker=None,
            created_by=actor.name,
            created_at=iso(now),
            started_at=None,
            heartbeat_at=None,
            finished_at=None,
        )
        store.jobs.add(job)
    return job


def _waiting(store: Store, project: Project, kind: str, settings: dict[str, Value]) -> Job | None:
    if kind in OTHERS:
        return store.jobs.unfinished(project.project, kind)
    same = (
        job
        for job in store.jobs.of_project(project.project, limit=SEEN)
        if job.kind == kind and job.state in ("queued", "running") and job.settings == settings
    )
    return next(same, None)


def work_one(
    store: Store,
    worker: str,
    work: Work,
    *,
    clock: Callable[[], datetime],
    kinds: Sequence[str] = tuple(KINDS),
) -> Job | None:
    """Take and do one job; None when none waits. Errors made for people end up in its message."""
    now = clock()
    stale = iso(now - STALLED_AFTER)
    job = store.jobs.claim(worker, now=iso(now), stale_before=stale, kinds=kinds)
    if job is None:
        return None
    beat = _Heart(store, job, worker, clock)
    state: JobState = "done"
    try:
        message = work(job, beat)
    except AnnotateError as error:
        state, message = "failed", str(error)
    if beat.stopped:
        state = "cancelled"
    store.jobs.finish(job.id, worker, state, message, now=iso(clock()))
    return store.jobs.get(job.id)


class _Heart:
    """Writes how far a job is, at most twice a second."""

    def __init__(self, store: Store, job: Job, worker: str, clock: Callable[[], datetime]) -> None:
        self._store, self._job, self._worker, self._clock = store, job, worker, clock
        self._last: datetime | None = None
        self.stopped = False

    def __call__(self, done: int, total: int, cost_usd: float) -> bool:
        now = self._clock()
        due = self._last is None or now - self._last >= BEAT_EVERY or done >= total
        if due and not self.stopped:
            self._last = now
            self.stopped = not self._store.jobs.beat(
                self._job.id, self._worker, done=done, total=total, cost_usd=cost_usd, now=iso(now)
            )
        return not self.stopped


def cancel(store: Store, project: Project, job_id: str, *, actor: Person, now: datetime) -> None:
    """Ask a job to stop; what it has done stays. Raises NotAllowed, NotFound, AnnotateError."""
    job = store.jobs.get(job_id)
    if job is None or job.project != project.project:
        raise NotFound(f"project {project.project!r} has no job {job_id!r}")
    require(actor, KINDS[job.kind])
    if not store.jobs.ask_to_stop(job_id, now=iso(now)):
        raise AnnotateError(f"job {job_id} has already ended: it is {job.state}")


def watch(
    store: Store,
    project: Project,
    *,
    actor: Person,
    now: datetime,
    kinds: Sequence[str] = tuple(KINDS),
    limit: int = 20,
) -> list[JobView]:
    """The newest jobs of these kinds with their pace, newest first. Raises NotAllowed."""
    require(actor, "review")
    jobs = store.jobs.of_project(project.project, limit=SEEN)
    return [_view(job, now) for job in jobs if job.kind in kinds][:limit]


def _view(job: Job, now: datetime) -> JobView:
    beat = datetime.fromisoformat(job.heartbeat_at) if job.heartbeat_at else None
    stalled = job.state == "running" and beat is not None and now - beat > STALLED_AFTER
    return JobView(job, stalled, None if stalled else _eta_s(job, now))


def _eta_s(job: Job, now: datetime) -> float | None:
    if job.state != "running" or not job.started_at or not 0 < job.done <= job.total:
        return None
    spent = (now - datetime.fromisoformat(job.started_at)).total_seconds()
    return spent / job.done * (job.total - job.done)
