"""Works off the jobs of a workspace, beside the app: a page that closes stops nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from annotate.llm.able import able, can_answer, why_people
from annotate.llm.books.ledger import Ledger
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store
from annotate.store.jobs import Job
from annotate.workflow.batches.batching import Surroundings, prelabel_in_batches
from annotate.workflow.prelabels.prelabelling import PrelabelReport, outcome_counts, prelabel
from annotate.workflow.prelabels.standing import MOST_FAILURES
from annotate.workflow.projects.jobs import (
    ASIDE,
    FILES,
    KINDS,
    OTHERS,
    TRIALS,
    Beat,
    work_one,
)
from annotate.workflow.routes.rerouting import route_all
from annotate.workflow.routes.routing import RouteReport, route
from app import filework, trialwork
from app.config import Config
from app.drafts import forget_old
from app.live import LiveConsensus, LiveRouter, keep_current
from app.pulsing import alive
from app.services import Services

LOOK_EVERY_S = 1.0
LOG = "worker.log"
STOP_WITHIN_S = 5.0


def work(
    services: Services, *, once: bool, say: Callable[[str], None], parent: int | None = None
) -> None:
    """Take jobs as they come; once: only those that wait now.

    Jobs about files have a thread of their own, trials another: pre-labelling can take a day.
    parent: stop when this process, which started us, is gone (it may have been killed).
    """
    router, consensus = LiveRouter(services), LiveConsensus(services)
    forget_old(services.config.folder)
    stop = threading.Event()
    aside: dict[Sequence[str], threading.Thread] = {}
    while parent in (None, os.getppid()):
        for kinds in () if once else ASIDE:
            if kinds not in aside or not aside[kinds].is_alive():
                aside[kinds] = beside_others(services, kinds, say, stop)
        if _one(services, tuple(KINDS) if once else OTHERS, say):
            continue
        if once:
            return
        keep_current(router, consensus)
        time.sleep(LOOK_EVERY_S)


def _one(services: Services, kinds: Sequence[str], say: Callable[[str], None]) -> bool:
    """Do one job of these kinds; False when none waits."""
    worker = f"{socket.gethostname()}/{os.getpid()}"
    with services.workspace.open() as store:

        def do(job: Job, beat: Beat) -> str:
            if job.kind in FILES:
                return filework.do(services, store, job, beat)
            if job.kind in TRIALS:
                return trialwork.do(services, job, beat, say)
            return _KINDS[job.kind](services, store, job, beat, say)

        job = work_one(store, worker, do, clock=services.now, kinds=kinds)
    if job is not None:
        say(f"{job.project}: {job.kind} {job.state}. {job.message}")
    return job is not None


def beside_others(
    services: Services, kinds: Sequence[str], say: Callable[[str], None], stop: threading.Event
) -> threading.Thread:
    """A thread that does jobs of these kinds until it is told to stop, or the process ends."""

    def run() -> None:
        while not stop.is_set():
            if not _one(services, kinds, say):
                stop.wait(LOOK_EVERY_S)

    thread = threading.Thread(target=run, name=kinds[0], daemon=True)
    thread.start()
    return thread


def _prelabel(
    services: Services, store: Store, job: Job, beat: Beat, say: Callable[[str], None]
) -> str:
    """Pre-label and route every question of the job's project."""
    _, project = services.workspace.project(job.project)
    actor = operator(services.now())
    told = []
    with services.alone(project):
        services.try_out(store, project, actor=actor, say=say, run=lambda work: alive(work, beat))
        ledger = services.ledger(project)

        def progress(done: int, total: int, cost_usd: float) -> bool:
            return beat(done, total, ledger.spent_usd)  # over all questions

        if job.settings.get("batch"):
            return _prelabel_batched(services, store, project, job, ledger, progress, say)
        features = services.features(project)
        for question in able(project):
            for stage, chosen in services.stages(project):
                report = prelabel(
                    store,
                    stage,
                    question,
                    services.prelabeller(store, stage, question, ledger=ledger),
                    actor=actor,
                    clock=services.now,
                    new_id=services.new_id,
                    refresh=bool(job.settings.get("refresh")),
                    chosen=chosen,
                    on_progress=progress,
                )
                told.append(f"{question.name}: {report.items:,} items ({_ended(report)})")
                if report.stopped is not None:
                    return f"{'; '.join(told)}; {report.stopped}"
                route(
                    store, project, question, actor=actor, now=services.now(),
                    new_id=services.new_id, features=features,
                )  # fmt: skip
        told += _to_people(services, store, project)
    return "; ".join(told)


def _route(
    services: Services, store: Store, job: Job, beat: Beat, say: Callable[[str], None]
) -> str:
    """Route every question of the job's project that was routed before."""
    _, project = services.workspace.project(job.project)
    now = services.now()

    def routed() -> dict[str, RouteReport]:
        with services.workspace.open() as own:  # a connection belongs to its thread
            return route_all(
                own,
                project,
                actor=operator(now),
                now=now,
                new_id=services.new_id,
                features=lambda: services.features(project),
            )

    reports = alive(routed, beat)
    told = (f"{name}: {one.changed:,} decisions new" for name, one in reports.items())
    return "; ".join(told) or "nothing was routed before"


_KINDS = {"prelabel": _prelabel, "route": _route}


def _to_people(services: Services, store: Store, project: Project) -> Iterator[str]:
    """Give people the questions that no model is asked."""
    actor, now = operator(services.now()), services.now()
    for question in project.questions:
        if not can_answer(project, question):
            route(store, project, question, actor=actor, now=now, new_id=services.new_id)
            yield f"{question.name}: {why_people(project, question)}"


def _prelabel_batched(
    services: Services,
    store: Store,
    project: Project,
    job: Job,
    ledger: Ledger,
    progress: Beat,
    say: Callable[[str], None],
) -> str:
    """Through Batch APIs, then route: the job lasts until everything is fetched."""
    actor = operator(services.now())
    asked = able(project)
    reports = prelabel_in_batches(
        store,
        project,
        [services.batched(store, project, one, ledger=ledger) for one in asked],
        Surroundings(clock=services.now, new_id=services.new_id, tell=say, on_progress=progress),
        actor=actor,
        refresh=bool(job.settings.get("refresh")),
    )
    told = []
    for question, report in zip(asked, reports, strict=True):
        answers = report.answers
        told.append(f"{question.name}: {answers.items:,} items ({_ended(answers)})")
        if answers.stopped is not None:
            told.append(answers.stopped)
        else:
            route(store, project, question, actor=actor, now=services.now(), new_id=services.new_id)
    told += _to_people(services, store, project)
    return "; ".join(told)


def _ended(report: PrelabelReport) -> str:
    """How the calls of a run ended, in a few words."""
    counts = [f"{n:,} {name}" for name, n in outcome_counts(report).items()]
    if report.reused:
        counts.append(f"{report.reused:,} taken over from earlier rounds")
    if report.given_up:
        counts.append(f"{report.given_up:,} failed {MOST_FAILURES} times and not asked again")
    return ", ".join(counts) or "nothing to ask"


@contextmanager
def beside(config: Config) -> Iterator[None]:
    """A worker process for as long as the block runs. What it was doing goes on next time."""
    words = [sys.executable, "-m", "app.cli", "work", "--dir", str(config.folder)]
    words += ["--parent", str(os.getpid())]
    with (config.folder / LOG).open("ab") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
