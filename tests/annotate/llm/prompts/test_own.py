"""Prompts that a project words itself: checked where they stand, asked with, and told apart."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.errors import InvalidProject
from annotate.llm.own import START, mistakes
from annotate.llm.preparing import Calls
from annotate.llm.prompts import Example, ask
from annotate.llm.replies import Reading
from annotate.llm.spoken import variants_of
from annotate.llm.structured import Abilities
from annotate.model import Item
from annotate.project import Project, parse_project
from annotate.project.differing import told

TASK = """\
project: mails
title: Mails
guideline: Be kind.
language: {language}
fields: [text, a, b]
questions:
  - {{name: single, type: single_label, text: What is it?, labels: [{{name: spam, description: Unasked for.}}, {{name: ham}}]}}
  - {{name: multi, type: multi_label, text: Which?, labels: [{{name: spam}}, {{name: ham}}]}}
  - {{name: rating, type: rating, text: Good?, scale: {{min: 1, max: 5}}, aspects: [{{name: tone, text: Tone}}, {{name: form, text: Form}}]}}
  - {{name: better, type: preference, text: Better?, prompt: text, responses: [a, b], tie: true}}
  - {{name: much, type: preference, text: Better?, prompt: text, responses: [a, b], tie: true, strength: 3}}
  - {{name: order, type: ranking, text: Order?, prompt: text, responses: [a, b]}}
  - {{name: fixed, type: text, text: Fix it., draft: text}}
  - {{name: marked, type: spans, text: Mark., field: text, labels: [{{name: spam}}, {{name: ham}}]}}
llm:
  provider: openai
  model: m
  variants: {variants}
  prompts:
    brief: |
{text}
"""  # noqa: E501
ANSWERS: dict[str, tuple[Any, str]] = {
    "single": ("ham", "ham"),
    "multi": (["spam", "ham"], "spam, ham"),
    "rating": ({"tone": 4, "form": 2}, "tone: 4\nform: 2"),
    "better": ("b", "B"),
    "much": ({"choice": "a", "strength": 2}, "A 2"),
    "order": (["b", "a"], "B > A"),
    "fixed": ({"text": "Hello.", "verdict": "fix"}, "Hello."),
    "marked": (
        [{"start": 0, "end": 2, "label": "spam"}],
        '[{"text": "Hi", "label": "spam"}]',
    ),
}


def project(text: str = START, *, language: str = "en", variants: str = "default") -> Project:
    indented = "\n".join(f"      {line}" for line in text.splitlines())
    return parse_project(TASK.format(text=indented, language=language, variants=variants))


def item(id_: str, text: str) -> Item:
    fields = {"text": text, "a": "First.", "b": "Second."}
    return Item(id_, "mails", 0, id_, "h", fields, {}, "2026-01-01")


def asked(of: Project, name: str, *, structured: bool = False, examples: Any = ()) -> Any:
    question = of.question(name)
    variants = variants_of(question, of.llm.variants, of.llm.prompts)
    own = next(one for one in variants if one.name == "brief")
    about = item("i", "Hi {reply} you")
    return ask(of, question, about, own, examples=examples, structured=structured)


def test_a_text_is_filled_in_where_it_says() -> None:
    text = "Sort it. {question}\n{labels}\n\n{examples}\n\nThe mail:\n{item}\n\n{reply}"
    shown = [Example(item("j", "Buy now"), "spam")]
    got = asked(project(text), "single", examples=shown)
    assert got.prompt.messages[1].content == (
        "Sort it. What is it?\n"
        "- spam: Unasked for.\n"
        "- ham\n"
        "\n"
        "text: <<<Buy now>>>\na: <<<First.>>>\nb: <<<Second.>>>\n"
        "-> spam\n"
        "\n"
        "The mail:\n"
        "text: <<<Hi {reply} you>>>\na: <<<First.>>>\nb: <<<Second.>>>\n"
        "\n"
        "Answer with one label only, spelled as in the list.\n"
        'On a last line write "confidence: " and a number from 0 to 1, how sure you are.'
    )
    assert "Be kind." in got.prompt.messages[0].content
    assert got.prompt.version.startswith("own/brief.")
    alone = asked(project(text), "single").prompt.messages[1].content
    assert "- ham\n\nThe mail:" in alone


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ANSWERS)
def test_every_kind_of_question_is_asked_and_its_reply_read(name: str, language: str) -> None:
    of, (value, reply) = project(language=language), ANSWERS[name]
    shown = [Example(item("j", "Hi there"), value)]
    got = asked(of, name, examples=shown)
    content = got.prompt.messages[1].content
    assert of.question(name).text in content
    assert "Hi {reply} you" in content
    assert "{" not in content.replace("Hi {reply} you", "").replace('{"text"', "")
    read: Reading = got.read(reply)
    assert (read.outcome, read.value) == ("parsed", value)
    structured = asked(of, name, structured=True).prompt
    assert "JSON" in structured.messages[1].content
    assert structured.version.endswith("json.v1")


def test_they_are_asked_beside_a_preset_and_of_a_list_when_named() -> None:
    def names(of: Project, question: str) -> list[str]:
        found = variants_of(of.question(question), of.llm.variants, of.llm.prompts)
        return [one.name for one in found]

    beside = project()
    assert names(beside, "single") == [
        "instruction", "text_first", "paraphrase", "multiple_choice", "brief", "challenge",
    ]  # fmt: skip
    assert names(beside, "fixed") == ["instruction", "text_first", "paraphrase", "brief"]
    assert names(project(variants="[instruction, brief]"), "single") == ["instruction", "brief"]
    assert names(project(variants="[instruction]"), "single") == ["instruction"]


def test_a_changed_text_is_another_setting_and_one_that_is_not_asked_is_none() -> None:
    def mark(of: Project) -> Any:
        question = of.question("single")
        calls = Calls(of, question, "m", Abilities.NONE)
        return calls.fingerprint(variants_of(question, of.llm.variants, of.llm.prompts))

    first, second = project(), project(START + "Be quick.\n")
    assert mark(first)["prompts"] == {"brief": START}
    assert mark(first)["templates"]["own"] == "own/en/parts.v1"
    assert mark(first) != mark(second)
    unasked = mark(project(variants="[instruction]"))
    assert "prompts" not in unasked
    assert "own" not in unasked["templates"]
    assert told(first, second) == ["prompt brief changed (line: 1 added)"]


@pytest.mark.parametrize(
    ("text", "rule", "remedy"),
    [
        ("{item} {labels}", "no place for the form of the reply", "Put {reply}"),
        ("{reply} {labels}", "no place for the item", "Put {item}"),
        ("{item} {reply}", "no place for the labels", "Put {labels}"),
        ("a\n{itme} {item} {reply} {labels}", "holds {itme} in its line 2", "mean {item}?"),
        ("{word} {item} {reply} {labels}", "holds {word} in its line 1", "There are {item}"),
        ("{item} {reply} {labels} {item}", "holds {item} more than once", "Keep one"),
        ("x" * 20_001 + "{item} {reply} {labels}", "has 20,02", "20,000"),
    ],
)
def test_mistakes_are_told_with_the_way_out(text: str, rule: str, remedy: str) -> None:
    [out] = [remedy for said, remedy in mistakes(text, labels=True) if rule in said]
    assert remedy in out
    with pytest.raises(InvalidProject) as caught:
        project(text)
    [problem] = [one for one in caught.value.problems if rule in one.rule]
    assert (problem.line, problem.key) == (20, "llm.prompts.brief")


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ("brief:", "question:", "llm.prompts.question", "own_question"),
        ("brief:", "a/b:", "llm.prompts", "a/b"),
        ("default", "[brif]", "llm.variants[0]", "Did you mean `brief`?"),
    ],
)
def test_names_that_cannot_be(old: str, new: str, key: str, said: str) -> None:
    text = TASK.format(text=f"      {START}".replace("\n", " "), language="en", variants="default")
    with pytest.raises(InvalidProject) as caught:
        parse_project(text.replace(old, new))
    assert any(one.key.startswith(key) and said in str(one) for one in caught.value.problems)
