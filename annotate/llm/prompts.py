"""Question, item and way of asking -> the exact messages, and how their reply is read."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from annotate.hashing import digest
from annotate.llm.replies import ABSTAIN
from annotate.llm.variants import Variant
from annotate.model import Item, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, Option, QuestionSettings

_environment = SandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
)


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent. `version` names the template file, `hash` the exact text."""

    messages: tuple[Message, ...]
    version: str
    hash: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt, and what may be answered to it -> the value that means (or ABSTAIN)."""

    prompt: Prompt
    words: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """A human-labelled item shown in the prompt."""

    item: Item
    value: Value


def ask(
    project: Project,
    question: QuestionSettings,
    item: Item,
    variant: Variant,
    *,
    examples: Sequence[Example] = (),
    first_answer: Value = None,
) -> Asked:
    """The call for one item and variant.

    first_answer: what a `challenge` leads against; it cannot be asked without one (ValueError).
    An item is never shown among its own examples.
    """
    if variant.way.kind == "challenge" and first_answer is None:
        raise ValueError("a challenge needs the model's first answer")
    options = _options(question, item, variant)
    claim = variant.about if variant.about is not None else first_answer
    by_value = {option.value: option for option in options}
    context = {
        "project": project,
        "question": question,
        "options": options,
        "letters": _letters(len(options)),
        "item": _shown(project, question, item, options),
        "examples": [
            {"item": _shown(project, question, e.item, options), "option": by_value[e.value]}
            for e in examples
            if e.item.id != item.id and e.value in by_value
        ],
        "claim": by_value.get(claim),
        "confidence": project.llm.confidence,
    }
    folder = f"{question.type}/{project.language}"
    system, version = _render(folder, "system", context)
    user, user_version = _render(folder, variant.way.name, context)
    messages = (Message("system", system), Message("user", user))
    text_hash = digest([[m.role, m.content] for m in messages])
    prompt = Prompt(messages, f"{user_version}+{version.rsplit('/', 1)[1]}", text_hash)
    return Asked(prompt, _words(question, options, variant, claim))


def template_versions(question: QuestionSettings, language: str) -> dict[str, str]:
    """template name -> the version in use: part of what makes a round's settings."""
    folder = resources.files("annotate.llm") / "templates" / question.type / language
    names = {entry.name.split(".v")[0] for entry in folder.iterdir()}
    return {name: _newest(f"{question.type}/{language}", name)[0] for name in sorted(names)}


def _options(question: QuestionSettings, item: Item, variant: Variant) -> tuple[Option, ...]:
    """What can be answered, in the order in which this variant shows it."""
    kind = QUESTION_TYPES[question.type]
    control = kind.control(question)
    options = list(control.options)
    if control.responses:
        count = len(control.responses)
        shown = options[:count][::-1] if variant.way.reversed else options[:count]
        # what is called A in the prompt is what stands first, whatever its value is
        renamed = [
            Option(option.value, letter, option.description)
            for option, letter in zip(shown, _letters(count), strict=True)
        ]
        return (*renamed, *options[count:])
    if variant.way.kind == "letters":
        random.Random(f"{item.id}/{variant.name}").shuffle(options)
    return tuple(options)


def _shown(
    project: Project, question: QuestionSettings, item: Item, options: Sequence[Option]
) -> dict[str, Any]:
    """The item as templates see it: its fields, and responses in the order shown."""
    control = QUESTION_TYPES[question.type].control(question)
    field_of = dict(
        zip((option.value for option in control.options), control.responses, strict=False)
    )
    responses = [
        {"title": option.title, "text": item.fields[field_of[option.value]]}
        for option in options
        if option.value in field_of
    ]
    fields = {name: item.fields[name] for name in project.fields}
    return {"fields": fields, "responses": responses}


def _words(
    question: QuestionSettings, options: Sequence[Option], variant: Variant, claim: Value
) -> dict[str, Any]:
    """What may be said to this prompt -> value or ABSTAIN."""
    names: dict[str, Any] = {}
    for option in options:
        names |= {word: option.value for word in _called(question, option)}
    values = [option.value for option in options]
    if variant.way.kind == "letters":
        for letter, option in zip(_letters(len(options)), options, strict=True):
            for form in (letter, f"{letter}. {option.title}", f"{letter}) {option.title}"):
                names[form] = option.value
        return names
    if variant.way.kind == "open":
        return names
    denied = next(v for v in values if v != claim) if len(values) == 2 else ABSTAIN
    if variant.way.kind == "challenge":  # "no" insists on the first answer
        insist = _yes_no(yes=denied, no=claim)
        folded = {word.casefold(): value for word, value in names.items()}
        for word, value in insist.items():  # where a label is itself called "no", "no" is unclear
            names[word] = value if folded.get(word, value) == value else ABSTAIN
        return names
    positive, negative = (denied, claim) if variant.way.negated else (claim, denied)
    return _yes_no(yes=positive, no=negative)


def _called(question: QuestionSettings, option: Option) -> tuple[str, ...]:
    """The names an option answers to, in the letters of this prompt."""
    if question.type == "preference" and len(option.title) == 1:
        letter = option.title
        return (letter, f"Response {letter}", f"回答{letter}", f"回答 {letter}")
    return (option.title, option.value) if question.type == "preference" else (option.value,)


def _yes_no(*, yes: Any, no: Any) -> dict[str, Any]:
    words = dict.fromkeys(("true", "yes", "是", "对", "正确", "同意"), yes)
    return words | dict.fromkeys(("false", "no", "否", "不是", "错", "错误", "不同意"), no)


def _letters(count: int) -> tuple[str, ...]:
    """A, B, C ... or numbers when the alphabet does not reach."""
    if count <= len(string.ascii_uppercase):
        return tuple(string.ascii_uppercase[:count])
    return tuple(str(n) for n in range(1, count + 1))


def _render(folder: str, name: str, context: Mapping[str, Any]) -> tuple[str, str]:
    version, source = _newest(folder, name)
    return _compiled(source).render(context).strip(), version


@cache
def _compiled(source: str) -> Template:
    """Compiling takes a hundred times as long as filling in."""
    return _environment.from_string(source)


@cache
def _newest(folder: str, name: str) -> tuple[str, str]:
    """(version name, source) of the highest-numbered template. Used ones are never edited."""
    here = resources.files("annotate.llm") / "templates" / folder
    pattern = re.compile(rf"{re.escape(name)}\.v(\d+)\.jinja")
    found = [(int(m.group(1)), e) for e in here.iterdir() if (m := pattern.fullmatch(e.name))]
    if not found:
        raise KeyError(f"no template {folder}/{name}")
    number, entry = max(found, key=lambda pair: pair[0])
    return f"{folder}/{name}.v{number}", entry.read_text("utf-8")
