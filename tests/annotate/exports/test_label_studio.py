"""Tasks for Label Studio: people's answers as annotations, the model's as predictions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from annotate.exporters import DIALECTS, ExportRow
from annotate.model import Person
from annotate.questions import QUESTION_TYPES
from annotate.store import Store
from annotate.workflow.exports.exporting import Request, export
from tests.annotate.exports.materials import AT, CLASSES, NAMES, TAGS, project_of, row_of
from tests.small import START, add_items, machine_says, small_project

RATED = {
    "name": "quality", "type": "rating", "text": "How good?",
    "aspects": [{"name": "tone", "text": "Tone"}, {"name": "facts", "text": "Facts"}],
}  # fmt: skip
SCALE = {"name": "sure", "type": "rating", "text": "How sure?", "scale": {"min": 0, "max": 10}}
BETTER = {
    "name": "better", "type": "preference", "text": "Which?", "prompt": "text",
    "responses": ["x", "y"], "strength": 3,
}  # fmt: skip
ORDER = {"name": "order", "type": "ranking", "text": "Rank them.", "responses": ["x", "y"]}
REPLY = {"name": "reply", "type": "text", "text": "Right?", "draft": "x"}

FIELDS = {"text": "😀 Ada wrote.", "x": "one", "y": "two"}
EVERY = project_of(CLASSES, TAGS, NAMES, RATED, SCALE, BETTER, ORDER, REPLY, fields=tuple(FIELDS))
VALUES: list[object] = [
    "billing", ["price", "service"], [{"start": 2, "end": 5, "label": "person"}],
    {"tone": 2, "facts": 5}, 0, {"choice": "b", "strength": 2}, ["b", "a"],
    {"verdict": "fix", "text": "better"},
]  # fmt: skip

RESULTS = [
    [("topic", "text", "choices", {"choices": ["billing"]})],
    [("about", "text", "choices", {"choices": ["price", "service"]})],
    [("names", "text", "labels", {"start": 2, "end": 5, "labels": ["person"], "text": "Ada"})],
    [("quality_tone", "text", "rating", {"rating": 2}),
     ("quality_facts", "text", "rating", {"rating": 5})],
    [("sure", "text", "number", {"number": 0})],
    [("better", "x", "choices", {"choices": ["b"]}),
     ("better_strength", "x", "rating", {"rating": 2})],
    [("order", "order_responses", "ranker", {"ranker": {"order": ["b", "a"]}})],
    [("reply", "text", "textarea", {"text": ["better"]}),
     ("reply_verdict", "text", "choices", {"choices": ["fix"]})],
]  # fmt: skip


def task(row: ExportRow) -> Any:
    dialect = DIALECTS["label_studio"]
    assert dialect.record is not None
    record = dialect.record(row)
    assert not hasattr(record, "why")
    assert dialect.check(record) is None  # type: ignore[arg-type]
    return record


@pytest.mark.parametrize("at", range(len(VALUES)), ids=[q.name for q in EVERY.questions])
def test_every_type_of_question_has_its_regions(at: int) -> None:
    row = row_of(EVERY, FIELDS, people=[VALUES[at]], question=at)
    [annotation] = task(row)["annotations"]
    said = [(one["from_name"], one["to_name"], one["type"], one["value"])
            for one in annotation["result"]]  # fmt: skip
    assert said == RESULTS[at]


def test_every_type_of_question_is_tried() -> None:
    assert {question.type for question in EVERY.questions} == set(QUESTION_TYPES)


def test_a_task_written_out() -> None:
    project = project_of(CLASSES)
    row = row_of(
        project, {"text": "I paid."}, people=["billing"], ruling='shipping & "more"',
        calls=[("m", "billing"), ("m", "billing"), ("m", 'shipping & "more"'), ("m", None),
               ("n", 'shipping & "more"')],
    )  # fmt: skip

    def result(label: str, prefix: str) -> list[dict[str, Any]]:
        return [{
            "id": f"{prefix}-topic-0", "from_name": "topic", "to_name": "text",
            "type": "choices", "value": {"choices": [label]},
        }]  # fmt: skip

    assert task(row) == {
        "data": {"id": "007", "text": "I paid."},
        "annotations": [
            {
                "result": result("billing", "aa0"),
                "annotator": "Person 0",
                "ground_truth": False,
                "was_cancelled": False,
                "lead_time": 1.5,
                "created_at": AT,
            },
            {
                "result": result('shipping & "more"', "d1"),
                "annotator": "Lin",
                "ground_truth": True,
                "was_cancelled": False,
                "lead_time": None,
                "created_at": AT,
            },
        ],
        "predictions": [
            {"result": result("billing", "mm"), "model_version": "m", "score": 0.6667},
            {"result": result('shipping & "more"', "mn"), "model_version": "n", "score": 1.0},
        ],
    }


def test_nobody_is_named_whom_an_import_would_not_find() -> None:
    """Label Studio refuses a file in which `completed_by` has no account there."""
    row = row_of(project_of(CLASSES), {"text": "I paid."}, people=["billing"])
    assert "completed_by" not in task(row)["annotations"][0]


def test_an_item_that_nobody_has_decided_is_a_task_too() -> None:
    row = row_of(project_of(CLASSES), {"text": "I paid."})
    assert task(row)["annotations"] == []
    assert task(row)["predictions"] == []


def test_what_models_say_in_parts_is_one_prediction() -> None:
    part = {"label": "price", "applies": True}
    row = row_of(project_of(TAGS), {"text": "Dear."}, calls=[("m", part)], model_value=["price"])
    [prediction] = task(row)["predictions"]
    assert prediction["model_version"] == "m"
    assert prediction["score"] is None
    assert prediction["result"][0]["value"] == {"choices": ["price"]}


def test_answers_that_are_no_longer_offered_stay_at_home() -> None:
    row = row_of(project_of(CLASSES), {"text": "I paid."}, people=["gone"], ruling="gone")
    assert task(row)["annotations"] == []


def test_an_item_field_called_id_keeps_its_name() -> None:
    row = row_of(project_of(CLASSES, fields=("id",)), {"id": "theirs"})
    assert task(row)["data"] == {"x_id": "007", "id": "theirs"}


def test_a_ranking_has_its_list_of_responses() -> None:
    data = task(row_of(EVERY, FIELDS))["data"]
    assert data["order_responses"] == [
        {"id": "a", "title": "A", "body": "one"},
        {"id": "b", "title": "B", "body": "two"},
    ]


def test_questions_about_one_item_are_one_task() -> None:
    first, second = (
        task(row_of(EVERY, FIELDS, people=[VALUES[at], VALUES[at]][: 2 - at],
                    calls=[("m", VALUES[at])], question=at))
        for at in (0, 1)
    )  # fmt: skip
    joined = DIALECTS["label_studio"].joined
    assert joined is not None
    both: Any = joined(first, second)
    assert DIALECTS["label_studio"].check(both) is None
    assert [(one["annotator"], [r["from_name"] for r in one["result"]], one["lead_time"])
            for one in both["annotations"]] == [
        ("Person 0", ["topic", "about"], 3.0),
        ("Person 1", ["topic"], 1.5),
    ]  # fmt: skip
    [prediction] = both["predictions"]
    assert [r["from_name"] for r in prediction["result"]] == ["topic", "about"]
    assert prediction["score"] == 1.0
    assert len(first["annotations"][0]["result"]) == 1, "the first is not changed"


def test_the_labelling_interface_has_a_tag_for_everything() -> None:
    folder = DIALECTS["label_studio_project"]
    texts = folder.beside(EVERY, [])
    assert list(texts) == ["labelling.xml"]
    view = ElementTree.fromstring(texts["labelling.xml"])
    shown = {
        one.get("name"): one.get("value") for one in view.iter() if one.tag in ("Text", "List")
    }
    assert shown == {
        "text": "$text", "x": "$x", "y": "$y", "order_responses": "$order_responses",
    }  # fmt: skip
    controls = {
        (one.get("name"), one.get("toName"), one.tag) for one in view.iter() if one.get("toName")
    }
    kinds = {"choices": "Choices", "labels": "Labels", "rating": "Rating", "number": "Number",
             "ranker": "Ranker", "textarea": "TextArea"}  # fmt: skip
    assert controls == {
        (name, to, kinds[kind]) for results in RESULTS for name, to, kind, _ in results
    }
    choices = [one.get("value") for one in view.iterfind(".//Choices[@name='topic']/Choice")]
    assert choices == ["billing", 'shipping & "more"']


def test_a_project_goes_out_item_by_item_whatever_is_asked(
    store: Store, lead: Person, tmp_path: Path
) -> None:
    """Two questions about each of 120 items: more than are written at once."""
    project = small_project(questions=[CLASSES, TAGS])
    ids = add_items(store, project, 120)
    machine_says(store, project, {ids[7]: ["billing"]}, question="topic", variants=["v0"])
    says = {ids[7]: [["price"]]}
    machine_says(store, project, says, question="about", variants=["v0"], round_id="round2")
    report = export(
        store, project, Request("label_studio_project"), tmp_path / "out", actor=lead, now=START
    )
    assert report.rows == 120
    tasks = json.loads((tmp_path / "out" / "tasks.json").read_text("utf-8"))
    assert [one["data"]["id"] for one in tasks] == [str(at) for at in range(120)]
    [prediction] = tasks[7]["predictions"]
    assert [one["value"] for one in prediction["result"]] == [
        {"choices": ["billing"]},
        {"choices": ["price"]},
    ]
    assert (tmp_path / "out" / "labelling.xml").read_text("utf-8").startswith("<View>")
