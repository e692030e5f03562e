"""Prompts: what stands in them, whatever the item says."""

from __future__ import annotations

import re
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.llm.prompts import Example, ask, template_versions
from annotate.llm.variants import WAYS, Variant, expand
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from tests.annotate.support.asking import (
    ALL,
    LANGUAGES,
    NASTY,
    comparing,
    labelling,
    make_item,
    mark,
    options,
    whole,
)
from tests.llm_server.reader import outside

# ---- item text is material


@pytest.mark.parametrize("way", ALL)
@pytest.mark.parametrize("nasty", NASTY)
def test_item_text_is_shown_as_it_is(way: str, nasty: str) -> None:
    project, question = labelling({"spam": nasty, "ham": ""}, fields=("text", "more"))
    item = make_item(text=nasty, more=nasty)
    example = Example(make_item(1, text=f"other {nasty}", more="x"), "spam")
    for variant in expand([way], ["spam", "ham"]):
        asked = ask(project, question, item, variant, examples=[example], first_answer="spam")
        assert f"text: {mark(asked)}{nasty}" in whole(asked)
        assert f"more: {mark(asked)}{nasty}" in whole(asked)
        assert f"{mark(asked)}other {nasty}" in whole(asked)


@given(text=st.text(st.sampled_from("<> a\n"), max_size=40), other=st.text(st.sampled_from("<>")))
def test_no_text_gets_out_of_its_marks(text: str, other: str) -> None:
    project, question = labelling({"spam": "", "ham": ""}, fields=("text", "more"))
    harmless = ask(project, question, make_item(text="x", more="y"), Variant(WAYS["instruction"]))
    asked = ask(
        project, question, make_item(text=f"SECRET{text}SECRET", more=other),
        Variant(WAYS["instruction"]),
    )  # fmt: skip
    assert "SECRET" not in outside(whole(asked))
    assert outside(whole(harmless)).splitlines()[1:] == outside(whole(asked)).splitlines()[1:]


# ---- examples


@pytest.mark.parametrize("way", ALL)
@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_are_shown_but_never_the_item_itself(way: str, language: str) -> None:
    project, question = labelling({"spam": "", "ham": ""}, language=language)
    item = make_item(0, text="the item")
    examples = [
        Example(item, "spam"),
        Example(make_item(1, text="buy now"), "spam"),
        Example(make_item(2, text="hi mum"), "ham"),
        Example(make_item(3, text="label was removed"), "eggs"),
    ]
    for variant in expand([way], ["spam", "ham"]):
        asked = ask(project, question, item, variant, examples=examples, first_answer="ham")
        user = asked.prompt.messages[1].content
        assert re.search(r"<<<buy now>>> -> (\(.\) )?spam\n", user)
        assert re.search(r"<<<hi mum>>> -> (\(.\) )?ham\n", user)
        assert user.count("the item") == 1
        assert "label was removed" not in user
        for letter, label in re.findall(r"-> \((.)\) (\w+)", user):
            assert (letter, label) in options(asked)


@pytest.mark.parametrize("way", ALL)
@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_of_responses_stand_in_the_order_of_the_item(way: str, language: str) -> None:
    project, question = comparing(language=language)
    item = make_item(0, prompt="p", r0="x", r1="y")
    examples = [Example(make_item(1, prompt="2+2", r0="four", r1="five"), "a")]
    for variant in expand([way], ["a", "b", "tie"]):
        asked = ask(project, question, item, variant, examples=examples, first_answer="a")
        user = asked.prompt.messages[1].content
        four = re.search(r"([AB])[:：] ?<<<four>>>", user)
        shown = re.search(r"^-> \(?([AB])\)?$", user, re.MULTILINE)
        assert four
        assert shown
        assert four.group(1) == shown.group(1)


# ---- templates

KINDS = [
    (name, language)
    for name, kind in QUESTION_TYPES.items()
    if kind.classes(kind.example()[0])
    for language in LANGUAGES
]


@pytest.mark.parametrize(("kind", "language"), KINDS)
def test_every_way_has_a_template(kind: str, language: str) -> None:
    question, _, _ = QUESTION_TYPES[kind].example()
    assert set(template_versions(question, language)) == {"system", *ALL}


@pytest.mark.parametrize(("kind", "language"), KINDS)
def test_nothing_else_lies_beside_the_templates(kind: str, language: str) -> None:
    folder = resources.files("annotate.llm") / "templates" / kind / language
    known = {"system", *ALL}
    for entry in folder.iterdir():
        found = re.fullmatch(r"(\w+)\.v[1-9]\d*\.jinja", entry.name)
        assert found, entry.name
        assert found.group(1) in known


def test_versions_are_named_in_the_prompt() -> None:
    project, question = labelling({"spam": "", "ham": ""}, language="zh")
    asked = ask(project, question, make_item(text="x"), Variant(WAYS["question"]))
    assert asked.prompt.version == "single_label/zh/question.v1+system.v1"
    assert template_versions(question, "zh")["question"] == "single_label/zh/question.v1"


def test_the_hash_tells_prompts_apart() -> None:
    project, question = labelling({"spam": "", "ham": ""})
    hashes = {
        ask(project, question, make_item(text=text), variant, first_answer="ham").prompt.hash
        for text in ("x", "y")
        for variant in expand(ALL, ["spam", "ham"])
    }
    assert len(hashes) == 2 * (6 + 2 * 4)


@pytest.mark.parametrize("confidence", [True, False])
@pytest.mark.parametrize(("kind", "language"), KINDS)
def test_layout(kind: str, language: str, confidence: bool) -> None:
    """No trailing blanks, no gaps of two lines, nothing left of the template language."""
    project: Project
    question: QuestionSettings
    if kind == "preference":
        project, question = comparing(language=language)
        item = make_item(prompt="p", r0="x", r1="y")
        examples = [Example(make_item(1, prompt="p", r0="x", r1="y"), "tie")]
    else:
        project, question = labelling({"spam": "All of it.", "ham": ""}, language=language)
        item = make_item(text="x")
        examples = [Example(make_item(1, text="y"), "ham")]
    llm = project.llm.model_copy(update={"confidence": confidence})
    project = project.model_copy(update={"llm": llm})
    classes = QUESTION_TYPES[kind].classes(question)
    for variant in expand(ALL, classes):
        for shown in ([], examples):
            asked = ask(project, question, item, variant, examples=shown, first_answer=classes[0])
            for message in asked.prompt.messages:
                text = message.content
                assert text == text.strip()
                assert "\n\n\n" not in text
                assert not re.search(r"[ \t]\n|\{[{%]|[%}]\}| {2}", text)
            user = asked.prompt.messages[1].content
            assert ("confidence: " in user or "置信度" in user) == confidence
            assert "Be fair." in asked.prompt.messages[0].content
