"""The project of the export's bench, its items written in bulk.

Each has a text of 200 to 600 characters, two calls of the model, a decision and a person's answer;
half of the answers are the model's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from annotate.hashing import digest
from annotate.model import Annotation, Assignment, Decision, Item, Prelabel, Round
from annotate.people import add_person, operator
from annotate.project.file import parse_project
from annotate.store import Store, open_store
from annotate.store.migrations import migrations
from annotate.store.sqlite import SqliteEngine
from annotate.store.standing.decisions import Routing
from tests.small import START

AT = "2026-03-01T09:00:00.000000Z"
NAMES = ("billing", "shipping", "returns", "account", "other")
TEXT = f"""
project: p
title: Mails
guideline: Read the whole mail.
fields: [body]
import: {{id: id}}
questions:
  - name: topic
    type: single_label
    text: What is the mail about?
    labels: [{", ".join(f"{{name: {name}}}" for name in NAMES)}]
llm: {{provider: openai, model: m, variants: [instruction, paraphrase]}}
routing: {{signal: entropy, policy: random, budget: 0.2, audit: 0}}
"""
PROJECT = parse_project(TEXT)
WORDS = TEXT.split()
CHUNK = 20_000


def made(folder: Path, count: int) -> Path:
    """The database of so many items in the folder, filled where it is not there yet."""
    path, part = folder / f"{count}.db", folder / f"{count}.part.db"
    if not path.exists():
        part.unlink(missing_ok=True)
        _fill(part, count)
        part.replace(path)
    return path


def _fill(path: Path, count: int) -> None:
    """Without the search index, which takes most of the time and is not read here."""
    with open_store(path):
        pass
    engine = SqliteEngine(path)
    for pragma in ("synchronous = off", "journal_mode = memory", "cache_size = -600000"):
        engine.execute(f"pragma {pragma}")
    engine.migrate(migrations)
    [trigger] = engine.rows("select sql from sqlite_master where name = 'item_search_new'")
    engine.execute("drop trigger item_search_new")
    with Store(engine) as store:
        with store.transaction():
            routing, person = _frame(store)
        for start in range(0, count, CHUNK):
            with store.transaction():
                _chunk(engine, store, routing, person, range(start, min(count, start + CHUNK)))
        engine.execute(trigger[0])
        engine.execute("pragma journal_mode = wal")


def _frame(store: Store) -> tuple[Routing, str]:
    """What all items share; the routing, and the id of the person who answers."""
    store.projects.record("p", text=TEXT, hash="h", now=AT)
    person = add_person(store, "Ann", "annotator", actor=operator(START), now=START)
    store.prelabels.start_round(
        Round("r", "p", "topic", "s", "m", ("instruction",), (), "missing", AT, AT)
    )
    routing = Routing("r", "p", "topic", 1, "random", {}, AT)
    store.decisions.start(routing)
    return routing, person.id


def _chunk(engine: SqliteEngine, store: Store, routing: Routing, person: str, all_: range) -> None:
    ids = [(at, digest("p", at)) for at in all_]
    store.items.add(item(at, id_) for at, id_ in ids)
    store.prelabels.add(call(at, id_, n) for at, id_ in ids for n in (0, 1))
    finished = ({"round_id": "r", "item_id": id_, "errors": 0, "created_at": AT} for _, id_ in ids)
    engine.insert("prelabelled", finished)
    store.decisions.add(routing, (decision(at, id_) for at, id_ in ids))
    store.assignments.add((slot(id_, person) for _, id_ in ids), now=AT)
    store.annotations.add_all(answer(at, id_, person) for at, id_ in ids)


def item(at: int, id_: str) -> Item:
    return Item(id_, "p", at, f"id:{at}", id_, {"body": body(at)}, {"source": "mail"}, AT)


def body(at: int) -> str:
    return f"{at}: " + " ".join(_words(at, 40 + at % 80))


def _words(at: int, count: int) -> Iterator[str]:
    return (WORDS[(at + n) % len(WORDS)] for n in range(count))


def said(at: int) -> str:
    return NAMES[at % len(NAMES)]


def call(at: int, item_id: str, sample: int) -> Prelabel:
    raw = json.dumps({"label": said(at), "reason": "It says so in the first sentence."})
    return Prelabel(
        f"{item_id}{sample}", "p", item_id, "topic", "r", "instruction", sample, "m",
        "single_label/en/instruction.v1", "0" * 32, "parsed", said(at), None, 0.9, None, raw,
        "stop", 300, 12, 0.4, AT,
    )  # fmt: skip


def decision(at: int, item_id: str) -> Decision:
    value, why = said(at), "drawn at random"
    return Decision(
        f"d{item_id}", "p", item_id, "topic", "annotate", 0.5, value, 1.0, "random", why, AT, value
    )


def slot(item_id: str, person: str) -> Assignment:
    return Assignment(f"s{item_id}", "p", item_id, "topic", 0, 0.5, "done", person, None)


def answer(at: int, item_id: str, person: str) -> Annotation:
    value = said(at) if at % 2 else said(at + 1)
    return Annotation(
        f"a{item_id}", "p", item_id, "topic", f"s{item_id}", person, "answer", value, None, None,
        4.2, "2026-03-02T09:00:00.000000Z", None, {"mode": "blind", "arm": "blind",
        "shown": "never"},
    )  # fmt: skip
