"""How long the routing verb takes, database and all: `python -m tests.bench.route_verb [ITEMS]`.

100,000 items x 5 votes unless told otherwise, on one SQLite file: the first routing, one more with
nothing new, one after people have answered a part, and one with a smaller budget (slots withdrawn).
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import numpy as np

from annotate.people import operator
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.workflow.routes.routing import RouteReport, route
from tests.labelling import assign, submit
from tests.small import START, add_items, machine_says, small_project, someone

ITEMS = 100_000
VOTES = 5
ANSWERS = 2_000


def fill(store: Store, project: Project, count: int) -> None:
    """Items with votes: mostly one label per item, one vote in 50 unusable."""
    rng = np.random.default_rng(20)
    usual = rng.integers(0, 2, size=(count, 1))
    cells = np.where(rng.random((count, VOTES)) < 0.85, usual, 1 - usual)
    cells[rng.random((count, VOTES)) < 0.02] = 2
    names = np.array(["spam", "ham", "invalid"])[cells]
    ids = add_items(store, project, count)
    machine_says(store, project, {i: row.tolist() for i, row in zip(ids, names, strict=True)})


def answer(store: Store, project: Project, count: int) -> None:
    """One person answers the first `count` items of the queue."""
    person = someone(store, "Ann")
    for at in range(count):
        now = START + timedelta(seconds=at)
        task = assign(store, project, actor=person, now=now)
        assert task is not None
        submit(store, project, task, "ham", actor=person, now=now)


def timed(what: str, work: Callable[[], RouteReport]) -> None:
    start = perf_counter()
    report = work()
    seconds = perf_counter() - start
    where = ", ".join(f"{n:,} {name}" for name, n in sorted(report.destinations.items()))
    sys.stdout.write(
        f"{what:<28} {seconds:6.2f} s  {report.changed:>8,} new decisions  ({where})\n"
    )


def main(count: int = ITEMS) -> None:
    """Write one line per routing."""
    ids = map(str, itertools.count())
    lead = operator(START)
    wide = small_project(routing={"budget": 0.3})
    narrow = small_project(routing={"budget": 0.1})
    question = wide.question("mail")
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "a.db") as store:
        start = perf_counter()
        fill(store, wide, count)
        sys.stdout.write(
            f"{count:,} items x {VOTES} votes stored in {perf_counter() - start:.1f} s\n"
        )

        def routed(project: Project) -> RouteReport:
            return route(store, project, question, actor=lead, now=START, new_id=lambda: next(ids))

        timed("first routing", lambda: routed(wide))
        timed("again, nothing new", lambda: routed(wide))
        start = perf_counter()
        answer(store, wide, ANSWERS)
        sys.stdout.write(f"{ANSWERS:,} answers: {ANSWERS / (perf_counter() - start):,.0f} per s\n")
        timed(f"after {ANSWERS:,} answers", lambda: routed(wide))
        timed("with a third of the budget", lambda: routed(narrow))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
