"""Jobs: one worker each, visible progress, cancel, and going on after a worker died."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from annotate.errors import AnnotateError, NotAllowed, NotFound, ProviderError
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.store.jobs import Job
from annotate.workflow.projects.jobs import Beat, cancel, enqueue, watch, work_one
from tests.small import START, know, small_project, someone

LEAD = operator(START)
SECOND = timedelta(seconds=1)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "s.db") as opened:
        know(opened, small_project())
        yield opened


@pytest.fixture
def project() -> Project:
    return small_project()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def queue(store: Store, project: Project, name: str = "j1", now: datetime = START) -> Job:
    return enqueue(
        store, project, "prelabel", {"refresh": False}, actor=LEAD, now=now, new_id=lambda: name
    )


def test_a_job_is_done_with_its_progress_seen_on_the_way(
    store: Store, project: Project, clock: Clock
) -> None:
    queue(store, project)
    seen = []

    def work(job: Job, beat: Beat) -> str:
        assert job.settings == {"refresh": False}
        for done in range(1, 5):
            clock.now += SECOND
            assert beat(done, 4, done * 0.5)
            [view] = watch(store, project, actor=LEAD, now=clock.now)
            seen.append((view.job.state, view.job.done, view.job.cost_usd, view.eta_s))
        return "4 items answered"

    ended = work_one(store, "w", work, clock=clock)
    assert seen == [
        ("running", 1, 0.5, 3.0),
        ("running", 2, 1.0, 2.0),
        ("running", 3, 1.5, 1.0),
        ("running", 4, 2.0, 0.0),
    ]
    assert ended is not None
    assert (ended.state, ended.message, ended.done) == ("done", "4 items answered", 4)
    assert work_one(store, "w", work, clock=clock) is None


def test_the_same_work_is_queued_once(store: Store, project: Project) -> None:
    assert queue(store, project, "j1").id == queue(store, project, "j2").id == "j1"
    assert len(watch(store, project, actor=LEAD, now=START)) == 1


def test_an_error_made_for_people_is_the_jobs_message(
    store: Store, project: Project, clock: Clock
) -> None:
    queue(store, project)

    def work(job: Job, beat: Beat) -> str:
        raise ProviderError("the server refused the key", fatal=True)

    ended = work_one(store, "w", work, clock=clock)
    assert ended is not None
    assert (ended.state, ended.message) == ("failed", "the server refused the key")


def test_cancelling_while_it_waits_and_while_it_runs(
    store: Store, project: Project, clock: Clock
) -> None:
    waiting = queue(store, project)
    cancel(store, project, waiting.id, actor=LEAD, now=START)
    found = store.jobs.get(waiting.id)
    assert found is not None
    assert found.state == "cancelled"
    assert work_one(store, "w", lambda job, beat: "never", clock=clock) is None

    running = queue(store, project, "j2", now=START + SECOND)

    def work(job: Job, beat: Beat) -> str:
        clock.now += SECOND
        assert beat(1, 10, 0.0)
        cancel(store, project, running.id, actor=LEAD, now=clock.now)
        clock.now += SECOND
        assert not beat(2, 10, 0.0)
        return "stopped after 2 of 10"

    ended = work_one(store, "w", work, clock=clock)
    assert ended is not None
    assert (ended.state, ended.message) == ("cancelled", "stopped after 2 of 10")
    with pytest.raises(AnnotateError, match="has already ended: it is cancelled"):
        cancel(store, project, running.id, actor=LEAD, now=START)
    with pytest.raises(NotFound, match="has no job 'nothing'"):
        cancel(store, project, "nothing", actor=LEAD, now=START)


def test_a_dead_workers_job_is_shown_as_stalled_and_taken_over(
    store: Store, project: Project, clock: Clock
) -> None:
    job = queue(store, project)
    dead = store.jobs.claim(
        "dead", now="2026-03-01T09:00:00.000000Z", stale_before="", kinds=["prelabel"]
    )
    assert dead is not None
    clock.now = START + timedelta(seconds=29)
    assert work_one(store, "w", lambda job, beat: "too early", clock=clock) is None
    clock.now = START + timedelta(seconds=31)
    [view] = watch(store, project, actor=LEAD, now=clock.now)
    assert view.stalled

    def work(job: Job, beat: Beat) -> str:
        assert not store.jobs.beat(job.id, "dead", done=9, total=9, cost_usd=0, now="x")
        assert not store.jobs.finish(job.id, "dead", "done", "from the grave", now="x")
        return "taken over"

    ended = work_one(store, "w", work, clock=clock)
    assert ended is not None
    assert (ended.id, ended.message, ended.worker) == (job.id, "taken over", "w")


def test_annotators_neither_queue_watch_nor_cancel(store: Store, project: Project) -> None:
    ann = someone(store, "Ann")
    job = queue(store, project)
    with pytest.raises(NotAllowed):
        enqueue(store, project, "prelabel", {}, actor=ann, now=START, new_id=lambda: "x")
    with pytest.raises(NotAllowed):
        watch(store, project, actor=ann, now=START)
    with pytest.raises(NotAllowed):
        cancel(store, project, job.id, actor=ann, now=START)
