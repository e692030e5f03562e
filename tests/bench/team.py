"""How long a lead waits for the team's figures: 30,000, 300,000 and 3,000,000 answers.

Run: `python -m tests.bench.team [FOLDER]`. Prints seconds of processor time of `team` and of
`person_detail`, the best of five, and how much longer they take with a hundred times the answers.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from annotate.clock import iso
from annotate.model import Item
from annotate.store import Store, open_store
from annotate.workflow.team.person_detail import person_detail
from annotate.workflow.team.teaming import team
from tests.small import QUESTION, START, know, small_project, someone

PEOPLE = 12
PER_ITEM = 3
SIZES = (30_000, 300_000, 3_000_000)


def rows(answers: int, people: list[str]) -> Iterator[dict[str, Any]]:
    """Answers over 90 days, three people on each item."""
    drawn = random.Random(7)
    step = timedelta(days=90) / answers
    for at in range(answers):
        item, slot = divmod(at, PER_ITEM)
        yield {
            "id": f"{at:032x}",
            "project": "mails",
            "item_id": item_id(item),
            "question": QUESTION,
            "assignment_id": f"{at:032x}",
            "person_id": people[(item * 5 + slot * 3) % PEOPLE],
            "kind": "answer",
            "value": '"spam"' if drawn.random() < 0.6 else '"ham"',
            "seconds": drawn.uniform(1, 9),
            "created_at": iso(START - timedelta(days=90) + at * step),
        }


def item_id(number: int) -> str:
    """Ids stand in no order, as digests do."""
    return f"{number * 11400714819323198485 % 2**64:016x}"


def items(count: int) -> Iterator[Item]:
    at = iso(START)
    for number in range(count):
        text = {"text": f"mail {number}"}
        yield Item(item_id(number), "mails", number, f"id:{number}", str(number), text, {}, at)


def filled(store: Store, answers: int, people: list[str]) -> None:
    """Items and answers, and their indexes after them, as it is faster."""
    engine = store._engine
    engine.execute("pragma foreign_keys = off")  # the slots of the answers do not matter
    sql = """
        select type, name, sql from sqlite_master
        where tbl_name in ('items', 'annotations') and type in ('trigger', 'index')
          and sql is not null"""
    made = list(engine.query(sql))
    for one in made:
        engine.execute(f"drop {one['type']} {one['name']}")
    store.items.add(items(answers // PER_ITEM))
    engine.insert("annotations", rows(answers, people))
    for one in made:
        if one["type"] == "index":
            engine.execute(one["sql"])


def measured(folder: Path, answers: int) -> tuple[float, float]:
    project = small_project()
    (question,) = project.questions
    with open_store(folder / f"{answers}.db") as store:
        know(store, project)
        lena = someone(store, "Lena", "lead")
        people = [someone(store, f"Person {at}").id for at in range(PEOPLE)]
        filled(store, answers, people)
        seen = team(store, project, question, actor=lena, now=START)
        assert sum(one.counted.answers for one in seen.members) == answers

        def closely() -> None:
            who = seen.members[0].person.name
            person_detail(store, project, question, seen, who, actor=lena, now=START)

        return (
            best(lambda: team(store, project, question, actor=lena, now=START)),
            best(closely),
        )


def best(run: Callable[[], object]) -> float:
    taken = []
    for _ in range(5):
        began = time.process_time()
        run()
        taken.append(time.process_time() - began)
    return min(taken)


def main(folder: Path) -> None:
    found = {}
    for size in SIZES:
        found[size] = measured(folder, size)
        seconds = ", ".join(f"{each:.3f} s" for each in found[size])
        sys.stdout.write(f"{size:>9,} answers of {PEOPLE} people: team, person: {seconds}\n")
    ratios = ", ".join(
        f"{big / small:.1f}" for big, small in zip(found[SIZES[2]], found[SIZES[0]], strict=True)
    )
    sys.stdout.write(f"a hundred times the answers take {ratios} times as long\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made))
