"""`python -m tests.bench.consensus PATH [--seeds 6]`: how often each estimator is right.

PATH holds one folder per data set, each with items.jsonl.gz, humans.jsonl.gz and, where a machine
answered, llm.jsonl.gz. None of it is part of this project; without it, only speed is measured.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from annotate.consensus.dawid_skene import dawid_skene
from annotate.consensus.estimate import Ints
from annotate.consensus.joint import joint
from annotate.consensus.vote import voted
from routing.evidence import Evidence
from tests.bench.consensus.budget import POLICIES, course
from tests.bench.consensus.crowds import ASIDE, Crowd, Part, parted, read

STANCE = "gwsd_stance"
AT_HAND = 3
BARS = {1.0: None, 1.2: 0.745, 2.0: 0.760, 3.0: 0.767}
PUBLISHED = {"crowd_snow_rte": 0.9275, "crowd_snow_temporal": 0.9415, "crowd_product_er": 0.9397}
"""Accuracy of DawidSkene(n_iter=100) of crowd-kit 1.4.1, run on the same answers."""
SHARES = [0.2, 0.4, 0.6, 0.8, 1.0]
BUDGET_BAR = 0.765


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("--seeds", type=int, default=6)
    given = parser.parse_args()
    missed = speed()
    missed += crowds(given.path)
    stance = read(given.path, STANCE)
    if stance is not None:
        missed += labels_per_item(stance, given.seeds)
        missed += clones(stance)
        missed += budget(stance, given.seeds)
    say("all bars reached" if not missed else f"{missed} bars missed")
    return int(missed > 0)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def speed() -> int:
    """A million answers of 2,000 people to 400,000 items that a machine has answered too."""
    rng = np.random.default_rng(0)
    n, p, k, m = 400_000, 2_000, 4, 1_000_000
    truth = rng.integers(k, size=n)
    items, people = rng.integers(n, size=m), rng.integers(p, size=m)
    right = rng.random(m) < rng.uniform(0.6, 0.95, size=p)[people]
    labels = np.where(right, truth[items], rng.integers(k, size=m))
    votes = np.where(rng.random((n, 3)) < 0.8, truth[:, None], rng.integers(k, size=(n, 3)))
    machine = Evidence(votes, k)
    say(f"{m:,} answers, {n:,} items, {p:,} people, {k} classes")
    for name, run in {
        "majority": lambda: voted(items, people, labels, k, n=n, p=p),
        "Dawid-Skene": lambda: dawid_skene(items, people, labels, k, n=n, p=p),
        "joint": lambda: joint(items, people, labels, k, machine, n=n, p=p),
    }.items():
        began = time.process_time()
        found = run()
        took = time.process_time() - began
        say(f"  {name:12} {took:5.1f} s of one core   accuracy {(found.label == truth).mean():.3f}")
    return 0


def crowds(folder: Path) -> int:
    missed = 0
    for name, bar in PUBLISHED.items():
        crowd = read(folder, name)
        if crowd is None:
            continue
        a = crowd.answers
        given = a.items, a.people, a.labels, a.k
        found = {"majority": voted(*given), "Dawid-Skene": dawid_skene(*given)}
        found["joint"] = joint(*given)
        right = {way: float((one.label == crowd.gold).mean()) for way, one in found.items()}
        missed += right["Dawid-Skene"] < bar
        say(f"{name}: {_told(right)}; published Dawid-Skene {bar:.4f}")
    return missed


def labels_per_item(crowd: Crowd, seeds: int) -> int:
    say(f"{crowd.name}, truth by five others, {seeds} seeds")
    evidence, missed = crowd.evidence(), 0
    for per_item, bar in BARS.items():
        right: dict[str, list[float]] = {}
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            part = parted(crowd, AT_HAND, rng)
            counts = np.full(len(part.truth), int(per_item))
            more = round((per_item - int(per_item)) * len(counts))
            counts[rng.permutation(len(counts))[:more]] += 1
            for way, score in _scores(crowd, part, counts, evidence).items():
                right.setdefault(way, []).append(score)
        mean = {way: float(np.mean(scores)) for way, scores in right.items()}
        missed += bar is not None and mean["joint"] < bar
        say(f"  {per_item} labels per item: {_told(mean)}" + (f"; bar {bar}" if bar else ""))
    return missed


def _scores(crowd: Crowd, part: Part, counts: Ints, evidence: Evidence) -> dict[str, float]:
    k, n, p = crowd.answers.k, len(counts), crowd.answers.p
    given, clear = part.first(counts), part.truth != ASIDE
    found = {
        "majority": voted(*given, k, n=n, p=p).label,
        "Dawid-Skene": dawid_skene(*given, k, n=n, p=p).label,
        "joint": joint(*given, k, evidence, n=n, p=p).label,
    }
    return {way: float((label == part.truth)[clear].mean()) for way, label in found.items()}


def clones(crowd: Crowd) -> int:
    """Every vote of the machine three times."""
    part = parted(crowd, AT_HAND, np.random.default_rng(0))
    given = part.first(np.full(len(part.truth), 2))
    n, p = len(part.truth), crowd.answers.p
    found = [
        joint(*given, crowd.answers.k, crowd.evidence(copies=copies), n=n, p=p) for copies in (1, 3)
    ]
    moved = float(np.abs(found[0].posterior - found[1].posterior).max())
    other = int((found[0].label != found[1].label).sum())
    say(f"votes three times: {other} labels change, largest change of a chance {moved:.1e}")
    return int(other > 0)


def budget(crowd: Crowd, seeds: int) -> int:
    say(f"{crowd.name}, 600 items, truth by four others: labels per item {SHARES}")
    at = SHARES.index(0.8)
    reached = {}
    for name, eligible in POLICIES.items():
        runs = np.array([course(crowd, eligible, SHARES, seed) for seed in range(seeds)])
        reached[name] = float(runs.mean(axis=0)[at])
        say(f"  {name:12} " + "  ".join(f"{score:.3f}" for score in runs.mean(axis=0)))
    say(f"  bar {BUDGET_BAR} at 0.8 with overlap")
    return int(reached["overlap"] < BUDGET_BAR)


def _told(scores: dict[str, float]) -> str:
    return ", ".join(f"{way} {score:.4f}" for way, score in scores.items())


if __name__ == "__main__":
    sys.exit(main())
