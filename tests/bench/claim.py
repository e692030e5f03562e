"""How fast people are given work: `python -m tests.bench.claim [SLOTS] [SECONDS]`.

Four processes take, answer and take again from one queue of 1,000,000 open slots unless told
otherwise; then one person who has had the first 3,000 items of a queue with two slots per item
asks for one more, and for the count of what is left.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from annotate.store import open_store
from annotate.workflow.labelling import assign, day, submit
from tests.small import START, add_items, add_slots, small_project, someone

SLOTS = 1_000_000
SECONDS = 10.0
PROCESSES = 4
HAD = 3_000


def work(path: Path, name: str, seconds: float) -> int:
    """How many answers one person gives in that time."""
    project = small_project(people={"per_item": 2})
    end = perf_counter() + seconds
    answers = 0
    with open_store(path) as store:
        person = someone(store, name)
        while perf_counter() < end:
            task = assign(store, project, actor=person, now=datetime.now(UTC))
            assert task is not None
            submit(store, project, task, "ham", actor=person, now=datetime.now(UTC))
            answers += 1
    return answers


def alone(path: Path) -> None:
    """What one more item costs a person who has had many, which they must not get again."""
    project = small_project(people={"per_item": 2})
    with open_store(path) as store:
        person = someone(store, "early bird")
        start = perf_counter()
        day(store, project, actor=person, now=START)
        sys.stdout.write(f"what is left, counted in {(perf_counter() - start) * 1e3:.1f} ms\n")
        with store.transaction():
            for _ in range(HAD):
                task = assign(store, project, actor=person, now=START)
                assert task is not None
                submit(store, project, task, "ham", actor=person, now=START)
        start = perf_counter()
        assign(store, project, actor=person, now=START)
        took = perf_counter() - start
        start = perf_counter()
        left = day(store, project, actor=person, now=START).waiting
        counted = perf_counter() - start
    sys.stdout.write(
        f"after {HAD:,} items: the next one in {took * 1e3:.1f} ms, "
        f"{left:,} left counted in {counted * 1e3:.1f} ms\n"
    )


def main(slots: int = SLOTS, seconds: float = SECONDS) -> None:
    """Write one line on the queue, one on all processes, one on a person who had many items."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        start = perf_counter()
        project = small_project(people={"per_item": 2})
        with open_store(path) as store:
            add_slots(store, project, add_items(store, project, slots // 2), 2)
        sys.stdout.write(f"{slots:,} slots opened in {perf_counter() - start:.0f} s\n")
        with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
            names = [f"person {at}" for at in range(PROCESSES)]
            answers = sum(pool.starmap(work, [(path, name, seconds) for name in names]))
        sys.stdout.write(
            f"{PROCESSES} processes: {answers / seconds:,.0f} items taken and answered per s\n"
        )
        alone(path)


if __name__ == "__main__":
    main(*(kind(text) for kind, text in zip((int, float), sys.argv[1:], strict=False)))
