"""A project with many items, three answers each, a model's vote and a routing, written in bulk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from annotate.model import Person
from annotate.people import operator
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store, open_store
from annotate.store.standing.consensus import ConsensusRun
from annotate.workflow.consensus.view import basis_of
from tests.small import START, know, small_project, someone

LABELS = ("billing", "shipping", "account", "defect", "advice", "feedback")
PEOPLE = 8
WORDS = (
    "refund", "parcel", "password", "broken", "which size", "thank you", "invoice", "late",
    "the app", "a zip", "in stock", "your staff", "垃圾邮件", "还没有收到", "working", "order",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """What a query works with. size: items."""

    store: Store
    project: Project
    question: QuestionSettings
    lead: Person
    now: datetime
    size: int


TOPIC = {"type": "single_label", "labels": [{"name": name} for name in LABELS]}


def project(asked: Mapping[str, Any] = TOPIC, **changes: object) -> Project:
    """asked: settings of its question."""
    ask = {"name": "topic", "text": "What is it about?", **asked}
    routing = {"policy": "random", "budget": 1.0, "audit": 0.0}
    return small_project(questions=[ask], routing=routing, people={"per_item": 3}, **changes)


@contextmanager
def desk(folder: Path, size: int) -> Iterator[Desk]:
    """The database in `folder`, made where it is not there yet."""
    made, path = project(), folder / f"desk-{size}.db"
    new = not path.exists()
    with open_store(path) as store:
        if new:
            know(store, made)
            people = [someone(store, f"Person {at}") for at in range(PEOPLE)]
            _fill(path, size, [person.id for person in people], made.project)
            settle(store, made)
        yield Desk(store, made, made.questions[0], operator(START), START, size)


def settle(store: Store, made: Project) -> None:
    """The consensus that was written is the present one: its own bench tells what it takes."""
    asked = made.questions[0]
    now = store.projects.data_version(made.project)
    run = ConsensusRun(
        made.project, asked.name, basis_of(made, asked), "joint", now, 0, [], "2026-01-07T00:00:00Z"
    )
    store.consensus.finish(run)


def _fill(path: Path, size: int, people: list[str], name: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("synchronous = off", "cache_size = -400000", "temp_store = memory"):
            connection.execute(f"pragma {pragma}")
        connection.execute("begin")
        for table, rows in (
            ("labels", [f'"{label}"' for label in LABELS]), ("words", WORDS), ("workers", people),
        ):  # fmt: skip
            connection.execute(f"create temp table {table} (n integer primary key, said text)")
            connection.executemany(f"insert into {table} values (?, ?)", enumerate(rows))
        for statement in _STATEMENTS:
            connection.execute(statement, {"size": size, "project": name})
        connection.execute("commit")
        connection.execute("pragma wal_checkpoint(truncate)")
    finally:
        connection.close()


# ids in no order, as digests are; (i * a) % 2^32 takes each number once
_ID = "printf('%08x%024x', (i.n * 2654435761) % 4294967296, {})"
_ITEM = _ID.format("7")
_AT = "strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1767600000 + {}, 'unixepoch')"
_MANY = """
    with recursive i(n) as (select 0 union all select n + 1 from i where n + 1 < :size)"""
# the truth is n % 6; a machine errs on a fourth, people on 10 to 25 % each
_SAID = """(select said from labels where labels.n = (i.n + case
    when (i.n * {a} + {b}) % 100 < {errs} then 1 + (i.n * 31 + {b}) % 5 else 0 end) % 6)"""
_WORD = "(select said from words where words.n = (i.n * {} + 3) % 16)"
_TEXT = " || ' ' || ".join(_WORD.format(prime) for prime in (7, 11, 13, 17, 19, 23, 29, 31))
_MACHINE = _SAID.format(a=37, b=5, errs=25)
_WHO = "(select said from workers where workers.n = (i.n * 5 + s.n * 3) % 8)"
_SLOTS = f"{_MANY}, s(n) as (values (0), (1), (2))"
_GIVEN = _SAID.format(a="(41 + s.n * 2)", b="(s.n * 7)", errs="(10 + (i.n * 5 + s.n * 3) % 8 * 2)")
_WHEN = _AT.format("(i.n * 6997 + s.n * 1000) % 7000000")
_SLOT = "printf('%08x%024x', (i.n * 2654435761) % 4294967296, 100 + s.n)"

_STATEMENTS = (
    f"""{_MANY} insert into items
      select {_ITEM}, :project, i.n, 'id:own' || i.n, 'h',
        json_object('text', {_TEXT} || ' no ' || i.n),
        json_object('source', 'channel ' || (i.n * 7 % 12)), {_AT.format("i.n")} from i""",
    """insert into rounds (id, project, question, settings_hash, model, variants, examples, scope,
        started_at, finished_at)
      values ('round', :project, 'topic', 's', 'model', '["direct"]', '[]', 'missing',
        '2026-01-05T00:00:00Z', '2026-01-05T01:00:00Z')""",
    f"""{_MANY} insert into prelabels (id, project, item_id, question, round_id, variant, sample,
        model, prompt_version, prompt_hash, outcome, value, confidence, created_at)
      select {_ID.format("11")}, :project, {_ITEM}, 'topic', 'round', 'direct', 0, 'model', 'v1',
        'h', 'parsed', {_MACHINE}, 0.8, {_AT.format("i.n")} from i""",
    f"""{_MANY} insert into prelabelled (round_id, item_id, errors, created_at)
      select 'round', {_ITEM}, 0, {_AT.format("i.n")} from i""",
    """insert into routings values ('routing', :project, 'topic', 1, 'random', '{}',
      '2026-01-06T00:00:00Z')""",
    f"""{_MANY} insert into decisions (id, project, item_id, question, routing_id, number,
        destination, score, model_value, propensity, policy, reason, created_at)
      select {_ID.format("13")}, :project, {_ITEM}, 'topic', 'routing', 1, 'annotate',
        (i.n * 17 % 1000) / 1000.0, {_MACHINE}, 1.0, 'random', 'drawn at random',
        {_AT.format("i.n")} from i""",
    f"""{_SLOTS} insert into assignments (id, project, item_id, question, slot, priority, state,
        person_id, created_at)
      select {_SLOT}, :project, {_ITEM}, 'topic', s.n, 0.0, 'done', {_WHO},
        {_AT.format("i.n")} from i, s""",
    f"""{_SLOTS} insert into annotations (id, project, item_id, question, assignment_id, person_id,
        kind, value, seconds, created_at)
      select {_SLOT}, :project, {_ITEM}, 'topic', {_SLOT}, {_WHO}, 'answer',
        {_GIVEN}, 5.0 + (i.n % 20), {_WHEN} from i, s""",
    f"""{_MANY} insert into consensus (project, question, item_id, value, probability, uncertainty,
        people, machine_value, machine_probability, status, priority, data_version, at)
      select :project, 'topic', {_ITEM}, {_MACHINE}, 1 - (i.n * 7919 % 10007) / 20014.0,
        (i.n * 7919 % 10007) / 20014.0, 3, {_MACHINE}, 0.8,
        case when i.n % 3 then 'agreed' else 'disputed' end,
        (i.n * 7919 % 10007) / 20014.0 * 3, 1, '2026-01-07T00:00:00Z' from i""",
)
