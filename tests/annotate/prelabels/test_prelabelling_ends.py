"""However a run ends: what was answered is stored, its thread is gone, connections are closed."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from annotate.errors import ProviderError, WorkspaceError
from annotate.llm.books.ledger import CapReached
from annotate.llm.prelabeller import Work
from annotate.store import Store, open_store
from annotate.workflow.prelabels.interrupts import noted
from annotate.workflow.prelabels.run import CHUNK
from tests.annotate.prelabels.rehearsing import Rehearsed, Said, Stage
from tests.small import add_items


@pytest.fixture
def stage(store: Store) -> Stage:
    return Stage(store)


def call_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("calls")]


def from_item(number: int, error: ProviderError | CapReached) -> Rehearsed:
    """One that fails at an item, and at no other."""

    def says(text: str, variant: str) -> Said:
        return error if text == f"mail {number}" else "ham"

    return Rehearsed(says, variants=("a", "b"))


def refuse(done: int, total: int, cost_usd: float) -> bool:
    return done < 10


def complain(done: int, total: int, cost_usd: float) -> bool:
    if done >= 10:
        raise RuntimeError("no")
    return True


ENDS = {
    "done": (Rehearsed(variants=("a", "b")), None, None),
    "asked to stop": (Rehearsed(variants=("a", "b")), refuse, None),
    "cap": (from_item(20, CapReached("enough")), None, None),
    "fatal": (from_item(20, ProviderError("no key", fatal=True)), None, ProviderError),
    "progress": (Rehearsed(variants=("a", "b")), complain, RuntimeError),
}


@pytest.mark.parametrize("how", ENDS)
def test_ends(stage: Stage, how: str) -> None:
    rehearsed, progress, error = ENDS[how]
    add_items(stage.store, stage.project, 300)
    if error is None:
        stopped = stage.run(rehearsed, on_progress=progress).stopped
        assert stopped == {"asked to stop": "stopped as asked", "cap": "enough"}.get(how)
    else:
        with pytest.raises(error):
            stage.run(rehearsed, on_progress=progress)
    assert call_threads() == []
    assert rehearsed.closed
    unanswered = 0 if how in ("done", "asked to stop") else rehearsed.concurrency
    asked = rehearsed.asked.total()
    assert asked - unanswered <= stage.stored() <= asked
    assert (asked < 600) == (how != "done")
    again = Rehearsed(variants=("a", "b"))
    left = 600 - stage.stored()
    assert stage.run(again).calls == left
    assert stage.stored() == 600


def test_a_full_disk_ends_the_run_and_what_was_stored_stays(stage: Stage) -> None:
    add_items(stage.store, stage.project, 2_000)
    pages = int(next(stage.store._engine.query("pragma page_count"))["page_count"])
    stage.store._engine.execute(f"pragma max_page_count = {pages + 60}")
    rehearsed = Rehearsed(concurrency=4)
    with pytest.raises(WorkspaceError, match="the space on the disk"):
        stage.run(rehearsed)
    assert call_threads() == []
    assert rehearsed.closed
    stored = stage.stored()
    assert 0 < stored < 2_000
    assert rehearsed.asked.total() - stored <= 5 * rehearsed.concurrency
    stage.store._engine.execute("pragma max_page_count = 1000000")
    again = Rehearsed(concurrency=4)
    assert stage.run(again).calls == 2_000 - stored == again.asked.total()
    assert stage.stored() == 2_000


def test_calls_go_on_while_the_database_is_held_but_not_for_ever(
    stage: Stage, database: Path
) -> None:
    add_items(stage.store, stage.project, 500)
    wanted, held, made = threading.Event(), threading.Event(), []

    def says(text: str, variant: str) -> Said:
        if text == "mail 50":
            wanted.set()
            held.wait(10)
        return "ham"

    rehearsed = Rehearsed(says, concurrency=4)

    def hold_the_database() -> None:
        with open_store(database) as other:
            wanted.wait(10)
            with other.transaction():
                made.append(rehearsed.asked.total())
                held.set()
                time.sleep(0.5)
                made.append(rehearsed.asked.total())

    holder = threading.Thread(target=hold_the_database)
    holder.start()
    report = stage.run(rehearsed)
    holder.join()
    assert report.calls == stage.stored() == 500
    before, meanwhile = made
    # twice as many answers as calls in flight may wait to be stored, and each call adds one
    assert before < meanwhile <= before + 3 * rehearsed.concurrency


def test_no_more_items_are_in_memory_than_are_being_worked_on(stage: Stage) -> None:
    add_items(stage.store, stage.project, 8 * CHUNK)
    alive: list[int] = []

    def says(text: str, variant: str) -> Said:
        if text.endswith("50"):
            alive.append(works_alive())
        return "ham"

    before = works_alive()
    stage.run(Rehearsed(says, concurrency=4))
    assert len(alive) == 10
    assert max(alive) - before <= 2 * CHUNK + 4 * 4


def works_alive() -> int:
    return sum(isinstance(one, Work) for one in gc.get_objects())


def press_twice(done: list[str]) -> None:
    with noted() as raise_interrupt:
        raise_interrupt()
        os.kill(os.getpid(), signal.SIGINT)
        done.append("unhurt")
        os.kill(os.getpid(), signal.SIGINT)
        done.append("not reached")


def press_once(done: list[str]) -> None:
    with noted() as raise_interrupt:
        os.kill(os.getpid(), signal.SIGINT)
        done.append("unhurt")
        raise_interrupt()
        done.append("not reached")


@pytest.mark.parametrize("press", [press_once, press_twice])
def test_ctrl_c_is_noted_once_and_interrupts_the_second_time(
    press: Callable[[list[str]], None],
) -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        press(done)
    assert done == ["unhurt"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_belongs_to_whoever_took_it() -> None:
    taken: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: taken.append(number))
    try:
        with noted() as raise_interrupt:
            os.kill(os.getpid(), signal.SIGINT)
            raise_interrupt()
    finally:
        signal.signal(signal.SIGINT, before)
    assert taken == [signal.SIGINT]
