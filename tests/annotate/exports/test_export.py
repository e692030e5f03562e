"""Exports of what the verbs themselves stored, on a real SQLite file."""

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

from annotate.errors import AnnotateError, NotAllowed, NotFound, ProviderError
from annotate.exporters import DIALECTS
from annotate.importers import Record
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.prompts import Prompt
from annotate.llm.providers.function import FunctionProvider
from annotate.model import Person
from annotate.people import add_person, operator
from annotate.project.file import parse_project
from annotate.store import open_store
from annotate.training.protocol import Rules
from annotate.workflow.consensus.consenting import consensus_of
from annotate.workflow.exports.exporting import (
    ExportReport,
    Request,
    counts,
    export,
    preview,
    write_folder,
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


def test_destinations_that_these_tests_build_on(labelled: World) -> None:
    decisions = labelled.store.decisions.current("topics", "topic")
    assert [decision.destination for decision in decisions] == [
        "auto", "audit", "auto", *["annotate"] * 6, "auto",
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["jsonl", "csv", "json", "parquet"])
def test_the_labelled_set(labelled: World, form: str) -> None:
    rows, dropped = labelled.rows("labels", form=form)
    expected: list[tuple[Any, ...]] = [
        ("000", "sure", "topic", "bill", "model", 2, 1.0),
        ("001", "checked", "topic", "ship", "person", 2, 1.0),
        ("002", "sure too", "topic", "bill", "model", 2, 1.0),
        ("003", "both correct it", "topic", "ship", "person", 2, 1.0),
        ("005", "the calls fail", "topic", "ship", "person", 2, 1.0),
        ("006", "one skips", "topic", "bill", "person", 1, 1.0),
        ("007", "one undoes", "topic", "bill", "person", 2, 1.0),
        ("009", "half of it fails", "topic", "ship", "model", 1, 1.0),
    ]
    if form == "csv":
        expected = [tuple(map(str, row)) for row in expected]
    assert [tuple(row.values())[:7] for row in rows] == expected
    assert dropped == {"people are tied": 1, "waiting for people": 1, "not routed yet": 1}


def test_sft_where_person_and_model_agree_or_two_people(labelled: World) -> None:
    rows, dropped = labelled.rows("sft_messages")
    asked = [re.findall("<<<(.*)>>>", row["messages"][0]["content"]) for row in rows]
    assert asked == [
        ["checked"], ["both correct it"], ["the calls fail"], ["one skips"], ["one undoes"],
    ]  # fmt: skip
    said = [row["messages"][1]["content"] for row in rows]
    assert said == ["ship", "ship", "ship", "bill", "bill"]
    left_out = {
        "only the model has answered": 3,
        "people are tied": 1,
        "waiting for people": 1,
        "not routed yet": 1,
    }
    assert dropped == left_out
    rows, dropped = labelled.rows("sft_messages", rules=Rules(sft_from=frozenset({"agreed"})))
    assert len(rows) == 3
    assert dropped == left_out | {
        "person and model disagree": 1,
        "no usable answer from the model": 1,
    }


def test_pairs_where_a_person_corrects_the_model(labelled: World) -> None:
    [row], dropped = labelled.rows("preference_trl")
    assert "<<<both correct it>>>" in row["prompt"][0]["content"]
    assert row["chosen"] == [{"role": "assistant", "content": "ship"}]
    assert row["rejected"] == [{"role": "assistant", "content": "bill"}]
    assert dropped == {
        "only the model has answered": 3,
        "person and model agree": 3,
        "people are tied": 1,
        "no usable answer from the model": 1,
        "waiting for people": 1,
        "not routed yet": 1,
    }


def test_preferences_give_the_better_response(compared: World) -> None:
    rows, dropped = compared.rows("sft_messages")
    assert [[m["content"] for m in row["messages"]] for row in rows] == [
        ["agree", "good"],
        ["same", "good"],
        ["empty", "good"],
    ]
    assert dropped == {
        "person and model disagree": 1,
        "the answer is a tie": 1,
        "no usable answer from the model": 1,
    }


def test_preferences_give_pairs(compared: World) -> None:
    rows, dropped = compared.rows("preference_trl")
    names = ("prompt", "chosen", "rejected")
    assert [tuple(row[name][0]["content"] for name in names) for row in rows] == [
        ("agree", "good", "bad"),
        ("agree", "good", "ugly"),
        ("disagree", "ugly", "good"),
        ("disagree", "ugly", "bad"),
        ("same", "good", "ugly"),
        ("empty", "good", "bad"),
        ("mumbled", "bad", "good"),
        ("mumbled", "bad", "ugly"),
    ]
    assert dropped == {
        "the answer is a tie": 1,
        "chosen and rejected are the same text": 1,
        "the prompt or a response is empty": 1,
    }


@pytest.mark.parametrize("name", ["labels", "votes", "sft_messages", "preference_trl"])
def test_rows_carry_their_passport(labelled: World, name: str) -> None:
    rows, _ = labelled.rows(name, passport=True)
    plain, _ = labelled.rows(name)
    assert [{k: v for k, v in row.items() if k != "meta"} for row in rows] == plain
    assert all(json.loads(row["meta"])["project"] == "topics" for row in rows)


def test_passport_tells_what_led_to_the_label(labelled: World) -> None:
    [row], _ = labelled.rows("preference_trl", passport=True)
    meta = json.loads(row["meta"])
    assert meta["question"] == "topic"
    assert meta["answer"] == {"value": "ship", "source": "person"}
    assert (meta["item"]["own_id"], len(meta["item"]["id"])) == ("003", 32)
    first, second = meta["people"].pop("answers")
    assert meta["people"] == {"value": "ship", "votes": 2, "agreeing": 2}
    assert (first["person"], second["person"]) == ("Ann", "Bo")
    assert first["value"] == "ship"
    assert first["suggestion_seen"] == "never"
    assert first["seconds"] == 2.5
    assert first["at"] < second["at"]
    calls = meta["model"].pop("calls")
    assert meta["model"] == {
        "name": "m",
        "value": "bill",
        "votes": {"bill": 1, "ship": 1},
        "outcomes": {"parsed": 2},
    }
    assert [(call["variant"], call["value"], call["prompt"]) for call in calls] == [
        ("instruction", "bill", "single_label/en/instruction.v1+system.v1"),
        ("paraphrase", "ship", "single_label/en/paraphrase.v1+system.v1"),
    ]
    assert all(re.fullmatch("[0-9a-f]{32}", call["prompt_hash"]) for call in calls)
    assert meta["route"].pop("at") < first["at"]
    assert meta["route"] == {
        "destination": "annotate",
        "reason": "answers split 1 : 1 between bill, ship",
        "policy": "threshold",
        "policy_version": None,
        "propensity": 1.0,
        "audited": False,
        "score": 1.0,
        "model_value": "bill",
        "label": "bill",
    }


def test_passport_of_an_undone_answer_and_of_failed_calls(labelled: World) -> None:
    rows, _ = labelled.rows("labels", passport=True)
    metas = {row["body"]: json.loads(row["meta"]) for row in rows}
    undone = metas["one undoes"]["people"]["answers"]
    assert [(answer["person"], answer["value"]) for answer in undone] == [
        ("Ann", "bill"),
        ("Bo", "bill"),
    ]
    failed = metas["the calls fail"]["model"]
    assert (failed["value"], failed["votes"], failed["outcomes"]) == (None, {}, {"error": 2})
    assert metas["half of it fails"]["model"]["outcomes"] == {"parsed": 1, "error": 1}
    assert metas["checked"]["route"]["destination"] == "audit"
    assert metas["checked"]["route"]["propensity"] == 0.5


def test_passport_names_the_model_that_routing_went_by(labelled: World) -> None:
    labelled.ask(lambda prompt, sample: "bill", model="newer")
    rows, _ = labelled.rows("labels", passport=True)
    models = {row["body"]: json.loads(row["meta"])["model"] for row in rows}
    assert {model["name"] for model in models.values()} == {"m"}
    assert models["checked"]["votes"] == {"ship": 2}
    labelled.route()  # what people have keeps its decision, the rest is decided anew
    rows, dropped = labelled.rows("labels", passport=True)
    models = {row["body"]: json.loads(row["meta"])["model"] for row in rows}
    assert models["checked"]["name"] == "m"
    assert models["half of it fails"]["name"] == "newer"
    assert models["half of it fails"]["value"] == "bill"
    assert "not routed yet" not in dropped


def test_a_label_that_the_project_file_no_longer_offers(labelled: World) -> None:
    labelled.project = parse_project(TOPICS.replace("{name: ship}", "{name: post}"))
    rows, dropped = labelled.rows("labels")
    assert [(row["id"], row["label"]) for row in rows] == [
        ("000", "bill"),
        ("002", "bill"),
        ("004", "bill"),
        ("006", "bill"),
        ("007", "bill"),
    ]
    assert dropped["the answer is no longer one that the project file offers"] == 4


def test_a_file_without_rows_says_why(tmp_path: Path) -> None:
    world = World(tmp_path / "db", TOPICS)
    with pytest.raises(AnnotateError, match="has no items yet"):
        world.export("sft_messages", tmp_path / "out.jsonl")
    world.bring({"id": "1", "body": "a"}, {"id": "2", "body": "b"})
    report = world.export("sft_messages", tmp_path / "out.jsonl")
    assert report.summary() == "0 rows from 2 items; left out: 2 not routed yet"
    assert (tmp_path / "out.jsonl").read_bytes() == b""
    world.export("labels", tmp_path / "out.csv")
    header = b"id,body,question,label,source,votes,agreement,posterior,soft_label\r\n"
    assert (tmp_path / "out.csv").read_bytes() == header
    world.store.close()


def test_several_questions_give_a_row_each(tmp_path: Path) -> None:
    second = "  - {name: urgent, type: single_label, text: Now?, labels: [{name: y}, {name: n}]}\n"
    text = TOPICS.replace("llm:", second + "llm:", 1)
    world = World(tmp_path / "db", text)
    world.bring({"id": "1", "body": "sure"}, {"id": "2", "body": "sure too"})
    for question, said in zip(world.project.questions, ("bill", "n"), strict=True):
        provider = FunctionProvider(lambda prompt, sample, said=said: said)  # type: ignore[misc]
        machine = ChatPrelabeller(world.project, question, provider)
        prelabel(
            world.store, world.project, question, machine,
            actor=world.boss, clock=world.now, new_id=world.new_id,
        )  # fmt: skip
        route(
            world.store, world.project, question,
            actor=world.boss, now=world.now(), new_id=world.new_id,
        )  # fmt: skip
    world.people["Ann"] = world.person("Ann")
    while task := assign(world.store, world.project, actor=world.people["Ann"], now=world.now()):
        value = {"topic": "bill", "urgent": "n"}
        submit(
            world.store, world.project, task, value,
            actor=world.people["Ann"], now=world.now(),
        )  # fmt: skip
    rows, _ = world.rows("labels")
    assert [(row["id"], row["question"], row["label"]) for row in rows] == [
        ("1", "topic", "bill"),
        ("1", "urgent", "n"),
        ("2", "topic", "bill"),
        ("2", "urgent", "n"),
    ]
    one, _ = world.rows("labels", question="urgent")
    assert [(row["id"], row["question"]) for row in one] == [("1", "urgent"), ("2", "urgent")]
    with pytest.raises(NotFound, match="no question 'mood' in 'topics'; there are: topic, urgent"):
        world.rows("labels", question="mood")
    world.store.close()


@pytest.mark.parametrize(
    ("name", "form"), [("labels", "csv"), ("labels", "jsonl"), ("votes", None)]
)
def test_preview_is_how_the_file_begins(labelled: World, name: str, form: str | None) -> None:
    request, out = Request(name, form=form, passport=True), io.BytesIO()
    labelled.export(name, out, form=form, passport=True)
    found = preview(labelled.store, labelled.project, request, actor=labelled.boss, limit=2)
    [begins] = found.files
    assert begins.text is not None
    assert out.getvalue().decode().startswith(begins.text)
    assert len(read(form or "jsonl", begins.text.encode())) == len(begins.records) == 2
    assert begins.columns == tuple(begins.records[0])
    assert (found.items < 11, found.complete) == (True, False)


def test_a_preview_of_a_folder_shows_each_of_its_tables(labelled: World) -> None:
    found = preview(labelled.store, labelled.project, Request("llamafactory"), actor=labelled.boss)
    assert [(begins.path, len(begins.records)) for begins in found.files] == [
        ("sft.jsonl", 5), ("preference.jsonl", 1), ("kto.jsonl", 4),
    ]  # fmt: skip
    assert (found.items, found.complete) == (11, True)


def test_labels_carry_the_posterior_of_the_consensus(labelled: World) -> None:
    rows, _ = labelled.rows("labels")
    posteriors = {row["body"]: row["posterior"] for row in rows}
    view = consensus_of(
        labelled.store, labelled.project, labelled.project.questions[0], actor=labelled.boss
    )
    for at, item in enumerate(labelled.store.items.all("topics")):
        body = item.fields["body"]
        if posteriors.get(body) is not None:
            assert posteriors[body] == pytest.approx(view.posterior[at].max(), abs=0.01)
    assert sum(value is not None for value in posteriors.values()) >= 5
    chosen, _ = labelled.rows("labels", rules=Rules(min_posterior=0.9))
    sure = {body for body, value in posteriors.items() if value is not None and value >= 0.9}
    assert {row["body"] for row in chosen} == sure
    assert len(chosen) < len(rows)


@pytest.mark.parametrize("name", ["labels", "votes", "sft_messages", "llamafactory"])
def test_counting_is_exporting_without_a_file(labelled: World, name: str) -> None:
    written = labelled.export(name, io.BytesIO())
    found = counts(labelled.store, labelled.project, Request(name), actor=labelled.boss)
    for field in ("items", "rows", "dropped", "lengths", "splits", "promises", "examples"):
        assert getattr(found, field) == getattr(written, field)
    assert (found.files, found.path) == ((), None)


def test_what_is_left_out_names_its_first_items_and_lists_them_all(labelled: World) -> None:
    drops = io.StringIO()
    report = export(
        labelled.store, labelled.project, Request("sft_messages"), io.BytesIO(),
        actor=labelled.boss, now=START, drops=drops,
    )  # fmt: skip
    listed = [json.loads(line) for line in drops.getvalue().splitlines()]
    assert len(listed) == sum(report.dropped.values())
    assert listed[-1] == {
        "id": "later", "question": "topic", "format": "sft_messages", "reason": "not routed yet",
    }  # fmt: skip
    [item] = report.examples["not routed yet"]
    assert labelled.store.items.get(item) is not None


def test_rights_and_wrong_names(labelled: World, tmp_path: Path) -> None:
    ann = labelled.people["Ann"]
    out = tmp_path / "out.jsonl"
    store, project = labelled.store, labelled.project
    with pytest.raises(NotAllowed, match="Ann is annotator and may not export"):
        export(store, project, Request("labels"), out, actor=ann, now=START)
    with pytest.raises(NotAllowed):
        preview(store, project, Request("labels"), actor=ann)
    with pytest.raises(NotAllowed):
        counts(store, project, Request("labels"), actor=ann)
    with pytest.raises(NotAllowed):
        write_folder(store, project, {}, tmp_path, actor=ann, now=START)
    with pytest.raises(NotFound, match="no export format 'xml'; there are: alpaca, "):
        labelled.export("xml", out)
    with pytest.raises(NotFound, match="labels is not written as 'text'; there are: jsonl, csv"):
        labelled.export("labels", out, form="text")
    with pytest.raises(AnnotateError, match="sft_messages has no spreadsheet cells to guard"):
        labelled.export("sft_messages", out, guard_formulas=True)
    with pytest.raises(AnnotateError, match="preference_openai has no column for where each row"):
        labelled.export("preference_openai", out, passport=True)
    assert not out.exists()
