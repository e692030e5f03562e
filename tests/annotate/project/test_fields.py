"""Item fields: what the page is given of them, what a model reads, and how they come in."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.chats import read_as, read_fields
from annotate.fields import nodes
from annotate.importers import IMPORTERS, Source
from annotate.llm.prompts import ask
from annotate.llm.variants import expand
from annotate.model import Item, Person
from annotate.project import Project, json_schema, parse_project
from annotate.questions.single_label import SingleLabelSettings
from annotate.store import Store
from annotate.workflow.imports.importing import import_items
from tests.annotate.support.project_file import GOOD, only
from tests.small import START, item, small_project

KINDS = ["text", "markdown", "chat", "code", "pairs"]


def shown_as(kind: str, text: str, **keys: str) -> dict[str, Any]:
    project = small_project(fields=[{"name": "f", "show": kind, **keys}])
    [made] = nodes(project, holding(project, {"f": text}))
    return made


def holding(project: Project, fields: Mapping[str, str]) -> Item:
    return replace(item(project, 0), fields=fields)


def p(text: str) -> dict[str, Any]:
    return {"tag": "p", "children": [text]}


# ---- each kind


def test_plain_text_and_code() -> None:
    assert shown_as("text", "a\r\n\x00b") == {"name": "f", "kind": "text", "text": "a\r\n\x00b"}
    code = {"name": "f", "kind": "code", "text": "x = 1", "language": "python"}
    assert shown_as("code", "x = 1", language="python") == code


def test_a_markdown_field() -> None:
    assert shown_as("markdown", "*a*")["nodes"] == [
        {"tag": "p", "children": [{"tag": "em", "children": ["a"]}]}
    ]


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "*Hi*"}, {"role": "assistant", "content": "Yo"}],
        [{"from": "human", "value": "*Hi*"}, {"from": "gpt", "value": "Yo"}],
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "*Hi*"}]},
                {"role": "assistant", "content": ["Yo"]},
            ]
        },
    ],
)
def test_a_chat(messages: object) -> None:
    """What a person typed stays as typed; what a model wrote is Markdown."""
    assert shown_as("chat", json.dumps(messages)) == {
        "name": "f",
        "kind": "chat",
        "messages": [
            {"role": "user", "nodes": [p("*Hi*")]},
            {"role": "assistant", "nodes": [p("Yo")]},
        ],
    }


def test_what_a_message_holds_besides_text_is_shown_as_json() -> None:
    image = {"type": "image_url", "image_url": {"url": "http://x"}}
    message = {"role": "user", "content": ["See", image], "name": "Bo"}
    [made] = shown_as("chat", json.dumps([message]))["messages"]
    extra = json.dumps(image) + '\n{"name": "Bo"}'
    code = {"tag": "code", "children": [extra]}
    assert made == {"role": "user", "nodes": [p("See"), {"tag": "pre", "children": [code]}]}


def test_pairs() -> None:
    text = '{"price": 1.50, "who": "Ann", "tags": ["a", {"b": null}], "ok": true, "n": NaN}'
    assert shown_as("pairs", text)["pairs"] == [
        ["price", "1.50"],
        ["who", "Ann"],
        ["tags", '["a", {"b": null}]'],
        ["ok", "true"],
        ["n", "NaN"],
    ]


@pytest.mark.parametrize("kind", ["chat", "pairs"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[1]",
        "null",
        '"a"',
        '[{"content": "no role"}]',
        '{"a": 1, "a": 2}' * 2,
        '[{"role": "user", "content": "a", "content": "b"}]',
        "[" * 100_000,
        '{"a":' * 100_000,
        "9" * 5_000,
        "x" * 1_000_000,
    ],
)
def test_what_cannot_be_read_is_shown_as_text(kind: str, text: str) -> None:
    assert shown_as(kind, text) == {"name": "f", "kind": "text", "text": text}


def test_a_key_that_stands_twice_hides_nothing() -> None:
    text = '{"a": 1, "a": 2}'
    assert shown_as("pairs", text)["kind"] == "text"


@given(st.text() | st.recursive(st.text(), st.lists).map(json.dumps), st.sampled_from(KINDS))
def test_any_text_can_be_sent(text: str, kind: str) -> None:
    made = shown_as(kind, text)
    json.dumps(made, ensure_ascii=False, allow_nan=False).encode()
    if made["kind"] in ("text", "code"):
        assert len(made["text"]) == len(text)


@given(st.dictionaries(st.text(), st.text(), min_size=1))
def test_every_pair_is_there(pairs: dict[str, str]) -> None:
    assert shown_as("pairs", json.dumps(pairs))["pairs"] == [[k, v] for k, v in pairs.items()]


def test_half_characters_that_json_can_spell() -> None:
    assert shown_as("pairs", r'{"a": "\ud800"}')["pairs"] == [["a", "\ufffd"]]
    chat = r'[{"role": "\udc00", "content": "\ud800", "x": "\ud801"}]'
    json.dumps(shown_as("chat", chat), ensure_ascii=False).encode()


# ---- the project file


FIELDS = "fields: [text]"


def test_names_and_shows() -> None:
    text = GOOD.replace(FIELDS, "fields: [text, {name: talk, show: chat}]")
    project = parse_project(text)
    assert project.fields == ("text", "talk")
    assert [shown.show for shown in project.shows.values()] == ["text", "chat"]


@pytest.mark.parametrize(
    ("entry", "key", "rule", "remedy"),
    [
        (
            "{name: text, show: markdwn}",
            "fields[0].show",
            "is 'markdwn', not one of text, markdown, chat, code, pairs",
            "Did you mean `markdown`?",
        ),
        ("{show: chat}", "fields[0].name", "is required", "Add `name:`."),
        ("{name: text, shw: chat}", "fields[0].shw", "is not a known key", "Did you mean `show`?"),
        (
            "{name: text, language: python}",
            "fields[0].language",
            "is given, but 'text' is shown as text",
            "Set `show: code`, or remove it.",
        ),
        ("7", "fields[0]", "is 7, a number, not text", "Put quotes around it."),
        ("text, {name: text}", "fields[1]", "'text' stands twice", "Remove one."),
    ],
)
def test_mistakes(entry: str, key: str, rule: str, remedy: str) -> None:
    problem = only(GOOD.replace(FIELDS, f"fields: [{entry}]"))
    assert (problem.line, problem.key, problem.rule, problem.remedy) == (3, key, rule, remedy)


def test_the_schema_knows_both_forms() -> None:
    said = {"project": "p", "title": "t", "questions": [{"name": "q", "type": "single_label"}]}
    check = jsonschema.Draft202012Validator(json_schema())
    for entry in ("text", {"name": "text", "show": "pairs"}):
        errors = check.iter_errors({**said, "fields": [entry]})
        assert [e for e in errors if "fields" in e.path] == []
    errors = check.iter_errors({**said, "fields": [{"name": "text", "show": "html"}]})
    assert [e for e in errors if "fields" in e.path]


# ---- what a model reads


CHAT = json.dumps(
    [
        {"role": "user", "content": "Is <<<<< this\nspam?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
    ]
).replace("<", "\\u003c")


def test_a_chat_is_read_as_a_transcript() -> None:
    project = small_project(fields=[{"name": "text", "show": "chat"}])
    said = 'user: Is <<<<< this\nspam?\n\nassistant: {"tool_calls": [{"id": "1"}]}'
    one = holding(project, {"text": CHAT})
    assert read_as(project, "text", one) == said
    question = project.questions[0]
    variant = expand("default", ("spam", "ham"))[0]
    prompt = ask(project, question, one, variant).prompt.messages[-1].content
    assert f"<<<<<<{said}>>>>>>" in prompt
    assert read_as(project, "text", holding(project, {"text": "no chat"})) == "no chat"


def test_what_a_model_is_given_changes_with_transcripts_alone() -> None:
    def given(show: str) -> tuple[object, ...]:
        return read_fields(small_project(fields=["a", {"name": "b", "show": show}]))

    assert given("markdown") == given("pairs") == ("a", "b")
    assert given("chat") == ("a", ("b", "chat"))


# ---- the way in


def test_lists_and_objects_come_in_as_json(store: Store, lead: Person, tmp_path: Path) -> None:
    talk = [{"role": "user", "content": '忘记了 \u2028 \\ " 😀'}]
    facts = {"n": 1, "deep": {"a": [None, True, 1.5]}}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"talk": talk, "facts": facts}), "utf-8")
    fields = [{"name": "talk", "show": "chat"}, {"name": "facts", "show": "pairs"}]
    project = small_project(fields=fields)
    rows = IMPORTERS["jsonl"].read(Source(path=path))
    report = import_items(store, project, rows, io.StringIO(), actor=lead, now=START)
    assert (report.added, report.rejected) == (1, 0)
    [stored] = store.items.all("mails")
    assert json.loads(stored.fields["talk"]) == talk
    assert json.loads(stored.fields["facts"]) == facts
    chat, pairs = nodes(project, stored)
    assert chat["messages"] == [{"role": "user", "nodes": [p(talk[0]["content"])]}]
    assert pairs["pairs"] == [["n", "1"], ["deep", '{"a": [null, true, 1.5]}']]


def test_what_is_edited_comes_as_stored_too() -> None:
    """No question type has a `draft` here: one that has needs the text, not the tree."""

    class Editing(SingleLabelSettings):
        draft: str = "text"

    fields = [{"name": "text", "show": "markdown"}, {"name": "other", "show": "markdown"}]
    project = small_project(fields=fields)
    question = Editing(**project.questions[0].model_dump())
    project = project.model_copy(update={"questions": (question,)})
    text, other = nodes(project, holding(project, {"text": "*a*\r\n", "other": "b"}))
    assert text["source"] == "*a*\r\n"
    assert "source" not in other
