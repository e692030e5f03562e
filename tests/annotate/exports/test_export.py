"""Exports of what the verbs themselves stored, on a real SQLite file."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from annotate.errors import AnnotateError, NotAllowed, NotFound
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.providers.function import FunctionProvider
from annotate.project.file import parse_project
from annotate.training.protocol import Rules
from annotate.workflow.consensus.consenting import consensus_of
from annotate.workflow.exports.exporting import (
    Request,
    counts,
    export,
    preview,
    write_folder,
)
from annotate.workflow.prelabels.prelabelling import prelabel
from annotate.workflow.routes.routing import route
from tests.annotate.exports.worked import START, TOPICS, World, read
from tests.labelling import assign, submit


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
