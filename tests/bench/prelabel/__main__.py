"""How fast pre-labelling asks, and in how much memory: `python -m tests.bench.prelabel [--help]`.

Against a server in another process that answers after 50 ms, beside the loop that people write
(all calls gathered behind a semaphore, answers in a list), each in a fresh process, in turns:

- speed: 20,000 calls at 32, 128 and 512 in flight, once more where the server refuses 1 in 20;
- limit: 2,000 calls to a server that answers after 500 ms and works on 32 at once, while 128 may
  be in flight: the others wait there, or are refused;
- memory: the peak of 10,000 and of 200,000 calls.

Shares and ratios carry from machine to machine, seconds do not. Where the processor is the limit,
processor time per call tells more than the clock. A plain loop loses calls: `lost` counts them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

KINDS = ("ours", "plain")
LATENCY_MS = 50
SLOW_MS = 500
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Took:
    """What one run took. peak_bytes: the most memory its process held."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    answers: int


@contextmanager
def server(*words: str) -> Iterator[str]:
    """The address of a server with these options."""
    module = "tests.bench.prelabel.server"
    with subprocess.Popen(
        [sys.executable, "-m", module, *words], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()


def client(*words: object) -> str:
    """What a client process writes."""
    command = [sys.executable, "-m", "tests.bench.prelabel.client", *map(str, words)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Bench:
    """Runs in one folder, each on its own copy of the items."""

    def __init__(self, folder: Path, repeats: int) -> None:
        self._folder, self._repeats = folder, repeats

    def run(self, kind: str, calls: int, concurrency: int, address: str) -> Took:
        items = self._folder / f"{calls}.db"
        if not items.exists():
            client("fill", items, calls)
        database = self._folder / "run.db"
        for left in self._folder.glob("run.db*"):
            left.unlink()
        if kind == "ours":
            shutil.copy(items, database)
        return Took(**json.loads(client(kind, database, calls, concurrency, address)))

    def in_turns(self, calls: int, concurrency: int, address: str) -> dict[str, list[Took]]:
        """kind -> what each of its runs took."""
        took: dict[str, list[Took]] = {kind: [] for kind in KINDS}
        for _ in range(self._repeats):
            for kind in KINDS:
                took[kind].append(self.run(kind, calls, concurrency, address))
        return took


def tell(what: str, calls: int, ideal_s: float, took: Mapping[str, list[Took]]) -> None:
    """Two lines: the medians of each kind, and how ours compare."""
    wall = {kind: median(one.wall_s for one in runs) for kind, runs in took.items()}
    cpu = {kind: median(one.cpu_s for one in runs) for kind, runs in took.items()}
    for kind, runs in took.items():
        lost = calls - median(one.answers for one in runs)
        sys.stdout.write(
            f"{what:<28} {kind:<6} {calls / wall[kind]:7,.0f} calls/s  "
            f"{ideal_s / wall[kind]:5.2f} of the ideal  "
            f"{cpu[kind] / calls * 1e6:6,.0f} us of processor a call  {lost:,.0f} lost\n"
        )
    sys.stdout.write(
        f"{'':<28} ours/plain: {wall['plain'] / wall['ours']:.2f} in calls/s, "
        f"{cpu['ours'] / cpu['plain']:.2f} in processor time\n"
    )
    sys.stdout.flush()


def speed(bench: Bench, calls: int, concurrencies: list[int]) -> None:
    for every in (0, 20):
        with server("--latency-ms", str(LATENCY_MS), "--refuse-every", str(every)) as address:
            for concurrency in concurrencies:
                took = bench.in_turns(calls, concurrency, address)
                what = f"{concurrency} in flight" + (f", 1 in {every} refused" if every else "")
                tell(what, calls, calls * LATENCY_MS / 1e3 / concurrency, took)


def limit(bench: Bench, calls: int) -> None:
    for beyond in ("wait", "refuse"):
        words = ("--latency-ms", str(SLOW_MS), "--at-once", str(AT_ONCE), "--beyond", beyond)
        with server(*words) as address:
            took = bench.in_turns(calls, 4 * AT_ONCE, address)
            what = f"{4 * AT_ONCE} where {AT_ONCE} fit: {beyond}"
            tell(what, calls, calls * SLOW_MS / 1e3 / AT_ONCE, took)


def memory(bench: Bench, sizes: list[int]) -> None:
    with server("--latency-ms", str(LATENCY_MS)) as address:
        peaks = [bench.run("ours", calls, 128, address).peak_bytes for calls in sizes]
    for calls, peak in zip(sizes, peaks, strict=True):
        sys.stdout.write(f"{calls:>9,} calls: {peak / 1e6:.1f} MB at most\n")
    sys.stdout.write(f"growth {peaks[-1] / peaks[0] - 1:+.1%}\n")


def main() -> None:
    """Write two lines and a comparison per setting."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.prelabel", description=__doc__)
    parser.add_argument("--parts", default="speed,limit,memory")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--limit-calls", type=int, default=2_000)
    parser.add_argument("--memory-calls", default="10000,200000")
    parser.add_argument("--concurrency", default="32,128,512")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), arguments.repeats)
        parts = arguments.parts.split(",")
        if "speed" in parts:
            speed(bench, arguments.calls, [*map(int, arguments.concurrency.split(","))])
        if "limit" in parts:
            limit(bench, arguments.limit_calls)
        if "memory" in parts:
            memory(bench, [*map(int, arguments.memory_calls.split(","))])


if __name__ == "__main__":
    main()
