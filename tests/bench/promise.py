"""How long a promise takes, database and all: `python -m tests.bench.promise [ITEMS]`.

200,000 items unless told otherwise, with decisions but without pre-labels: the freeze with its
draw, looking while the audit goes on, settling it, looking afterwards, and computing it again.
"""

from __future__ import annotations

import itertools
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np

from annotate.clock import iso
from annotate.hashing import digest
from annotate.model import Decision
from annotate.people import operator
from annotate.promise.plan import Terms
from annotate.store import Store, open_store
from annotate.store.standing.decisions import Routing
from annotate.workflow.promises.promising import promise_status, start
from annotate.workflow.promises.verifying import verify
from tests.labelling import assign, submit
from tests.small import QUESTION, START, add_items, small_project, someone

ITEMS = 200_000
TERMS = Terms(0.05, 0.05)
Result = TypeVar("Result")


def fill(store: Store, count: int) -> None:
    """Items that the machine has labelled, more wrong towards the end of the order."""
    project = small_project()
    ids = add_items(store, project, count)
    scores = np.random.default_rng(3).random(count).round(9).tolist()
    routing = Routing("r", project.project, QUESTION, 1, "budget", {}, iso(START))
    with store.transaction():
        store.decisions.start(routing)
        store.decisions.add(routing, _decisions(ids, scores))


def _decisions(ids: list[str], scores: list[float]) -> Iterator[Decision]:
    for item_id, score in zip(ids, scores, strict=True):
        yield Decision(
            id=digest(item_id, QUESTION, 1),
            project="mails",
            item_id=item_id,
            question=QUESTION,
            destination="auto",
            score=score,
            model_value="spam",
            propensity=0.05,
            policy="budget",
            reason="all 5 answers say spam",
            created_at=iso(START),
        )


def timed(what: str, work: Callable[[], Result]) -> Result:
    start_s = perf_counter()
    result = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{what:<34} {perf_counter() - start_s:7.2f} s   peak {peak:,.0f} MB\n")
    return result


def main(count: int = ITEMS) -> None:
    """Write one line per step."""
    ids = map(str, itertools.count())
    lead, project = operator(START), small_project()
    question = project.question(QUESTION)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "a.db") as store:
        timed(f"{count:,} items stored", lambda: fill(store, count))
        promise, _ = timed(
            "freeze and draw",
            lambda: start(
                store,
                project,
                question,
                TERMS,
                actor=lead,
                now=START,
                new_id=lambda: next(ids),
            ),
        )
        scores = {item.item_id: item.score or 0.0 for item in store.promises.drawn(promise.id)}
        ann = someone(store, "Ann")

        def look() -> str:
            seen = promise_status(store, project, question, actor=lead, now=START)
            assert seen is not None
            return seen[0].statement()

        def answer(few: int) -> None:
            for at in range(few):
                now = START + timedelta(seconds=at)
                task = assign(store, project, actor=ann, now=now)
                assert task is not None
                wrong = scores[task.item.id] ** 4 * 997 % 1 < scores[task.item.id] ** 4
                submit(store, project, task, "ham" if wrong else "spam", actor=ann, now=now)

        timed("half of the audit answered", lambda: answer(promise.audited // 2))
        sys.stdout.write(f"  {timed('look', look)}\n")
        timed("the other half answered", lambda: answer(promise.audited - promise.audited // 2))
        sys.stdout.write(f"  {timed('look, which settles it', look)}\n")
        timed("look again", look)
        checks = timed("verify", lambda: verify(store, project, question, actor=lead))
        assert all(check.holds for check in checks)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
