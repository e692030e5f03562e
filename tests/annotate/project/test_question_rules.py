"""Mistakes in questions of a project file: line, key, rule and remedy of each."""

from __future__ import annotations

from io import StringIO
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from ruamel.yaml import YAML

from annotate.errors import Problem
from annotate.project import json_schema, parse_project
from annotate.questions import QUESTION_TYPES
from tests.annotate.support.project_file import only

HEAD = """\
project: p
title: P
fields: [text, x, y]
questions:
"""
LABELS = "labels: [{name: a}, {name: b}]"


def file(*questions: str) -> str:
    """Question n stands in line 4 + n."""
    return HEAD + "".join(f"  - {{text: '?', {question}}}\n" for question in questions)


def found(*questions: str) -> tuple[int | None, str, str, str]:
    problem = only(file(*questions))
    return problem.line, problem.key, problem.rule, problem.remedy


@pytest.mark.parametrize(
    ("keys", "at", "rule", "remedy"),
    [
        (("q", "Q"), 1, "'Q' is the key of label 'a' too", "Take another one."),
        (("", "u"), 1, "'u' is taken: undo",
         "Take another one; taken are ?, C, F, G, N, R, U."),
        (("R", ""), 0, "'R' is taken: Streamlit's own",
         "Take another one; taken are ?, C, F, G, N, R, U."),
        (("7", ""), 0, "'7' is a digit", "Take a letter or a sign; digits choose by place."),
        (("", " "), 1, "' ' is no key to press",
         "Take a letter or a sign; digits choose by place."),
        (("", "👍"), 1, "'👍' is no key to press",
         "Take a letter or a sign; digits choose by place."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["single_label", "multi_label", "spans, field: text"])
def test_keys_that_are_taken(
    kind: str, keys: tuple[str, str], at: int, rule: str, remedy: str
) -> None:
    labels = f"labels: [{{name: a, key: '{keys[0]}'}}, {{name: b, key: '{keys[1]}'}}]"
    expected = (5, f"questions[0].labels[{at}].key", rule, remedy)
    assert found(f"name: q, type: {kind}, {labels}") == expected


def test_a_key_is_one_character() -> None:
    _, key, rule, remedy = found(
        "name: q, type: multi_label, labels: [{name: a, key: ab}, {name: b}]"
    )
    assert (key, rule) == ("questions[0].labels[0].key", "is longer than 1 character")
    assert remedy == "One character that chooses the label; digits always choose by place."


def test_letters_and_signs_are_keys() -> None:
    keys = "aéжß+/;"
    labels = ", ".join(f"{{name: l{at}, key: '{key}'}}" for at, key in enumerate(keys))
    (question,) = parse_project(file(f"name: q, type: multi_label, labels: [{labels}]")).questions
    options = QUESTION_TYPES["multi_label"].control(question).options
    assert [option.key for option in options] == list(keys)


@pytest.mark.parametrize(
    ("question", "key", "rule", "remedy"),
    [
        (f"type: multi_label, {LABELS}, min: 3", "min", "is 3, but there are 2 labels",
         "Take no more than there are."),
        (f"type: multi_label, {LABELS}, max: 3", "max", "is 3, but there are 2 labels",
         "Take no more than there are."),
        (f"type: multi_label, {LABELS}, min: 2, max: 1", "min", "is 2, more than `max: 1`",
         "Lower `min` or raise `max`."),
        (f"type: multi_label, {LABELS}, min: -1", "min", "is -1, but must be at least 0",
         "Fewest labels of an answer; 0 lets none be said to apply."),
        ("type: rating, scale: {min: 5, max: 5}", "scale.min", "is 5, not below `max: 5`",
         "Lower `min` or raise `max`."),
        ("type: rating, scale: {min: 0, max: 11}", "scale",
         "has 12 points; at most 11 are possible", "Take a coarser scale."),
        ("type: rating, scale: {ends: [low]}", "scale.ends",
         "has 1 entry; at least 2 are needed",
         "What the lowest and the highest rating mean: [low, high]."),
        ("type: preference, prompt: x, responses: [x, y]", "prompt", "is one of `responses`",
         "Name the field that holds the prompt."),
        ("type: rating, aspects: [{name: a, text: A}, {name: a, text: B}]", "aspects[1].name",
         "'a' stands twice", "Rename one."),
        ("type: rating, aspects: [{name: a}]", "aspects[0].text", "is required", "Add `text:`."),
        ("type: rating, scale: {mim: 0}", "scale.mim", "is not a known key", "Did you mean `min`?"),
        ("type: preference, prompt: text, responses: [x, y], strength: 1", "strength",
         "is 1, but must be at least 2",
         "Levels of how much better; not asked for when left out."),
        ("type: ranking, prompt: text, responses: [x, z]", "responses[1]", "'z' is not in `fields`",
         "Add `z` to `fields`."),
        ("type: ranking, responses: [x, x]", "responses", "names a field twice",
         "Name each field once."),
        ("type: text, draft: z", "draft", "'z' is not in `fields`",
         "Add `z` to `fields`, or write `model`."),
        (f"type: spans, field: z, {LABELS}", "field", "'z' is not in `fields`",
         "Add `z` to `fields`."),
    ],
)  # fmt: skip
def test_rules_of_one_question(question: str, key: str, rule: str, remedy: str) -> None:
    path = f"questions[0].{key}".rstrip(".")
    assert found(f"name: q, {question}") == (5, path, rule, remedy)


def test_a_field_called_model_is_no_draft() -> None:
    text = file("name: q, type: text, draft: model").replace("[text,", "[model,")
    assert only(text) == Problem(
        5, "questions[0].draft", "is `model`, which is a field and the model's answer",
        "Give the field another name.",
    )  # fmt: skip


FIRST = f"name: first, type: multi_label, {LABELS}"


@pytest.mark.parametrize(
    ("when", "key", "rule", "remedy"),
    [
        ("{question: frist, is: a}", "question", "'frist' is no question", "Did you mean `first`?"),
        ("{question: third, is: 1}", "question", "'third' is not asked earlier",
         "Put this question behind it."),
        ("{question: q, is: 1}", "question", "'q' is not asked earlier",
         "Put this question behind it."),
        ("{question: first, is: c}", "is", "'c' is no answer to question 'first'", "Known: a, b."),
        ("{question: first, is: [a, 1]}", "is", "1 is no answer to question 'first'",
         "Known: a, b."),
        ("{question: first, is: []}", "is", "names no value",
         "Its answer, or a list of answers any of which will do."),
        ("{question: first, is: true}", "is",
         "holds true, which is neither text nor a whole number",
         "Its answer, or a list of answers any of which will do."),
        ("{question: first}", "is", "is required", "Add `is:`."),
        ("{question: first, was: a, is: a}", "was", "is not a known key", "Known: is, question."),
    ],
)  # fmt: skip
def test_rules_of_when(when: str, key: str, rule: str, remedy: str) -> None:
    third = "name: third, type: rating"
    line, path, *told = found(FIRST, f"name: q, type: rating, when: {when}", third)
    assert (line, path) == (6, f"questions[1].when.{key}")
    assert told == [rule, remedy]


@pytest.mark.parametrize(
    ("earlier", "value"),
    [
        ("type: rating", "3"),
        ("type: preference, prompt: text, responses: [x, y], strength: 2", "[a, tie]"),
        ("type: text", "write"),
        ("type: text, draft: x", "[fix, reject]"),
        (f"type: spans, field: x, {LABELS}", "[a, b]"),
    ],
)
def test_what_can_be_waited_for(earlier: str, value: str) -> None:
    when = f"{{question: first, is: {value}}}"
    project = parse_project(file(f"name: first, {earlier}", f"name: q, type: rating, when: {when}"))
    assert project.questions[1].when is not None


@pytest.mark.parametrize(
    ("earlier", "value", "rule"),
    [
        ("type: rating", "6", "6 is no answer to question 'first'"),
        ("type: rating", "'3'", "'3' is no answer to question 'first'"),
        ("type: rating, aspects: [{name: a, text: A}]", "3",
         "'first' cannot be waited for: it is a rating of several aspects"),
        ("type: ranking, responses: [x, y]", "a", "'first' cannot be waited for: it is a ranking"),
        ("type: preference, prompt: text, responses: [x, y], tie: false", "tie",
         "'tie' is no answer to question 'first'"),
        ("type: text", "fix", "'fix' is no answer to question 'first'"),
    ],
)  # fmt: skip
def test_what_cannot_be_waited_for(earlier: str, value: str, rule: str) -> None:
    when = f"{{question: first, is: {value}}}"
    assert found(f"name: first, {earlier}", f"name: q, type: rating, when: {when}")[2] == rule


def test_the_first_question_waits_for_nothing() -> None:
    told = found("name: q, type: rating, when: {question: x, is: 1}")
    assert told[2:] == ("'x' is no question", "Remove `when`: the first question has none.")


def test_an_ill_formed_question_is_told_once() -> None:
    """The one that waits for it is not called wrong before that is mended."""
    line, key, *_ = found(
        "name: first, type: multi_label, labels: [{name: a}]",
        "name: q, type: rating, when: {question: first, is: b}",
    )
    assert (line, key) == (5, "questions[0].labels")


# ---- JSON Schema


@pytest.mark.parametrize(
    ("question", "valid"),
    [
        ("type: rating, help: H, when: {question: x, is: 1}", True),
        ("type: rating, when: {question: x, is: [1, a]}", True),
        ("type: rating, when: {question: x, is: []}", False),
        ("type: rating, when: {question: x, is: 1.5}", False),
        ("type: rating, when: {is: 1}", False),
        ("type: rating, scale: {min: 0, max: 4, ends: [a, b]}", True),
        ("type: rating, scale: {min: 0, ends: [a]}", False),
        ("type: spans, field: x, labels: [{name: a, key: q}]", True),
        ("type: spans, field: x, labels: [{name: a, key: qq}]", False),
        ("type: spans, labels: [{name: a}]", False),
        ("type: text, draft: model, max: 0", False),
        ("type: ranking, responses: [x]", False),
    ],
)
def test_the_schema_knows_the_types(question: str, valid: bool) -> None:
    schema: Any = jsonschema.Draft202012Validator(json_schema())
    tree = YAML(typ="safe").load(StringIO(file(f"name: q, {question}")))
    assert schema.is_valid(tree) is valid


def test_a_question_as_the_file_says_it() -> None:
    project = parse_project(file(FIRST, "name: q, type: rating, when: {question: first, is: a}"))
    when = project.questions[1].when
    assert when is not None
    assert when.as_json() == {"question": "first", "is": ["a"]}
    assert type(project).model_validate(project.model_dump(mode="json", by_alias=True)) == project
