"""How fast people are given work: `python -m tests.bench.claim [ITEMS] [SECONDS]`.

Eight processes take, answer and take again from one queue of 1,000,000 items unless told
otherwise, each exchange an answer and one new item; then one person who has had the first 3,000
items of the queue asks for one more. Ends in an error when an item was given out twice.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from annotate.model import Person
from annotate.store import Store, open_store
from annotate.workflow.labelling.syncing import Waiting, sync
from tests.small import QUESTION, add_items, add_slots, small_project, someone

ITEMS = 1_000_000
SECONDS = 10.0
PROCESSES = 8
HAD = 3_000
AT_ONCE = 10
"""Tasks that a window holds."""

PROJECT = small_project()


class Window:
    """One person's browser: answers the first of its tasks and asks for another."""

    def __init__(self, store: Store, person: Person) -> None:
        self.store, self.person, self.waiting = store, person, Waiting()
        self.tasks: list[dict[str, Any]] = []
        self.numbers = count()

    def exchange(self, answers: int = 1, want: int = 1) -> None:
        """So many answers go in, so many tasks come out."""
        done, self.tasks = self.tasks[:answers], self.tasks[answers:]
        ops = [
            {"op": "answer", "id": f"{self.person.name}.{next(self.numbers)}", "task": task["id"],
             "attempt": task["attempt"], "answers": {QUESTION: "ham"}, "seconds": {QUESTION: 5.0}}
            for task in done
        ]  # fmt: skip
        holding = [task["id"] for task in self.tasks]
        request = {"request": "r", "ops": ops, "holding": holding, "want": want}
        now = datetime.now(UTC)
        reply = sync(self.store, PROJECT, request, actor=self.person, now=now, waiting=self.waiting)
        assert all(result["status"] == "stored" for result in reply["results"])
        self.tasks += reply["tasks"]


def work(path: Path, name: str, seconds: float) -> list[float]:
    """How long each exchange of one person took, in seconds."""
    took: list[float] = []
    with open_store(path) as store:
        window = Window(store, someone(store, name))
        window.exchange(0, AT_ONCE)
        end = perf_counter() + seconds
        while (start := perf_counter()) < end:
            window.exchange()
            took.append(perf_counter() - start)
    return took


def check(path: Path) -> int:
    """How many items were answered. Raises when two people were given one."""
    with open_store(path) as store:
        answers = Counter(a.item_id for a in store.annotations.counting("mails", QUESTION))
        slots = store.progress.slots("mails", QUESTION)
    if set(answers.values()) != {1} or slots["done"] != len(answers):
        raise SystemExit(f"an item was given out twice, or an answer lost: {slots}")
    return len(answers)


def alone(path: Path) -> None:
    """What one more item costs a person who has had many, which they must not get again."""
    with open_store(path) as store:
        window = Window(store, someone(store, "early-bird"))
        while next(window.numbers) < HAD:
            window.exchange(20, 20)
        start = perf_counter()
        window.exchange()
        took = perf_counter() - start
    sys.stdout.write(
        f"after {HAD:,} items: an answer in and the next item out in {took * 1e3:.1f} ms\n"
    )


def main(items: int = ITEMS, seconds: float = SECONDS) -> None:
    """Write one line on the queue, one on all processes, one on a person who had many items."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        start = perf_counter()
        with open_store(path) as store:
            add_slots(store, PROJECT, add_items(store, PROJECT, items))
        sys.stdout.write(f"{items:,} items queued in {perf_counter() - start:.0f} s\n")
        with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
            names = [f"person-{at}" for at in range(PROCESSES)]
            took = pool.starmap(work, [(path, name, seconds) for name in names])
        every = np.concatenate(took) * 1e3
        p50, p95, p99 = np.percentile(every, [50, 95, 99])
        sys.stdout.write(
            f"{PROCESSES} processes: {len(every) / seconds:,.0f} items answered and taken per s, "
            f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms\n"
        )
        sys.stdout.write(f"{check(path):,} items answered, each once\n")
        alone(path)


if __name__ == "__main__":
    main(*(kind(text) for kind, text in zip((int, float), sys.argv[1:], strict=False)))
