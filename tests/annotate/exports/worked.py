"""Two small projects as the verbs leave them: brought in, asked about, routed and answered."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from annotate.errors import ProviderError
from annotate.exporters import DIALECTS
from annotate.importers import Record
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.prompts import Prompt
from annotate.llm.providers.function import FunctionProvider
from annotate.model import Person
from annotate.people import add_person, operator
from annotate.project.file import parse_project
from annotate.store import open_store
from annotate.workflow.exports.exporting import (
    ExportReport,
    Request,
    export,
)
from annotate.workflow.imports.importing import import_items
from annotate.workflow.prelabels.prelabelling import prelabel
from annotate.workflow.routes.routing import route
from tests.labelling import assign, skip, submit, undo

START = datetime(2026, 3, 1, 10, tzinfo=UTC)


TOPICS = """
project: topics
title: Topics
fields: [body]
import: {id: id}
questions:
  - {name: topic, type: single_label, text: Which?, labels: [{name: bill}, {name: ship}]}
llm: {provider: openai, model: m, variants: [instruction, paraphrase], few_shot: 0}
routing: {signal: entropy, policy: threshold, threshold: 0.5, audit: 0.5}
people: {per_item: 2}
"""


REPLIES = """
project: replies
title: Replies
fields: [prompt, x, y, z]
questions:
  - {name: better, type: preference, text: Better?, prompt: prompt, responses: [x, y, z]}
llm: {provider: openai, model: judge, variants: [instruction], few_shot: 0}
routing: {policy: random, budget: 1.0}
"""


class World:
    """A workspace's database, its people, and a clock that moves a second at each look."""

    def __init__(self, path: Path, text: str) -> None:
        self._moments = count()
        self._ids = count()
        self.path, self.project = path, parse_project(text)
        self.store = open_store(path)
        self.boss = operator(START)
        self.store.projects.record(self.project.project, text=text, hash="h", now="t")
        self.people = {name: self.person(name) for name in ("Ann", "Bo")}

    def now(self) -> datetime:
        return START + timedelta(seconds=next(self._moments))

    def new_id(self) -> str:
        return f"id{next(self._ids):06}"

    def person(self, name: str) -> Person:
        return add_person(self.store, name, "annotator", actor=self.boss, now=self.now())

    def bring(self, *rows: Mapping[str, str]) -> None:
        records = [Record(line, dict(row)) for line, row in enumerate(rows, 1)]
        report = import_items(
            self.store, self.project, records, io.StringIO(), actor=self.boss, now=self.now()
        )
        assert report.added == len(rows)

    def ask(self, answer: Callable[[Prompt, int], str], *, model: str = "m") -> None:
        question = self.project.questions[0]
        provider = FunctionProvider(answer, model=model)
        prelabel(
            self.store, self.project, question, ChatPrelabeller(self.project, question, provider),
            actor=self.boss, clock=self.now, new_id=self.new_id,
        )  # fmt: skip

    def route(self) -> None:
        route(
            self.store, self.project, self.project.questions[0],
            actor=self.boss, now=self.now(), new_id=self.new_id,
        )  # fmt: skip

    def work(self, name: str, says: Mapping[str, str | None], by: str = "body") -> None:
        """The person goes through the queue; None is a skip, "x>y" is an undone x."""
        actor = self.people[name]
        while task := assign(self.store, self.project, actor=actor, now=self.now()):
            said = says[task.item.fields[by]]
            if said is None:
                skip(self.store, self.project, task, actor=actor, now=self.now())
                continue
            first, *again = said.split(">")
            submit(self.store, self.project, task, first, actor=actor, now=self.now(), seconds=2.5)
            for value in again:
                task = undo(self.store, self.project, actor=actor, now=self.now())
                assert task is not None
                submit(self.store, self.project, task, value, actor=actor, now=self.now())

    def export(self, name: str, out: Any, **options: Any) -> ExportReport:
        request = Request(name, **options)
        return export(self.store, self.project, request, out, actor=self.boss, now=self.now())

    def rows(self, name: str, **options: Any) -> tuple[list[dict[str, Any]], dict[str, int]]:
        """What the file holds, and what was left out."""
        out = io.BytesIO()
        report = self.export(name, out, **options)
        rows = read(options.get("form") or DIALECTS[name].forms[0], out.getvalue())
        assert len(rows) == report.rows
        return rows, dict(report.dropped)


def read(form: str, data: bytes) -> list[dict[str, Any]]:
    if form == "csv":
        return list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    if form == "parquet":
        found: list[dict[str, Any]] = parquet.read_table(io.BytesIO(data)).to_pylist()
        return found
    if form == "json":
        return list(json.loads(data))
    return [json.loads(line) for line in data.decode().splitlines()]


MODEL = {  # body -> the answer to `instruction`, to `paraphrase`
    "sure": ("bill", "bill"),
    "checked": ("ship", "ship"),
    "sure too": ("bill", "bill"),
    "both correct it": ("bill", "ship"),
    "they disagree": ("bill", "ship"),
    "the calls fail": ("!", "!"),
    "one skips": ("bill", "ship"),
    "one undoes": ("ship", "bill"),
    "all skip": ("ship", "bill"),
    "half of it fails": ("ship", "!"),
}


ANN = {
    "checked": "ship",
    "both correct it": "ship",
    "they disagree": "bill",
    "the calls fail": "ship",
    "one skips": None,
    "one undoes": "ship>bill",
    "all skip": None,
}


BO = ANN | {"they disagree": "ship", "one skips": "bill", "one undoes": "bill"}


def scripted(prompt: Prompt, sample: int) -> str:
    [body] = re.findall("<<<(.*)>>>", prompt.messages[-1].content)
    said = MODEL[body]["paraphrase" in prompt.version]
    if said == "!":
        raise ProviderError("server is down")
    return said


@pytest.fixture
def labelled(tmp_path: Path) -> Iterator[World]:
    """Ten items that were pre-labelled, routed and worked on by two people; one came later."""
    world = World(tmp_path / "db", TOPICS)
    world.bring(*({"id": f"00{at}", "body": body} for at, body in enumerate(MODEL)))
    world.ask(scripted)
    world.route()
    world.work("Ann", ANN)
    world.work("Bo", BO)
    world.bring({"id": "later", "body": "came later"})
    yield world
    world.store.close()


@pytest.fixture
def compared(tmp_path: Path) -> Iterator[World]:
    """Six preferences, each answered by one person."""
    world = World(tmp_path / "db", REPLIES)
    base = {"prompt": "p", "x": "good", "y": "bad", "z": "ugly"}
    changes = [
        {"prompt": "agree"},
        {"prompt": "disagree"},
        {"prompt": "tie"},
        {"prompt": "same", "y": "good"},
        {"prompt": "empty", "z": ""},
        {"prompt": "mumbled"},
    ]
    world.bring(*(base | change for change in changes))
    model = {"agree": "A", "disagree": "Response B", "tie": "Tie", "mumbled": "A or B"}

    def judge(prompt: Prompt, sample: int) -> str:
        [asked] = re.findall(r"Prompt:\n<<<(.*)>>>", prompt.messages[1].content)
        return model.get(asked, "A")

    world.ask(judge, model="judge")
    world.route()
    people = {"agree": "a", "disagree": "c", "tie": "tie", "same": "a", "empty": "a"}
    world.work("Ann", people | {"mumbled": "b"}, by="prompt")
    yield world
    world.store.close()
