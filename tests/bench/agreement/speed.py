"""How long agreement takes: `python -m tests.bench.agreement.speed [ITEMS] [PER_ITEM]`.

Makes a database of ITEMS (333,334 unless told otherwise) with PER_ITEM answers each (3) and the
model's, and times the measures on arrays alone, the verb as a page calls it, on a sample, and on
all answers, and the overview, made anew and kept.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from annotate.agreement import alpha, counts, fleiss_kappa, gwet_ac
from annotate.people import operator
from annotate.store import Store, open_store
from annotate.workflow.agreement.agreeing import agreement
from annotate.workflow.projects.overview import overview
from tests.small import QUESTION, START, add_items, small_project, someone

LABELS = ("spam", "ham")
T = TypeVar("T")


def main(items: int = 333_334, per_item: int = 3) -> None:
    generator = np.random.default_rng(1)
    truth = generator.integers(0, 2, items)
    right = generator.random((items, per_item + 1)) < 0.85
    said = np.where(right, truth[:, None], 1 - truth[:, None])
    rows = counts(np.repeat(np.arange(items), per_item), said[:, 1:].ravel(), items, 2)
    total = items * per_item
    for name, measure in (("alpha", alpha), ("Fleiss", fleiss_kappa), ("AC1", gwet_ac)):
        _timed(f"{name} of {total:,} answers with 1,000 draws", lambda m=measure: m(rows))
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "a.db") as store:
        _timed("(making the database)", lambda: _fill(store, said))
        project, lead = small_project(), operator(START)
        for title, everything in (("a page's sample", False), ("every answer", True)):
            _timed(
                f"the verb on {title}",
                lambda e=everything: agreement(
                    store, project, project.questions[0], actor=lead, everything=e
                ),
            )
        for title in ("made", "kept"):
            _timed(
                f"the overview, {title}", lambda: overview(store, project, actor=lead, now=START)
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory':52} {peak:8.0f} MB")  # noqa: T201


def _timed(what: str, work: Callable[[], T]) -> T:
    start = perf_counter()
    found = work()
    print(f"{what:52} {perf_counter() - start:8.2f} s", flush=True)  # noqa: T201
    return found


def _fill(store: Store, said: Any) -> None:
    """said: (items, 1 + people), what the model and each person says."""
    project, people = small_project(), said.shape[1] - 1
    ids = add_items(store, project, len(said))
    who = [someone(store, f"p{at}").id for at in range(people)]
    engine, at = store._engine, "2026-03-01T09:00:00.000000Z"
    values = [f'"{label}"' for label in LABELS]
    common = {"project": "mails", "question": QUESTION, "created_at": at}
    routing = {"id": "r", "number": 1, "policy": "random", "settings": "{}"}
    with store.transaction():
        engine.insert("routings", [common | routing])
        engine.insert(
            "decisions",
            (
                common
                | {"id": f"d{n}", "item_id": i, "routing_id": "r", "number": 1, "score": 0.5,
                   "destination": "annotate", "model_value": values[said[n, 0]], "reason": "",
                   "propensity": 1.0, "policy": "random"}
                for n, i in enumerate(ids)
            ),
        )  # fmt: skip
        engine.insert(
            "assignments",
            (
                common
                | {"id": f"s{n}-{p}", "item_id": i, "slot": p, "priority": 0.0, "state": "done",
                   "person_id": who[p], "leased_until": None}
                for n, i in enumerate(ids)
                for p in range(people)
            ),
        )  # fmt: skip
        engine.insert(
            "annotations",
            (
                common
                | {"id": f"a{n}-{p}", "item_id": i, "assignment_id": f"s{n}-{p}",
                   "person_id": who[p], "kind": "answer", "value": values[said[n, 1 + p]],
                   "note": None, "shown_prelabel": None, "seconds": 4.0}
                for n, i in enumerate(ids)
                for p in range(people)
            ),
        )  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
