"""The projects of the export's bench, their items written in bulk: one about labels, one about
spans.

Each item has a text of 200 to 600 characters, two calls of the model, a decision and a person's
answer; half of the answers are the model's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from annotate.hashing import digest
from annotate.model import Annotation, Assignment, Decision, Item, Prelabel, Round
from annotate.people import add_person, operator
from annotate.project import Project
from annotate.project.file import parse_project
from annotate.store import Store, open_store
from annotate.store.migrations import migrations
from annotate.store.sqlite import SqliteEngine
from annotate.store.standing.decisions import Routing
from tests.small import START

AT = "2026-03-01T09:00:00.000000Z"
NAMES = ("billing", "shipping", "returns", "account", "other")
_LABELS = f"labels: [{', '.join(f'{{name: {name}}}' for name in NAMES)}]"
_TEXT = """
project: p
title: Mails
guideline: Read the whole mail.
fields: [body]
import: {{id: id}}
questions:
  - name: topic
    {question}
llm: {{provider: openai, model: m, variants: [instruction, paraphrase]}}
routing: {{signal: entropy, policy: random, budget: 0.2, audit: 0}}
"""
TEXT = _TEXT.format(
    question=f"""type: single_label
    text: What is the mail about?
    {_LABELS}"""
)
MARKING = _TEXT.format(
    question=f"""type: spans
    text: What does the mail name?
    field: body
    {_LABELS}"""
)
WORDS = TEXT.split()
CHUNK = 20_000


class World(NamedTuple):
    """said: what the model says of the item at a position (the first number), or somebody who says
    something else of it (the second one is 1)."""

    name: str
    text: str
    said: Callable[[int, int], Any]

    def project(self) -> Project:
        return parse_project(self.text)

    def made(self, folder: Path, count: int) -> Path:
        """The database of so many items in the folder, filled where it is not there yet."""
        path, part = folder / f"{self.name}-{count}.db", folder / f"{self.name}-{count}.part.db"
        if not path.exists():
            part.unlink(missing_ok=True)
            _fill(self, part, count)
            part.replace(path)
        return path


def topic(at: int, other: int) -> str:
    return NAMES[(at + other) % len(NAMES)]


def spans(at: int, other: int) -> list[dict[str, Any]]:
    """Three of one to three words each, apart from each other."""
    words = [found.span() for found in re.finditer(r"\S+", body(at))]
    firsts = (1 + other, 12 + at % 5, 25)
    return [
        {"start": words[first][0], "end": words[first + more][1], "label": topic(at, more)}
        for more, first in enumerate(firsts)
    ]


LABELS, SPANS = World("labels", TEXT, topic), World("spans", MARKING, spans)


def _fill(world: World, path: Path, count: int) -> None:
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
            routing, person = _frame(world, store)
        for start in range(0, count, CHUNK):
            with store.transaction():
                all_ = range(start, min(count, start + CHUNK))
                _chunk(world, engine, store, routing, person, all_)
        engine.execute(trigger[0])
        engine.execute("pragma journal_mode = wal")


def _frame(world: World, store: Store) -> tuple[Routing, str]:
    """What all items share; the routing, and the id of the person who answers."""
    store.projects.record("p", text=world.text, hash="h", now=AT)
    person = add_person(store, "Ann", "annotator", actor=operator(START), now=START)
    store.prelabels.start_round(
        Round("r", "p", "topic", "s", "m", ("instruction",), (), "missing", AT, AT)
    )
    routing = Routing("r", "p", "topic", 1, "random", {}, AT)
    store.decisions.start(routing)
    return routing, person.id


def _chunk(
    world: World, engine: SqliteEngine, store: Store, routing: Routing, person: str, all_: range
) -> None:
    said = world.said
    ids = [(at, digest("p", at)) for at in all_]
    store.items.add(item(at, id_) for at, id_ in ids)
    store.prelabels.add(call(said(at, 0), id_, n) for at, id_ in ids for n in (0, 1))
    finished = ({"round_id": "r", "item_id": id_, "errors": 0, "created_at": AT} for _, id_ in ids)
    engine.insert("prelabelled", finished)
    store.decisions.add(routing, (decision(said(at, 0), id_) for at, id_ in ids))
    store.assignments.add((slot(id_, person) for _, id_ in ids), now=AT)
    store.annotations.add_all(answer(said(at, 1 - at % 2), id_, person) for at, id_ in ids)


def item(at: int, id_: str) -> Item:
    return Item(id_, "p", at, f"id:{at}", id_, {"body": body(at)}, {"source": "mail"}, AT)


def body(at: int) -> str:
    return f"{at}: " + " ".join(_words(at, 40 + at % 80))


def _words(at: int, count: int) -> Iterator[str]:
    return (WORDS[(at + n) % len(WORDS)] for n in range(count))


def call(said: Any, item_id: str, sample: int) -> Prelabel:
    raw = json.dumps({"label": said, "reason": "It says so in the first sentence."})
    return Prelabel(
        f"{item_id}{sample}", "p", item_id, "topic", "r", "instruction", sample, "m",
        "single_label/en/instruction.v1", "0" * 32, "parsed", said, None, 0.9, None, raw,
        "stop", 300, 12, 0.4, AT,
    )  # fmt: skip


def decision(said: Any, item_id: str) -> Decision:
    return Decision(
        f"d{item_id}", "p", item_id, "topic", "annotate", 0.5, said, 1.0, "random",
        "drawn at random", AT, said,
    )  # fmt: skip


def slot(item_id: str, person: str) -> Assignment:
    return Assignment(f"s{item_id}", "p", item_id, "topic", 0, 0.5, "done", person, None)


def answer(said: Any, item_id: str, person: str) -> Annotation:
    return Annotation(
        f"a{item_id}", "p", item_id, "topic", f"s{item_id}", person, "answer", said, None, None,
        4.2, "2026-03-02T09:00:00.000000Z", None, {"mode": "blind", "arm": "blind",
        "shown": "never"},
    )  # fmt: skip
