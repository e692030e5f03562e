"""The formats in plain functions: which rows there are, and any text in them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.consensus import majority
from annotate.exporters import (
    EXPORTERS,
    Answer,
    Dropped,
    ExportRow,
    Options,
    machine,
    settle,
)
from annotate.exporters.history import history
from annotate.model import Annotation, Decision, Destination, Item
from annotate.project import Project
from annotate.project.file import parse_project
from annotate.questions import QUESTION_TYPES
from tests.annotate.test_export_checks import preference_problems, sft_problems

NOW = "2026-03-01T10:00:00.000000Z"


NO_MODEL = "no usable answer from the model"
SAME = "chosen and rejected are the same text"
EMPTY = "the prompt or a response is empty"


def topics(*fields: str) -> Project:
    return parse_project(f"""
project: topics
title: Topics
guideline: Read twice.
fields: [{", ".join(fields)}]
questions:
  - {{name: topic, type: single_label, text: Which topic?, labels: [{{name: spam}}, {{name: ham}}]}}
""")


PAIRS = parse_project("""
project: replies
title: Replies
fields: [prompt, x, y, z]
questions:
  - {name: better, type: preference, text: Which is better?, prompt: prompt, responses: [x, y, z]}
""")


def row_of(
    project: Project,
    fields: dict[str, str],
    *,
    people: tuple[str, ...] = (),
    model: str | None = None,
    destination: Destination | None = "annotate",
    key: str = "id:007",
) -> ExportRow:
    """What is known of one item after these answers."""
    question = project.questions[0]
    item = Item("f0", project.project, 0, key, "c0", fields, {}, NOW)
    decision = None
    if destination is not None:
        decision = Decision(
            "d0", project.project, "f0", question.name, destination, 0.5, model, 1.0,
            "threshold", "because", NOW, model,
        )  # fmt: skip
    answers = tuple(
        Answer(
            Annotation(
                f"a{at}", project.project, "f0", question.name, f"s{at}", f"p{at}", "answer",
                value, None, None, 1.5, NOW, None,
            ),
            f"Person {at}",
        )
        for at, value in enumerate(people)
    )  # fmt: skip
    classes = QUESTION_TYPES[question.type].classes(question)
    agreed = majority(people, classes)
    final = settle(agreed, len(people), decision, classes)
    said = machine([], question)
    return ExportRow(project, question, item, answers, agreed, model, decision, said, final)


def made(name: str, row: ExportRow) -> list[Any]:
    return list(EXPORTERS[name].records(row))


def written(name: str, row: ExportRow, *, guard: bool = False) -> str:
    exporter = EXPORTERS[name]
    records = [r | {"meta": history(row)} for r in made(name, row) if not isinstance(r, Dropped)]
    out = io.StringIO(newline="")
    columns = (*exporter.columns(row.project), "meta")
    exporter.write(records, columns, out, Options(guard_formulas=guard))
    return out.getvalue()


HARD = [
    "",
    " ",
    "a\u2028b\u2029c\u0085d",
    "مرحبا \u202eabc\u202c",
    "标注\u3000数据",
    "👩🏽‍🚀 e\u0301",
    'say "hi", he\r\nsaid;\ttab',
    "\ufeffmark",
    "\x00\x1c\x7f",
    "{{ question.text }} {% endraw %} <<<x>>>",
    "=1+1",
    "NA",
    "null",
]
texts = st.one_of(st.sampled_from(HARD), st.text(max_size=60))


@given(body=texts, other=texts)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_jsonl_gives_any_text_back(body: str, other: str) -> None:
    row = row_of(topics("body", "other"), {"body": body, "other": other}, people=("ham",))
    text = written("labels_jsonl", row)
    assert len(text.splitlines()) == 1
    assert text.encode()[:1] == b"{"
    assert json.loads(text) == {
        "id": "007",
        "body": body,
        "other": other,
        "question": "topic",
        "label": "ham",
        "source": "person",
        "votes": 1,
        "agreement": 1.0,
        "meta": history(row),
    }


@given(body=texts, key=texts)
@settings(deadline=None)
def test_csv_gives_any_text_back(body: str, key: str) -> None:
    row = row_of(topics("body"), {"body": body}, people=("ham",), key=f"id:{key}")
    header, cells = csv.reader(io.StringIO(written("labels_csv", row), newline=""))
    assert header == ["id", "body", "question", "label", "source", "votes", "agreement", "meta"]
    assert cells == [key, body, "topic", "ham", "person", "1", "1.0", history(row)]


@given(body=texts)
@settings(deadline=None)
def test_training_rows_of_any_text_are_valid(body: str) -> None:
    project = topics("body")
    sft = json.loads(written("sft", row_of(project, {"body": body}, people=("ham",), model="ham")))
    pair = json.loads(
        written("preference", row_of(project, {"body": body}, people=("ham",), model="spam"))
    )
    assert sft_problems(sft) == []
    assert preference_problems(pair) == []
    assert body in sft["messages"][0]["content"]
    assert body in pair["prompt"][0]["content"]


@given(prompt=texts, x=texts, y=texts, z=texts, winner=st.sampled_from("abc"))
@settings(deadline=None)
def test_pairs_of_any_responses_are_valid(prompt: str, x: str, y: str, z: str, winner: str) -> None:
    row = row_of(PAIRS, {"prompt": prompt, "x": x, "y": y, "z": z}, people=(winner,))
    assert len(made("preference", row)) == 2
    for line in written("preference", row).splitlines():
        pair = json.loads(line)
        assert preference_problems(pair) == []
        assert pair["chosen"][0]["content"] == {"a": x, "b": y, "c": z}[winner]


@pytest.mark.parametrize("name", ["labels_jsonl", "sft", "labels_csv"])
def test_a_megabyte_comes_back(name: str) -> None:
    body = "标\u2028\"'," * 200_000
    row = row_of(topics("body"), {"body": body}, people=("ham",), model="ham")
    text = written(name, row)
    if name == "labels_csv":
        limit = csv.field_size_limit(10_000_000)
        try:
            assert list(csv.reader(io.StringIO(text, newline="")))[1][1] == body
        finally:
            csv.field_size_limit(limit)
        return
    assert len(text.splitlines()) == 1
    read = json.loads(text)
    assert body in (read["messages"][0]["content"] if name == "sft" else read["body"])


def test_csv_is_rfc_4180() -> None:
    row = row_of(topics("body"), {"body": 'a "b"\nc'}, people=("ham",))
    text = written("labels_csv", row)
    lines = text.split("\r\n")
    assert lines[0] == "id,body,question,label,source,votes,agreement,meta"
    assert lines[1].startswith('007,"a ""b""\nc",topic,ham,person,1,1.0,')
    assert lines[2] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_formulas_are_guarded_when_asked(start: str) -> None:
    body = f'{start}HYPERLINK("http://x")'
    row = row_of(topics("body"), {"body": body}, people=("ham",))
    for guard, expected in ((False, body), (True, f"'{body}")):
        text = written("labels_csv", row, guard=guard)
        assert list(csv.reader(io.StringIO(text, newline="")))[1][:2] == ["007", expected]


# which rows there are


def test_the_task_is_what_the_model_is_asked() -> None:
    row = row_of(topics("body"), {"body": "Win now"}, people=("spam",), model="spam")
    [record] = made("sft", row)
    assert record["messages"] == [
        {
            "role": "user",
            "content": "Read the text and answer: Which topic?\n"
            "Choose exactly one of these labels:\n- spam\n- ham\n\n"
            "Text:\n<<<Win now>>>\n\nAnswer with the label only, spelled as above.",
        },
        {"role": "assistant", "content": "spam"},
    ]


@pytest.mark.parametrize(
    ("people", "model", "destination", "label", "source", "why"),
    [
        (("ham",), "spam", "annotate", "ham", "person", ""),
        (("ham", "ham", "spam"), "spam", "audit", "ham", "person", ""),
        (("ham", "spam"), "spam", "annotate", None, "none", "people are tied"),
        (("eggs",), "spam", "annotate", None, "none",
         "the answer is no longer one that the project file offers"),
        ((), "spam", "auto", "spam", "model", ""),
        ((), "eggs", "auto", None, "none",
         "the answer is no longer one that the project file offers"),
        ((), None, "auto", None, "none", NO_MODEL),
        ((), "spam", "annotate", None, "none", "waiting for people"),
        ((), "spam", "audit", None, "none", "waiting for people"),
        ((), None, None, None, "none", "not routed yet"),
        (("ham",), None, None, "ham", "person", ""),
    ],
)  # fmt: skip
def test_whose_label_stands(
    people: tuple[str, ...],
    model: str | None,
    destination: Destination | None,
    label: str | None,
    source: str,
    why: str,
) -> None:
    row = row_of(topics("body"), {"body": "x"}, people=people, model=model, destination=destination)
    assert (row.final.value, row.final.source, row.final.why) == (label, source, why)
    [record] = made("labels_jsonl", row)
    assert record == Dropped(why) if why else record["label"] == label


@pytest.mark.parametrize(
    ("people", "model", "destination", "sft", "preference"),
    [
        (("ham",), "ham", "annotate", None, "person and model agree"),
        (("ham",), "spam", "annotate", "person and model disagree", None),
        (("ham",), None, "annotate", NO_MODEL, NO_MODEL),
        (("ham", "spam"), "spam", "annotate", "people are tied", "people are tied"),
        ((), "ham", "auto", "only the model has answered", "only the model has answered"),
        ((), "ham", "audit", "waiting for people", "waiting for people"),
        ((), None, None, "not routed yet", "not routed yet"),
    ],
)  # fmt: skip
def test_labels_as_training_data(
    people: tuple[str, ...],
    model: str | None,
    destination: Destination | None,
    sft: str | None,
    preference: str | None,
) -> None:
    row = row_of(topics("body"), {"body": "x"}, people=people, model=model, destination=destination)
    for name, why in (("sft", sft), ("preference", preference)):
        [record] = made(name, row)
        assert (record.why if isinstance(record, Dropped) else None) == why


RESPONSES = {"prompt": "Say hi", "x": "Hi!", "y": "Go away", "z": "Hello"}


@pytest.mark.parametrize(
    ("people", "model", "fields", "sft", "pairs"),
    [
        (("b",), "b", {}, "Go away", [("Go away", "Hi!"), ("Go away", "Hello")]),
        (("b",), "a", {}, "person and model disagree", [("Go away", "Hi!"), ("Go away", "Hello")]),
        (("c",), None, {}, NO_MODEL, [("Hello", "Hi!"), ("Hello", "Go away")]),
        (("tie",), "tie", {}, "the answer is a tie", ["the answer is a tie"]),
        (("a", "b"), "a", {}, "people are tied", ["people are tied"]),
        (("a",), "a", {"y": "Hi! \n"}, "Hi!", [SAME, ("Hi!", "Hello")]),
        (("a",), "a", {"z": ""}, "Hi!", [("Hi!", "Go away"), EMPTY]),
        (("a",), "a", {"prompt": " "}, EMPTY,
         [EMPTY] * 2),
    ],
)  # fmt: skip
def test_preferences_as_training_data(
    people: tuple[str, ...],
    model: str | None,
    fields: dict[str, str],
    sft: str,
    pairs: list[Any],
) -> None:
    row = row_of(PAIRS, RESPONSES | fields, people=people, model=model)
    [tuned] = made("sft", row)
    said = tuned.why if isinstance(tuned, Dropped) else tuned["messages"][1]["content"]
    assert said == sft
    assert [
        r.why
        if isinstance(r, Dropped)
        else (r["chosen"][0]["content"], r["rejected"][0]["content"])
        for r in made("preference", row)
    ] == pairs


def test_our_columns_keep_their_meaning() -> None:
    fields = {"label": "L", "x_label": "X", "id": "I", "text": "T", "meta": "M"}
    row = row_of(topics(*fields), fields, people=("ham",), key="content:abc")
    [record] = made("labels_jsonl", row)
    assert record == {
        "id": "f0",
        "x_x_label": "L",
        "x_label": "X",
        "x_id": "I",
        "text": "T",
        "x_meta": "M",
        "question": "topic",
        "label": "ham",
        "source": "person",
        "votes": 1,
        "agreement": 1.0,
    }
    assert tuple(record) == EXPORTERS["labels_jsonl"].columns(row.project)
