"""The labelled set, wide and long, made of rows in plain functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from annotate.consensus import agreed
from annotate.exporters import DIALECTS, Answer, Dropped, ExportRow, machine, settle
from annotate.model import Annotation, Decision, Destination, Item, Outcome, Prelabel
from annotate.project import Project
from annotate.project.file import parse_project
from annotate.training import MATERIALS
from annotate.training.protocol import Rules

NOW = "2026-03-01T10:00:00.000000Z"
NO_MODEL = "no usable answer from the model"
RETIRED = "the answer is no longer one that the project file offers"


def topics(*fields: str) -> Project:
    return parse_project(f"""
project: topics
title: Topics
fields: [{", ".join(fields)}]
questions:
  - {{name: topic, type: single_label, text: Which topic?, labels: [{{name: spam}}, {{name: ham}}]}}
""")


def row_of(
    project: Project,
    fields: dict[str, str],
    *,
    people: tuple[str, ...] = (),
    model: str | None = None,
    destination: Destination | None = "annotate",
    key: str = "id:007",
    calls: tuple[Prelabel, ...] = (),
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
                value, "sure", None, 1.5, NOW, None, {"mode": "blind", "shown": "never"},
            ),
            f"Person {at}",
        )
        for at, value in enumerate(people)
    )  # fmt: skip
    stand = agreed(question, people)
    final = settle(stand, len(people), decision, ("spam", "ham"))
    said = machine(calls, question)
    return ExportRow(project, question, item, answers, stand, model, decision, said, final)


def call(sample: int, value: str | None, outcome: Outcome = "parsed") -> Prelabel:
    return Prelabel(
        f"c{sample}", "topics", "f0", "topic", "r", "instruction", sample, "tiny", "t.v1", "abc",
        outcome, value, None, 0.75, None, value, "stop", 10, 1, 0.25, NOW,
    )  # fmt: skip


def records(name: str, row: ExportRow) -> list[Any]:
    dialect = DIALECTS[name]
    assert dialect.record is not None
    made = list(MATERIALS[dialect.material](row, Rules()))
    found = [one if isinstance(one, Dropped) else dialect.record(one) for one in made]
    for one in found:
        if not isinstance(one, Dropped):
            assert tuple(one) == dialect.columns(row.project)
            assert dialect.check(one) is None
    return found


@pytest.mark.parametrize(
    ("people", "model", "destination", "label", "source", "why"),
    [
        (("ham",), "spam", "annotate", "ham", "person", ""),
        (("ham", "ham", "spam"), "spam", "audit", "ham", "person", ""),
        (("ham", "spam"), "spam", "annotate", None, "none", "people are tied"),
        (("eggs",), "spam", "annotate", None, "none", RETIRED),
        ((), "spam", "auto", "spam", "model", ""),
        ((), "eggs", "auto", None, "none", RETIRED),
        ((), None, "auto", None, "none", NO_MODEL),
        ((), "spam", "annotate", None, "none", "waiting for people"),
        ((), "spam", "audit", None, "none", "waiting for people"),
        ((), None, None, None, "none", "not routed yet"),
        (("ham",), None, None, "ham", "person", ""),
    ],
)
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
    [found] = records("labels", row)
    assert found == Dropped(why) if why else found["label"] == label


def test_our_columns_keep_their_meaning() -> None:
    fields = {"label": "L", "x_label": "X", "id": "I", "text": "T", "meta": "M", "posterior": "P"}
    row = row_of(topics(*fields), fields, people=("ham",), key="content:abc")
    [found] = records("labels", row)
    assert found == {
        "id": "f0",
        "x_x_label": "L",
        "x_label": "X",
        "x_id": "I",
        "text": "T",
        "x_meta": "M",
        "x_posterior": "P",
        "question": "topic",
        "label": "ham",
        "source": "person",
        "votes": 1,
        "agreement": 1.0,
        "posterior": None,
        "soft_label": [0.0, 1.0],
    }


def test_soft_labels_are_shares_of_votes_in_label_order() -> None:
    project = topics("body")
    [found] = records("labels", row_of(project, {"body": "x"}, people=("ham", "ham", "spam")))
    assert (found["votes"], found["agreement"]) == (3, 0.6667)
    assert found["soft_label"] == [0.3333, 0.6667]
    calls = (call(0, "spam"), call(1, "spam"), call(2, "ham"), call(3, None, "refused"))
    row = row_of(project, {"body": "x"}, model="spam", destination="auto", calls=calls)
    [found] = records("labels", row)
    assert (found["votes"], found["soft_label"]) == (3, [0.6667, 0.3333])
    row = row_of(project, {"body": "x"}, model="spam", destination="auto")
    [found] = records("labels", row)
    assert (found["votes"], found["agreement"], found["soft_label"]) == (0, None, None)


@pytest.mark.parametrize(("stood", "posterior"), [("ham", 0.9123), ("spam", None)])
def test_the_posterior_is_that_of_the_label_that_goes_out(
    stood: str, posterior: float | None
) -> None:
    row = row_of(topics("body"), {"body": "x"}, people=("ham",))
    [found] = records("labels", replace(row, consensus_value=stood, probability=0.91234))
    assert found["posterior"] == posterior


def test_questions_without_classes_have_no_soft_label() -> None:
    project = parse_project("""
project: sums
title: Sums
fields: [body]
questions: [{name: sum, type: text, text: Sum it up.}]
""")
    said = {"verdict": "write", "text": "Short."}
    row = row_of(project, {"body": "x"})
    annotation = Annotation(
        "a0", "sums", "f0", "sum", "s0", "p0", "answer", said, None, None, 1.0, NOW, None
    )
    people = agreed(project.questions[0], [said])
    final = settle(people, 1, None, [said])
    row = replace(row, answers=(Answer(annotation, "Ann"),), people=people, final=final)
    [found] = records("labels", row)
    assert (found["label"], found["votes"], found["soft_label"]) == (said, 1, None)
    assert DIALECTS["labels"].labels(project) == {}


def test_the_classes_of_a_label_are_known() -> None:
    assert DIALECTS["labels"].labels(topics("body")) == {"label": ("spam", "ham")}


def test_each_vote_is_a_row() -> None:
    calls = (call(0, "spam"), call(1, None, "error"))
    row = row_of(topics("body"), {"body": "x"}, people=("ham",), model="spam", calls=calls)
    person, model, failed = records("votes", row)
    assert person == {
        "id": "007",
        "body": "x",
        "question": "topic",
        "by": "person",
        "voter": "Person 0",
        "vote": "ham",
        "outcome": None,
        "confidence": None,
        "blind": True,
        "exposure": "blind",
        "second": None,
        "note": "sure",
        "variant": None,
        "sample": None,
        "prompt": None,
        "prompt_hash": None,
        "seconds": 1.5,
        "at": NOW,
    }
    assert (model["by"], model["voter"], model["vote"]) == ("model", "tiny", "spam")
    assert (model["outcome"], model["confidence"], model["blind"]) == ("parsed", 0.75, None)
    assert (model["variant"], model["sample"], model["prompt"]) == ("instruction", 0, "t.v1")
    assert (failed["by"], failed["vote"], failed["outcome"]) == ("model", None, "error")


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("labels", {"id": 7}, "the id is no text"),
        ("labels", {"label": None}, "there is no label, or nobody whose it is"),
        ("labels", {"source": "nobody"}, "there is no label, or nobody whose it is"),
        ("votes", {"vote": None}, "a person's vote without a value"),
        ("votes", {"by": "model"}, "a call without an outcome"),
    ],
)
def test_rows_that_are_none(name: str, change: dict[str, Any], why: str) -> None:
    [found] = records(name, row_of(topics("body"), {"body": "x"}, people=("ham",)))
    assert DIALECTS[name].check({**found, **change}) == why
