"""Batch runs that are killed or stopped at any step: nothing is submitted twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest
from starlette.responses import Response

from tests.annotate.support.batching import LOOK_ONCE, ONE, After, BatchDesk, Before, asked_once
from tests.llm_server import BatchSettings, Call, LLMServer
from tests.llm_server.forked import INTERRUPTED, Forked, project
from tests.small import add_items


class Killer:
    """A child that pre-labels in batches, killed by the server when it makes a request."""

    def __init__(self, server: LLMServer, forked: Forked, desk: BatchDesk) -> None:
        self._server, self._forked, self._desk = server, forked, desk
        self._child = 0
        self._started = threading.Event()

    async def kill(self, call: Call) -> Response:
        """A step of the server's."""
        self._started.wait(10)
        os.kill(self._child, signal.SIGKILL)
        return Response(status_code=503)

    def run(self) -> int:
        """How the child ended."""
        self._started.clear()
        self._child = self._forked.start(self._desk.database, self._server.base_url, "batch")
        self._started.set()
        return self._forked.ended()


@pytest.fixture
def killer(server: LLMServer, forked: Forked, desk: BatchDesk) -> Killer:
    return Killer(server, forked, desk)


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "request_",
    ["POST /v1/files", "POST /v1/batches", "GET /v1/batches/batch_", "GET /v1/files/file-"],
)
def test_killed_at_each_step_the_run_goes_on(
    desk: BatchDesk, server: LLMServer, killer: Killer, request_: str, done: bool
) -> None:
    """before: the server has not done what it was asked for; after: it has, and could not say."""
    mails = project(server.base_url)
    add_items(desk.store, mails, 12)
    with (After if done else Before)(server, request_, killer.kill):
        assert killer.run() == -signal.SIGKILL
    made = set(server.batches.made)
    report = desk.run(mails)
    assert made <= set(server.batches.made)
    assert report.answers.outcomes.keys() == {"parsed"}
    assert asked_once(server)
    stored = desk.stored(mails)
    assert len(stored) == 60
    assert len({(p.item_id, p.variant, p.sample) for p in stored}) == 60
    assert {batch.state for batch in desk.batches(mails)} == {"fetched"}
    assert sum(batch.calls for batch in desk.batches(mails)) + len(server.calls) == 60
    assert len(server.batches.made) == len(desk.batches(mails))


def test_killed_at_random_moments_every_line_is_made_once(
    desk: BatchDesk, server: LLMServer, forked: Forked
) -> None:
    """Also while results are stored. Only the call that is made directly before anything is
    submitted may be made again, where its answer was lost."""
    mails = project(server.base_url)
    add_items(desk.store, mails, 30)
    rng = random.Random(3)
    killed = 0
    for _ in range(12):
        until = len(server.batches.requests) + rng.randrange(1, 8)
        child = forked.start(desk.database, server.base_url, "batch")
        wait_until(lambda n=until: len(server.batches.requests) >= n, 2)  # type: ignore[misc]
        time.sleep(rng.uniform(0, 0.02))
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        killed += forked.ended() == -signal.SIGKILL
    assert killed >= 3
    desk.run(mails)
    in_batches = Counter(server.served)
    in_batches.subtract(Counter(call.prompt for call in server.calls))
    assert max(in_batches.values()) == 1
    stored = desk.stored(mails)
    assert len(stored) == len({(p.item_id, p.variant, p.sample) for p in stored}) == 150
    assert {p.outcome for p in stored} == {"parsed"}
    assert desk.run(mails).answers.calls == 0


def wait_until(happened: Callable[[], bool], most_s: float = 10) -> None:
    deadline = time.monotonic() + most_s
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.001)


def test_ctrl_c_while_a_batch_is_waited_for(
    desk: BatchDesk, server: LLMServer, forked: Forked
) -> None:
    mails = project(server.base_url)
    add_items(desk.store, mails, 5)
    server.batches.settings = BatchSettings(seconds=3600)
    child = forked.start(desk.database, server.base_url, "batch")
    wait_until(lambda: any("/batches/batch_" in path for path in list(server.batches.requests)))
    os.kill(child, signal.SIGINT)
    assert forked.ended() == INTERRUPTED
    server.batches.settings = BatchSettings()
    report = desk.run(mails)
    assert (report.answers.resumed, report.submitted) == (True, 1)  # the challenges
    assert asked_once(server)
    assert len(desk.stored(mails)) == 25


def test_a_wish_to_stop_is_obeyed_and_the_same_command_goes_on(
    desk: BatchDesk, server: LLMServer
) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 5)
    server.batches.settings = BatchSettings(seconds=3600)
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int, cost_usd: float) -> bool:
        told.append((done, total))
        return total == 0

    report = desk.run(mails, on_progress=progress)
    assert (report.answers.stopped, report.waiting_batches, report.waiting_calls) == (
        "stopped as asked",
        1,
        4,
    )
    assert told[-1] == (0, 4)
    server.batches.settings = BatchSettings()
    assert desk.run(mails).answers.outcomes == {"parsed": 4}
    assert asked_once(server)


def test_without_waiting_each_run_takes_what_is_there(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url)
    add_items(desk.store, mails, 5)
    server.batches.settings = BatchSettings(polls=2)
    reports = [desk.run(mails, LOOK_ONCE) for _ in range(4)]
    assert [(r.submitted, r.answers.calls, r.waiting_calls) for r in reports] == [
        (1, 1, 19),
        (1, 19, 5),
        (0, 5, 0),
        (0, 0, 0),
    ]
    assert desk.told == []
    assert asked_once(server)


def test_what_is_under_way_is_told(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 5)
    server.batches.settings = BatchSettings(seconds=3600)
    desk.run(mails, LOOK_ONCE)
    desk.run(mails, LOOK_ONCE)
    assert desk.told == [
        "mail: 1 batch with 4 calls under way, cost unknown: add `llm.price`; you may stop now: "
        "run the same command again to go on"
    ]
