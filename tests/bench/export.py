"""How fast labels become files, and in how much memory:
`python -m tests.bench.export [ITEMS [FOLDER [DIALECT ...]]]`.

100,000 items unless told otherwise, as `export_world` makes them; FOLDER keeps the databases for
the next run, 3.3 GB of 1,000,000 items with labels and more of those with spans. Every dialect is
written by a process of its own, of a tenth of the items and of all, and in the same process the
first 20,000 of each file's rows by a loop over `json.dumps`. Compared are rows per second by the
clock, for which the machine has to be quiet, and per second of processor time, in which the
processes that an export begins are counted. Memory is the most that it held and its processes hold,
besides what they read of the database's file, which the system takes back when it needs it; looked
at after each part.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

from pyarrow.parquet import ParquetFile

from annotate.exporters import DIALECTS
from annotate.exporters.forms import FORMS
from annotate.people import operator
from annotate.store import Store, open_store
from annotate.training.protocol import Rules
from annotate.workflow.exports.exporting import Request, export
from annotate.workflow.exports.places import MARK
from tests.bench.export_world import LABELS, SPANS, World
from tests.small import START

OF_SPANS = {"conll", "spacy", "spacy_spans"}
"""Dialects that hold nothing but spans."""
ITEMS = 100_000
COMPARED = 20_000
LOOPS = 7
LOOK = 1_000
"""Items after which memory is looked at."""
RULES = Rules(sft_from=frozenset({"agreed", "human"}))


class Run(NamedTuple):
    """One dialect. seconds: by the clock; cpu_s: of the processor, of all processes; plain_s: of
    the processor for each row of the plain loop, None where no row was written. peak: bytes."""

    rows: int
    seconds: float
    cpu_s: float
    plain_s: float | None
    peak: int


def world(dialect: str) -> World:
    return SPANS if dialect in OF_SPANS else LABELS


def written(
    store: Store, name: str, out: Path, look: Callable[[int], None] | None = None
) -> tuple[int, float, dict[str, int]]:
    """(rows, seconds by the clock, what was left out) of one dialect. look: now and then."""
    start = perf_counter()
    report = export(
        store, world(name).project(), Request(name, rules=RULES), out,
        actor=operator(START), now=START, on_item=look,
    )  # fmt: skip
    return report.rows, perf_counter() - start, dict(report.dropped)


def measured(database: Path, name: str) -> Run:
    """Of this process, which has done nothing else."""
    dialect = DIALECTS[name]
    suffix = "" if dialect.parts else FORMS[dialect.forms[0]].suffix
    with tempfile.TemporaryDirectory(dir=database.parent) as folder, open_store(database) as store:
        out = Path(folder) / f"{name}{suffix}"
        _read_through(database)
        before, start, held = _held(), _used(), [0]

        def look(items: int) -> None:
            if items % LOOK == 0:
                held.append(_held())

        rows, seconds, _ = written(store, name, out, look)
        cpu_s, peak = _used() - start, max(0, max(held) - before)
        return Run(rows, seconds, cpu_s, dumped(out, Path(folder) / "plain.jsonl"), peak)


def dumped(out: Path, sink: Path) -> float | None:
    """Seconds a row of a plain loop over the same rows: the median of several, since one alone is
    over before a busy moment of the machine is."""
    rows = list(first_rows(out))
    return median(_dumped(rows, sink) for _ in range(LOOPS)) / len(rows) if rows else None


def _dumped(rows: Sequence[object], sink: Path) -> float:
    start = process_time()
    with sink.open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    return process_time() - start


def first_rows(out: Path) -> Iterator[Any]:
    """Of each file with rows that was written."""
    beside = ("dataset_info.json", MARK)
    files = sorted(out.rglob("*.*")) if out.is_dir() else [out]
    for path in (one for one in files if one.name not in beside and one.suffix in _READ):
        yield from islice(_READ[path.suffix](path), COMPARED)


def _of_json(path: Path) -> Iterator[Any]:
    """One JSON list has an object on each line too."""
    with path.open("r", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if line not in ("[\n", "]\n", "[]\n"):
                yield json.loads(line.rstrip(",\n"))


def _of_parquet(path: Path) -> Iterator[Any]:
    with ParquetFile(path) as found:
        for batch in found.iter_batches(COMPARED):
            yield from batch.to_pylist()


def _of_text(path: Path) -> Iterator[Any]:
    """Documents."""
    document: list[str] = []
    with path.open("r", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if line.startswith("-DOCSTART-") and document:
                yield {"text": "".join(document)}
                document = []
            document.append(line)
    yield {"text": "".join(document)}


_READ: dict[str, Callable[[Path], Iterator[Any]]] = {
    ".json": _of_json,
    ".jsonl": _of_json,
    ".parquet": _of_parquet,
    ".txt": _of_text,
}


def _read_through(database: Path) -> None:
    """So that none waits for the disk where the one before it did not."""
    with database.open("rb", buffering=0) as stream:
        while stream.read(1 << 24):
            pass


def _held() -> int:
    """Bytes of this process and those that it has begun, without what is in files anyway."""
    begun = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return sum(
        int(Path(f"/proc/{pid}/status").read_text().split("RssAnon:")[1].split()[0]) * 1024
        for pid in ("self", *begun)
    )


def _used() -> float:
    """Seconds of the processor, with those of processes that have ended."""
    ended = getrusage(RUSAGE_CHILDREN)
    return process_time() + ended.ru_utime + ended.ru_stime


def apart(database: Path, name: str) -> Run:
    """`measured`, in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.bench.export", "--one", str(database), name],
        stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    return Run(*json.loads(ended.stdout))


def main(count: int, folder: str = "", *names: str) -> None:
    """One line for each dialect, or for those named. folder: where databases are kept."""
    keeps = nullcontext(folder) if folder else tempfile.TemporaryDirectory()
    with keeps as place:
        Path(place).mkdir(parents=True, exist_ok=True)
        for name in names or DIALECTS:
            few, all_ = (
                apart(world(name).made(Path(place), size), name) for size in (count // 10, count)
            )
            sys.stdout.write(told(name, count, few, all_) + "\n")
            sys.stdout.flush()


def told(name: str, count: int, few: Run, all_: Run) -> str:
    loop_s = None if all_.plain_s is None else all_.plain_s * all_.rows
    share, cpu_share = (
        "  -" if loop_s is None else f"{loop_s / took:.2f}" for took in (all_.seconds, all_.cpu_s)
    )
    plain = "" if all_.plain_s is None else f"{all_.plain_s * 1e6:5.1f}"
    return (
        f"{name:24} {all_.rows:>9,} rows, clock {all_.seconds / count * 1e6:6.1f}, processor "
        f"{all_.cpu_s / count * 1e6:6.1f} us an item, json.dumps {plain:>5} us a row: {share} by "
        f"the clock, {cpu_share} by processor time; memory {few.peak / 1e6:5.1f} and "
        f"{all_.peak / 1e6:5.1f} MB"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        sys.stdout.write(json.dumps(measured(Path(sys.argv[2]), sys.argv[3])))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ITEMS, *sys.argv[2:])
