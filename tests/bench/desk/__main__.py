"""Seconds that each page of the desk waits for the database, by number of items; in brackets, those
of the processor, which another load on the machine changes less.

`python -m tests.bench.desk [--items N ...] [--folder DIR] [--kinds KIND ...]`: three answers for
each item. With a folder the databases are kept there and used again. KIND: question types without
classes, whose tables are timed too; `none` for none.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from tests.bench.desk.kinds import QUESTIONS, desk_of
from tests.bench.desk.queries import KINDS, QUERIES, Query
from tests.bench.desk.world import Desk, desk

SIZES = (10_000, 100_000, 1_000_000)
TIMES = 3


def main() -> None:
    """Write a table: a row for each query, a column for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, nargs="+", default=list(SIZES), metavar="N")
    parser.add_argument("--folder", type=Path, metavar="DIR")
    parser.add_argument("--kinds", nargs="+", default=list(QUESTIONS), choices=(*QUESTIONS, "none"))
    arguments = parser.parse_args()
    if arguments.folder is not None:
        arguments.folder.mkdir(exist_ok=True, parents=True)
        _all(arguments.folder, arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        _all(Path(folder), arguments)


def _all(folder: Path, arguments: argparse.Namespace) -> None:
    measured(folder, arguments.items)
    for kind in arguments.kinds:
        if kind != "none":
            measured_of(folder, arguments.items, kind)


def measured_of(folder: Path, sizes: list[int], kind: str) -> None:
    """Write the same table of a question of this type."""
    columns = []
    for size in sizes:
        with desk_of(folder, size, kind) as opened:
            note(f"{kind}: {size:,} items")
            columns.append([timed(query, opened) for query in KINDS])
    say((kind, "", *(f"{size:,}" for size in sizes)))
    for at, query in enumerate(KINDS):
        say((query.page, query.name, *(column[at] for column in columns)))


def measured(folder: Path, sizes: list[int]) -> None:
    columns = []
    for size in sizes:
        start = perf_counter()
        with desk(folder, size) as opened:
            note(f"{size:,} items made in {perf_counter() - start:.0f} s")
            columns.append([timed(query, opened) for query in QUERIES])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        note(f"{size:,} items: most memory so far {peak:,.0f} MB")
    say(("page", "query", *(f"{size:,}" for size in sizes)))
    for at, query in enumerate(QUERIES):
        say((query.page, query.name, *(column[at] for column in columns)))


def timed(query: Query, opened: Desk) -> str:
    """The medians of some times; of one, where only the first is of interest."""
    waited, worked = [], []
    for _ in range(1 if query.page == "worker" else TIMES):
        start, busy = perf_counter(), process_time()
        query.run(opened)
        waited.append(perf_counter() - start)
        worked.append(process_time() - busy)
    told = f"{median(waited):.3f} ({median(worked):.3f})"
    note(f"  {query.page}: {query.name} {told}")
    return told


def say(cells: tuple[str, ...]) -> None:
    page, name, *times = cells
    sys.stdout.write(f"{page:14} {name:42}" + "".join(f"{one:>20}" for one in times) + "\n")


def note(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
