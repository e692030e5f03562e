"""Pre-labelling that is killed, stopped or locked out: nothing lost, nothing asked twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from itertools import count

import pytest

from annotate.errors import Busy
from annotate.hashing import digest
from annotate.llm.prompts import Prompt
from annotate.store import open_store
from tests.llm_server import LLMServer
from tests.llm_server.fixtures import World, by_function
from tests.llm_server.forked import INTERRUPTED, Forked, project
from tests.small import add_items


def test_killed_at_random_moments_nothing_is_lost_and_nothing_asked_twice(
    world: World, server: LLMServer, forked: Forked
) -> None:
    mails = project(server.base_url)
    total = 40
    add_items(world.store, mails, total)
    server.answer = lambda call: "spam" if "mail 1" in call.prompt else "ham"
    server.latency_s = 0.005
    rng = random.Random(5)
    # in flight, and twice as many answered but not yet written; each ends an item in addition
    in_flight_at_most = 5 * mails.llm.concurrency
    for _ in range(10):
        recorded = {p.prompt_hash for p in world.stored(mails)}
        before = served_by_hash(server)
        child = forked.start(world.database, server.base_url)
        wait_for_calls(server, len(server.calls) + rng.randrange(1, 18))
        os.kill(child, signal.SIGKILL)
        assert forked.ended() == -signal.SIGKILL
        after = served_by_hash(server)
        assert {h for h in recorded if after[h] > before[h]} == set()
    recorded = {p.prompt_hash for p in world.stored(mails)}
    assert 0 < len(recorded) < 5 * total
    assert 0 <= len(server.calls) - len(recorded) <= 10 * in_flight_at_most
    before = served_by_hash(server)
    forked.start(world.database, server.base_url)
    assert forked.ended() == 0
    after = served_by_hash(server)
    assert {h for h in recorded if after[h] > before[h]} == set()
    stored = world.stored(mails)
    assert len(stored) == len({p.prompt_hash for p in stored}) == 5 * total
    assert {p.outcome for p in stored} == {"parsed"}
    assert set(after) == {p.prompt_hash for p in stored}
    assert len(server.calls) - 5 * total <= 10 * in_flight_at_most
    assert world.prelabel(mails).calls == 0


def served_by_hash(server: LLMServer) -> Counter[str]:
    return Counter(digest(call.messages) for call in list(server.calls))


def wait_for_calls(server: LLMServer, calls: int) -> None:
    deadline = time.monotonic() + 10
    while len(server.calls) < calls and time.monotonic() < deadline:
        time.sleep(0.001)


def test_ctrl_c_keeps_what_was_answered(world: World, server: LLMServer, forked: Forked) -> None:
    mails = project(server.base_url)
    add_items(world.store, mails, 20)
    server.latency_s = 0.02
    child = forked.start(world.database, server.base_url)
    wait_for_calls(server, 30)
    os.kill(child, signal.SIGINT)
    assert forked.ended() == INTERRUPTED
    answered = len(server.calls)
    stored = len(world.stored(mails))
    assert answered - mails.llm.concurrency <= stored <= answered  # all but those in flight
    server.latency_s = 0.0
    report = world.prelabel(mails)
    assert (report.calls, report.resumed) == (100 - stored, True)
    assert len(world.stored(mails)) == 100


class _Stop(BaseException):
    """What a page raises to stop its script."""


@pytest.mark.parametrize("stop", [_Stop(), RuntimeError("no")])
def test_an_error_in_the_progress_display_ends_the_run(
    world: World, server: LLMServer, stop: BaseException
) -> None:
    mails = project(server.base_url)
    add_items(world.store, mails, 16)

    def show(done: int, total: int, cost_usd: float) -> bool:
        if done >= 5:
            raise stop
        return True

    with pytest.raises(type(stop)):
        world.prelabel(mails, on_progress=show)
    stored = len(world.stored(mails))
    assert 25 <= stored < 80
    assert len(server.calls) - mails.llm.concurrency <= stored
    assert world.prelabel(mails).calls == 80 - stored


def test_what_could_not_be_stored_at_once_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program holds the database for a while: what was answered meanwhile is not lost."""
    mails = project("http://unused/v1", concurrency=1, variants=["question"])
    add_items(world.store, mails, 30)
    world.store.close()
    monkeypatch.setattr("annotate.store.sqlite.BUSY_TIMEOUT_S", 0.4)
    world.store = open_store(world.database)
    wanted, held = threading.Event(), threading.Event()

    def hold_the_database() -> None:
        with open_store(world.database) as other:
            wanted.wait(10)
            with other.transaction():
                held.set()
                time.sleep(0.6)  # longer than one attempt to write, shorter than two

    calls = count(1)

    def answer(prompt: Prompt, sample: int) -> str:
        if next(calls) == 7:
            wanted.set()
            held.wait(10)
        return "spam"

    holder = threading.Thread(target=hold_the_database)
    holder.start()
    with pytest.raises(Busy, match="another program"):
        world.prelabel(mails, by_function(mails, answer))
    holder.join()
    made = next(calls) - 1
    assert 7 <= made <= 9  # nothing more was asked when it was known
    assert len(world.stored(mails)) == made
    assert world.prelabel(mails, by_function(mails, answer)).calls == 30 - made
