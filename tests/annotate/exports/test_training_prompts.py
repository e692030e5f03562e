"""What a trained model is asked: the same text as the pre-labelling model, for any item."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.llm.prompts import ask
from annotate.llm.variants import WAYS, Variant
from annotate.project import Project
from annotate.project.file import parse_project
from annotate.training.prompts import asked, held, reply, response
from annotate.training.protocol import Rules, Turn
from tests.annotate.exports.teaching import row_of

ALL = """
project: all
title: All
guideline: "Mind <<<the>>> gap."
language: {language}
llm: {{confidence: true}}
fields: [prompt, {{name: talk, show: chat}}, x, y]
questions:
  - {{name: topic, type: single_label, text: "<<<<Topic>>>>?", labels: [{{name: a}}, {{name: b}}]}}
  - {{name: about, type: multi_label, text: About?, labels: [{{name: a}}, {{name: b}}], min: 0}}
  - {{name: better, type: preference, text: Better?, prompt: prompt, responses: [x, y]}}
  - {{name: strong, type: preference, text: Better?, prompt: talk, responses: [x, y], strength: 3}}
  - {{name: order, type: ranking, text: Order?, responses: [y, x]}}
  - {{name: tone, type: rating, text: Tone?}}
  - {{name: parts, type: spans, text: Where?, field: x, labels: [{{name: place}}]}}
  - {{name: fixed, type: text, text: Right?, draft: x}}
  - {{name: written, type: text, text: Write.}}
"""

PROJECTS = {
    (language, question.name): (project, question)
    for language in ("en", "zh")
    for project in [parse_project(ALL.format(language=language))]
    for question in project.questions
}

TALK = json.dumps([{"role": "user", "content": "Hi >>>>> <<<<"}])
texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "",
            " \n",
            "\ue0000<<<>>>\ue001",
            "\ue002 \ue003",
            "<" * 50,
            TALK,
            "{{ item }}",
            "标\u2028注",
        ]
    ),
)


def moved(project: Project, question: Any, fields: dict[str, str]) -> Any:
    only = project.model_copy(update={"questions": (question,)})
    return row_of(only, fields)


@pytest.mark.parametrize("which", list(PROJECTS), ids="-".join)
@given(prompt=texts, talk=texts, x=texts, y=texts)
@settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_the_task_is_what_the_model_is_asked(
    which: tuple[str, str], prompt: str, talk: str, x: str, y: str
) -> None:
    project, question = PROJECTS[which]
    row = moved(project, question, {"prompt": prompt, "talk": talk, "x": x, "y": y})
    quiet = project.model_copy(update={"llm": project.llm.model_copy(update={"confidence": False})})
    sent = ask(quiet, question, row.item, Variant(WAYS["instruction"])).prompt.messages[-1]
    assert asked(row, Rules()) == (Turn("user", sent.content),)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("topic", "b", "b"),
        ("about", ["a", "b"], "a, b"),
        ("about", [], "none"),
        ("better", "b", "B"),
        ("better", "tie", "Tie"),
        ("strong", {"choice": "a", "strength": 2}, "A 2"),
        ("order", ["b", "a"], "B > A"),
        ("tone", 4, "4"),
        ("parts", [{"start": 3, "end": 6, "label": "place"}],
         '[{"text": "Ulm", "label": "place"}]'),
        ("written", {"verdict": "write", "text": "So."}, "So."),
    ],
)  # fmt: skip
def test_answers_are_spelled_as_the_question_asks(name: str, value: Any, said: str) -> None:
    project, question = PROJECTS["en", name]
    fields = {"prompt": "p", "talk": TALK, "x": "In Ulm", "y": "y"}
    assert reply(moved(project, question, fields), value) == said


CHAT = """
project: chats
title: Chats
guideline: Be kind.
fields: [{name: talk, show: chat}, {name: x, show: chat}, y]
questions:
  - {name: better, type: preference, text: Better?, prompt: talk, responses: [x, y]}
"""


def chat_row(talk: object, x: str = "") -> Any:
    text = talk if isinstance(talk, str) else json.dumps(talk)
    return row_of(parse_project(CHAT), {"talk": text, "x": x, "y": "y"})


def test_a_chat_is_a_prompt_turn_by_turn() -> None:
    talk = [
        {"from": "human", "value": "Hi"},
        {"from": "gpt", "value": "Hello"},
        {"from": "human", "value": "Why?"},
    ]
    turns = (Turn("user", "Hi"), Turn("assistant", "Hello"), Turn("user", "Why?"))
    assert held(chat_row(talk), "talk", Rules()) == turns
    guided = held(chat_row(talk), "talk", Rules(guideline=True))
    assert guided == (Turn("system", "Be kind."), *turns)


def test_a_guideline_joins_the_chats_own_system_message() -> None:
    talk = [{"role": "System", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    assert held(chat_row(talk), "talk", Rules(guideline=True)) == (
        Turn("system", "Be kind.\n\nBe brief."),
        Turn("user", "Hi"),
    )


def test_roles_that_no_trainer_knows_make_a_transcript() -> None:
    talk = [{"role": "nurse", "content": "Hi"}, {"role": "patient", "content": "Ow"}]
    assert held(chat_row(talk), "talk", Rules()) == (Turn("user", "nurse: Hi\n\npatient: Ow"),)


def test_a_chat_that_is_none_is_the_users_text() -> None:
    assert held(chat_row("Hi"), "talk", Rules()) == (Turn("user", "Hi"),)


def test_a_response_of_one_turn_is_its_text() -> None:
    one = json.dumps([{"role": "assistant", "content": "Hello"}])
    assert response(chat_row("Hi", one), "x") == "Hello"
    two = json.dumps([{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}])
    assert response(chat_row("Hi", two), "x") == "user: ?\n\nassistant: !"
