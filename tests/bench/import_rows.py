"""How fast rows become items, and in how much memory: `python -m tests.bench.import_rows [ROWS]`.

100,000 rows of 100 characters with an id and three further columns, unless told otherwise: once
for the time, once more (all there already), and once into another file for the peak of memory.
"""

from __future__ import annotations

import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from time import perf_counter

from annotate.importers import Record
from annotate.people import operator
from annotate.store import open_store
from annotate.workflow.imports.importing import import_items
from tests.small import START, know, small_project

ROWS = 100_000


def rows(count: int) -> Iterator[Record]:
    for at in range(count):
        values = {"id": at, "text": f"{at} word".ljust(100, "."), "by": "x", "n": 1.5, "tags": []}
        yield Record(at + 1, values)


def bring(path: Path, count: int) -> int:
    """Import; returns how many rows were added."""
    project = small_project(**{"import": {"id": "id"}})
    with open_store(path) as store:
        know(store, project)
        lead = operator(START)
        report = import_items(store, project, rows(count), StringIO(), actor=lead, now=START)
    return report.added


def main(count: int = ROWS) -> None:
    """Write one line per import."""
    with tempfile.TemporaryDirectory() as folder:
        for what in ("new", "there already"):
            start = perf_counter()
            added = bring(Path(folder) / "a.db", count)
            per_s = count / (perf_counter() - start)
            sys.stdout.write(f"{count:,} rows, {what}: {added:,} added, {per_s:,.0f} rows per s\n")
        tracemalloc.start()
        bring(Path(folder) / "b.db", count)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        sys.stdout.write(f"most memory at one time: {peak / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
