"""How fast votes become verdicts, and in how much memory: `python -m tests.bench.router_speed`.

1,000,000 items x 9 votes over 4 labels: entropy, majority and the verdicts of a budget, one core.
Compared with the plain way, one `scipy.stats.entropy` per item, on 10,000 items and extrapolated:
the ratio carries from machine to machine, the seconds do not. Last, the plan of a
promise over as many items.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from routing.draws import pairs
from routing.policies.budget import Budget
from routing.policies.promise import Promise
from routing.types import Votes
from routing.uncertainty import entropy, majority

N, M, K = 1_000_000, 9, 4
PLAIN_N = 10_000
REPEATS = 5
PLAIN_REPEATS = 3


def made_up(dtype: type[np.signedinteger]) -> Votes:
    """(N, M): mostly one label per item, one cell in 50 no vote."""
    rng = np.random.default_rng(20)
    label = rng.integers(0, K, size=(N, 1))
    votes = np.where(rng.random((N, M)) < 0.7, label, rng.integers(0, K, size=(N, M)))
    votes[rng.random((N, M)) < 0.02] = -1
    return votes.astype(dtype)


def ours(votes: Votes, keys: NDArray[np.uint64]) -> None:
    """Entropy, majority, draws and a budget's verdicts."""
    scores = entropy(votes, K)
    majority(votes, K)
    Budget(share=0.3).route(scores, pairs(keys, seed=1), np.zeros(len(votes), dtype=bool))


def plain(votes: Votes) -> list[float]:
    """Entropy alone, item by item."""
    return [float(stats.entropy(np.bincount(row[row >= 0], minlength=K))) for row in votes]


def best_s(work: Callable[[], object], repeats: int) -> float:
    """Seconds of the fastest run: the one least disturbed by others."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)


def peak_bytes(work: Callable[[], object]) -> int:
    """Most memory allocated at one time by `work`, its arguments not counted."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def main() -> None:
    """Write one line per dtype of the votes, then the comparison."""
    keys = np.arange(N, dtype=np.uint64)
    for dtype in (np.int64, np.int8):
        votes = made_up(dtype)
        seconds = best_s(lambda votes=votes: ours(votes, keys), REPEATS)  # type: ignore[misc]
        peak = peak_bytes(lambda votes=votes: ours(votes, keys))  # type: ignore[misc]
        sys.stdout.write(
            f"{N:,} x {M} votes of {votes.dtype}: "
            f"{seconds:.2f} s, {seconds / votes.size * 1e9:.0f} ns per vote; "
            f"peak {peak / 1e6:.0f} MB = {peak / votes.nbytes:.1f} x input, "
            f"{peak / votes.size:.1f} bytes per vote\n"
        )
    plain_s = best_s(lambda: plain(votes[:PLAIN_N]), PLAIN_REPEATS) * N / PLAIN_N
    sys.stdout.write(
        f"scipy.stats.entropy per item, {PLAIN_N:,} items extrapolated: {plain_s:.0f} s; "
        f"ours is {plain_s / seconds:.0f} x faster, majority and verdicts included\n"
    )
    risk = np.random.default_rng(1).beta(0.5, 4, N)
    fixed = np.zeros(N, dtype=bool)
    plan_s = best_s(lambda: Promise(tolerance=0.05, learn=0.0).plan(risk, fixed), 1)  # it remembers
    sys.stdout.write(f"a promise about {N:,} items is planned in {plan_s:.2f} s\n")


if __name__ == "__main__":
    main()
