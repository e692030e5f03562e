"""`python -m tests.bench.router PATH [--tasks a,b] [--seeds 20] [--quick] [--embeddings FOLDER]`.

PATH holds one folder per data set, each with items.jsonl.gz and llm.jsonl.gz. None of it is part
of this project; without it, nothing is measured but speed.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from routing.evidence import Evidence
from routing.replay import BATCH, SHARES
from routing.uncertainty import majority
from tests.bench.router import promise, replay, speed
from tests.bench.router.tasks import SOURCES, Task, read
from tests.bench.router.vectors import Embedder, evidence

TOLERANCES = (0.05, 0.10)
PROMISED = ("gwsd", "politeness", "pandalm", "babe/gpt4", "trec/olz")
PROMISE_ITEMS = 1_000
FREEZES = 120  # what is learned before a freeze is chance: 20 tell the share to a point at best


@dataclass(frozen=True, slots=True)
class Result:
    """One task's numbers, all relative to vote entropy except the errors."""

    name: str
    area: float
    cold: float
    keep: float | None
    at: tuple[float, float, float]
    entropy_at: tuple[float, float, float]
    worst: float
    worst_share: float


def measure(task: Task, seen: Evidence, seeds: int, *, keep: bool, batch: float) -> Result:
    error, base_area = replay.entropy_curve(task)
    course = replay.learned_course(task, seen, range(seeds), batch=batch)
    kept = None
    if keep:
        kept = replay.learned_course(task, seen, range(seeds), relabel=False, batch=batch)
    ours = course.error.mean(axis=0)
    excess = ours - error
    return Result(
        task.name,
        float(course.area.mean()) / base_area,
        replay.cold_area(task, seen) / base_area,
        float(kept.area.mean()) / base_area if kept is not None else None,
        (float(ours[10]), float(ours[20]), float(ours[40])),
        (float(error[10]), float(error[20]), float(error[40])),
        float(excess.max()),
        float(SHARES[excess.argmax()]),
    )


def geometric(results: list[Result], what: str) -> float:
    """Mean over the sets of the bar, after the mean over the tasks of each set."""
    groups = defaultdict(list)
    for result in results:
        if SOURCES[result.name].bar:
            groups[SOURCES[result.name].group].append(getattr(result, what))
    return float(np.exp(np.mean([np.log(np.mean(values)) for values in groups.values()])))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def row(result: Result) -> str:
    pairs = [f"{a:.3f} / {b:.3f}" for a, b in zip(result.at, result.entropy_at, strict=True)]
    keep = "" if result.keep is None else f"{result.keep:.3f}"
    return (
        f"| {result.name} | {result.area:.3f} | {keep} | {result.cold:.3f} | "
        f"{' | '.join(pairs)} | {result.worst:+.3f} at {result.worst_share:.0%} |"
    )


def curves(
    tasks: list[Task], embedder: Embedder | None, seeds: int, *, keep: bool, batch: float
) -> None:
    say("| task | area | routes only | cold | 10 % | 20 % | 40 % | worst |")
    say("| --- | --- | --- | --- | --- | --- | --- | --- |")
    results = []
    for task in tasks:
        results.append(measure(task, evidence(task, embedder), seeds, keep=keep, batch=batch))
        say(row(results[-1]))
    if any(SOURCES[result.name].bar for result in results):
        names = ["area", "cold", *(["keep"] if keep else [])]
        means = {name: geometric(results, name) for name in names}
        say("geometric mean over sets: " + ", ".join(f"{k} {v:.3f}" for k, v in means.items()))


def promises(
    folder: Path, names: list[str], embedder: Embedder | None, freezes: int, audits: int
) -> None:
    say("| task | items | " + " | ".join(f"{t:.0%}: share, broken" for t in TOLERANCES) + " |")
    say("| --- | --- |" + " --- |" * len(TOLERANCES))
    for name in [name for name in PROMISED if name in names]:
        task = read(folder, name, most=PROMISE_ITEMS)
        if task is None:
            continue
        seen = evidence(task, embedder)
        costs = promise.cost(seen, task.gold, TOLERANCES, freezes=freezes, audits=audits)
        cells = " | ".join(f"{c.human_share:.3f}, {c.broken:.3f}" for c in costs.values())
        say(f"| {name} | {len(task.gold)} | {cells} |")


def orders(task: Task) -> None:
    """People get the pairs whose verdict depends on the order shown, against as many by chance."""
    two = task.votes.shape[1] == 2 and task.flagged is None
    doubtful = (task.votes[:, 0] != task.votes[:, 1]) if two else task.flagged
    if doubtful is None:
        return
    label = majority(task.votes, task.k) if two else task.votes[:, 0]
    wrong, share = label != task.gold, float(doubtful.mean())
    say(
        f"{task.name}: {share:.3f} inconsistent; wrong {wrong.mean():.3f} -> "
        f"{(wrong & ~doubtful).mean():.3f}, by chance {wrong.mean() * (1 - share):.3f}"
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.router", description=__doc__)
    parser.add_argument("path", type=Path, nargs="?")
    parser.add_argument("--tasks", default=",".join(name for name in SOURCES if SOURCES[name].bar))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--freezes", type=int, default=FREEZES, help="promises: each 50 audits")
    parser.add_argument("--quick", action="store_true", help="2 seeds, few audits")
    parser.add_argument("--keep", action="store_true", help="also route and keep the vote's label")
    parser.add_argument("--batch", type=float, default=BATCH, help="share of the items")
    parser.add_argument("--only", choices=["curves", "promises", "speed"])
    parser.add_argument("--embeddings", type=Path, help="folder of all-MiniLM-L6-v2 weights")
    parser.add_argument("--cache", type=Path, help="folder to keep embeddings in")
    options = parser.parse_args(arguments)
    if options.only in (None, "speed"):
        say(f"refit and score 1,500 items: {speed.refit_s(1_500, k=4, labelled=300):.3f} s")
        say(f"refit and score 20,000 items: {speed.refit_s(20_000, k=4, labelled=1_000):.3f} s")
    names = options.tasks.split(",")
    if options.path is None or not options.path.is_dir():
        say(f"no data sets at {options.path}: give the folder that holds them; curves skipped")
        return
    embedder = Embedder(options.embeddings, options.cache) if options.embeddings else None
    tasks = [task for name in names if (task := read(options.path, name)) is not None]
    say(f"{len(tasks)} of {len(names)} tasks found")
    if options.only in (None, "curves"):
        for task in filter(lambda task: task.paired, tasks):
            orders(task)
        seeds = 2 if options.quick else options.seeds
        curves(tasks, embedder, seeds, keep=options.keep, batch=options.batch)
    if options.only in (None, "promises"):
        freezes, audits = (4, 25) if options.quick else (options.freezes, 50)
        promises(options.path, names, embedder, freezes, audits)


if __name__ == "__main__":
    main()
