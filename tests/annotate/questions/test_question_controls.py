"""What a screen gets of each question, written out; and which questions are asked when."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.hashing import digest
from annotate.project import Project, parse_project
from annotate.questions import QUESTION_TYPES, asked_of
from annotate.questions.labels import Label
from annotate.questions.single_label import SingleLabelSettings


def of(questions: str, fields: str = "[text, x, y]") -> Project:
    head = f"project: p\ntitle: P\nfields: {fields}\nquestions:\n"
    return parse_project(head + questions)


def wire(question: str) -> dict[str, Any]:
    asked = of(f"  - {{name: q, text: Why?, {question}}}\n").questions[0]
    return QUESTION_TYPES[asked.type].control(asked).as_json()


def option(value: str, title: str, description: str = "", key: str = "") -> dict[str, str]:
    return {"value": value, "title": title, "description": description, "key": key}


A_B = [option("a", "A"), option("b", "B")]


@pytest.mark.parametrize(
    ("question", "spec"),
    [
        ("type: single_label, labels: [{name: x, description: X., key: Q}, {name: y}]",
         {"options": [option("x", "x", "X.", "q"), option("y", "y")]}),
        ("type: multi_label, min: 0, labels: [{name: x}, {name: y}]",
         {"options": [option("x", "x"), option("y", "y")], "min": 0, "max": 2}),
        ("type: rating", {"scale": {"min": 1, "max": 5, "ends": ["", ""]}}),
        ("type: rating, scale: {min: 0, max: 10, ends: [no, yes]}, aspects: [{name: a, text: A?}]",
         {"scale": {"min": 0, "max": 10, "ends": ["no", "yes"]},
          "aspects": [{"name": "a", "text": "A?"}]}),
        ("type: preference, prompt: text, responses: [x, y], tie: false",
         {"options": A_B, "responses": ["x", "y"], "tie": False}),
        ("type: preference, prompt: text, responses: [x, y], strength: 3",
         {"options": [*A_B, option("tie", "Tie", "Equally good, or equally bad.")],
          "responses": ["x", "y"], "tie": True, "strength": 3}),
        ("type: ranking, responses: [x, y]", {"options": A_B, "responses": ["x", "y"]}),
        ("type: text", {"max": 20_000}),
        ("type: text, draft: model, max: 9", {"draft": "model", "max": 9}),
        ("type: spans, field: text, labels: [{name: x}]",
         {"options": [option("x", "x")], "field": "text", "overlap": True}),
    ],
)  # fmt: skip
def test_specs_have_only_the_keys_of_their_type(question: str, spec: dict[str, Any]) -> None:
    kind = question.removeprefix("type: ").partition(",")[0]
    assert wire(question) == {"name": "q", "type": kind, "text": "Why?", **spec}


def test_help_and_when_are_there_where_given() -> None:
    first = "  - {name: mail, text: '?', type: single_label, labels: [{name: a}, {name: b}]}\n"
    second = "  - {name: q, text: '?', type: rating, help: Be fair., when: {question: mail, is: a}}"
    asked = of(first + second).questions[1]
    spec = QUESTION_TYPES["rating"].control(asked).as_json()
    assert (spec["help"], spec["when"]) == ("Be fair.", {"question": "mail", "is": ["a"]})


CHAIN = """\
  - {name: one, text: '?', type: multi_label, labels: [{name: a}, {name: b}], min: 0}
  - {name: two, text: '?', type: rating, when: {question: one, is: [a, b]}}
  - {name: three, text: '?', type: text, draft: x, when: {question: two, is: [1, 2]}}
  - {name: four, text: '?', type: text, when: {question: three, is: [fix, reject]}}
  - {name: five, text: '?', type: preference, prompt: text, responses: [x, y], strength: 2}
  - {name: six, text: '?', type: spans, field: x, labels: [{name: s}],
     when: {question: five, is: [a, tie]}}
  - {name: seven, text: '?', type: rating, when: {question: six, is: s}}
"""


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        ({}, "one five"),
        ({"one": []}, "one five"),
        ({"one": ["b"]}, "one two five"),
        ({"one": ["a", "b"], "two": 2}, "one two three five"),
        ({"one": ["a"], "two": 3}, "one two five"),
        ({"one": ["a"], "two": 1, "three": {"verdict": "fix", "text": "t"}},
         "one two three four five"),
        ({"one": ["a"], "two": 1, "three": {"verdict": "accept", "text": "t"}},
         "one two three five"),
        ({"two": 1, "three": {"verdict": "fix", "text": "t"}}, "one five"),
        ({"five": {"choice": "b", "strength": 2}}, "one five"),
        ({"five": {"choice": "tie"}}, "one five six"),
        ({"five": {"choice": "a", "strength": 1}, "six": []}, "one five six"),
        ({"five": {"choice": "a", "strength": 1}, "six": [{"start": 0, "end": 1, "label": "s"}]},
         "one five six seven"),
    ],
)  # fmt: skip
def test_which_questions_are_asked(answers: dict[str, Any], names: str) -> None:
    asked = asked_of(of(CHAIN).questions, answers)
    assert [question.name for question in asked] == names.split()


def test_new_keys_that_are_not_used_change_no_digest() -> None:
    """Rounds and promises of older versions are known by what was asked."""
    settings = SingleLabelSettings(
        name="mail", text="What?", labels=(Label(name="spam", key="x"), Label(name="ham"))
    )
    assert settings.asked() == {
        "name": "mail",
        "type": "single_label",
        "text": "What?",
        "labels": [{"name": "spam", "description": ""}, {"name": "ham", "description": ""}],
    }
    pair = of("  - {name: q, text: '?', type: preference, prompt: text, responses: [x, y]}")
    assert pair.questions[0].asked() == {
        "name": "q",
        "type": "preference",
        "text": "?",
        "prompt": "text",
        "responses": ["x", "y"],
        "tie": True,
    }
    hinted = settings.model_copy(update={"help": "Look twice."})
    assert digest(hinted.asked()) != digest(settings.asked())
