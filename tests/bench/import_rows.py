"""How fast rows become items, and in how much memory: `python -m tests.bench.import_rows [ROWS]`.

100,000 rows of 100 characters with an id and three further columns, unless told otherwise: once
for the time, once more (all there already), and once into another file for the peak of memory. Then
a tenth as many tasks of Label Studio, each with two people's answers and a prediction. The time is
the processor's.
"""

from __future__ import annotations

import json
import sys
import tempfile
import tracemalloc
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from time import process_time

from annotate.importers import Record, Row, read
from annotate.people import operator
from annotate.store import open_store
from annotate.workflow.imports.importing import import_items
from tests.small import START, know, small_project

ROWS = 100_000


def rows(count: int) -> Iterator[Record]:
    for at in range(count):
        values = {"id": at, "text": f"{at} word".ljust(100, "."), "by": "x", "n": 1.5, "tags": []}
        yield Record(at + 1, values)


def task(at: int) -> dict[str, object]:
    """A task as Label Studio exports it: two people disagree on every third."""
    said = [("ann", "spam"), ("bob", "spam" if at % 3 else "ham")]
    annotations = [
        {"completed_by": {"email": f"{who}@example.org"}, "lead_time": 3.5,
         "created_at": "2026-01-01T10:00:00Z", "result": [choice(label)]}
        for who, label in said
    ]  # fmt: skip
    prediction = {"model_version": "m-1", "score": 0.8, "result": [choice("spam")]}
    text = f"{at} word".ljust(100, ".")
    return {
        "id": at, "data": {"text": text}, "annotations": annotations, "predictions": [prediction],
    }  # fmt: skip


def choice(label: str) -> dict[str, object]:
    value = {"choices": [label]}
    return {"from_name": "mail", "to_name": "text", "type": "choices", "value": value}


def bring(path: Path, rows: Iterable[Row]) -> int:
    """Import; returns how many rows were added."""
    project = small_project(**{"import": {"id": "id"}})
    with open_store(path) as store:
        know(store, project)
        lead = operator(START)
        report = import_items(store, project, rows, StringIO(), actor=lead, now=START)
    return report.added


def timed(what: str, path: Path, rows: Iterable[Row], count: int) -> None:
    """Import, and say how fast that went."""
    start = process_time()
    added = bring(path, rows)
    per_s = count / (process_time() - start)
    sys.stdout.write(f"{count:,} {what}: {added:,} added, {per_s:,.0f} per s\n")


def main(count: int = ROWS) -> None:
    """Write one line per import."""
    with tempfile.TemporaryDirectory() as name:
        folder, tasks = Path(name), count // 10
        for what in ("new", "there already"):
            timed(f"rows, {what}", folder / "a.db", rows(count), count)
        tracemalloc.start()
        bring(folder / "b.db", rows(count))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        sys.stdout.write(f"most memory at one time: {peak / 1e6:.1f} MB\n")
        export = folder / "export.json"
        export.write_text(json.dumps([task(at) for at in range(tasks)]), "utf-8")
        for what in ("new", "there already"):
            found = read(export, format="label_studio")
            timed(f"tasks of Label Studio, {what}", folder / "c.db", found, tasks)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
