"""Question, item and way of asking -> the exact messages, and how their reply is read."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from annotate.chats import read_as, transcripts
from annotate.hashing import digest
from annotate.llm.own import PARTS, filled
from annotate.llm.replies import ABSTAIN, Reading, read
from annotate.llm.spoken import SPOKEN, Asking, spoken_of
from annotate.llm.spoken.reading import TOLD, read_spoken
from annotate.llm.spoken.text import draft_of
from annotate.llm.templating import newest, render
from annotate.llm.variants import Variant
from annotate.llm.words import letters_for, speech_of
from annotate.model import Item, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, Option, QuestionSettings, still_offered
from annotate.questions.text import TextSettings


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
    """A prompt, and what may be answered to it -> the value it means, or ABSTAIN.

    words: all that is understood, folded. answers: what the prompt asks for, as spelled there.
    classes: every value of the question, in order. spoken: what is asked where there are none;
    then there are no words either.
    """

    prompt: Prompt
    words: Mapping[str, Any]
    answers: Mapping[str, Any]
    classes: tuple[Value, ...]
    spoken: Asking | None = None

    def read(self, reply: str) -> Reading:
        """What a reply in words says."""
        return read(reply, self.words) if self.spoken is None else read_spoken(reply, self.spoken)


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
    structured: bool = False,
) -> Asked:
    """The call for one item and variant.

    first_answer: what a `challenge` leads against; it cannot be asked without one (ValueError).
    structured: ask for a JSON object. An item is never shown among its own examples.
    """
    if variant.way.kind == "challenge" and first_answer is None:
        raise ValueError("a challenge needs the model's first answer")
    if spoken_of(question) is not None:
        return _ask_spoken(project, question, item, variant, examples, structured)
    options = _options(question, item, variant, project.language)
    letters = letters_for(question, options, project.language)
    claim = variant.about if variant.about is not None else first_answer
    by_value = {option.value: option for option in options}
    letter_of = dict(zip(by_value, letters, strict=True))
    shown = [e for e in examples if e.item.id != item.id and e.value in by_value]
    open_, close = marks(project, [item, *(e.item for e in shown)])
    context = {
        "project": project,
        "question": question,
        "options": options,
        "letters": letters,
        "item": _shown(project, question, item, options),
        "examples": [
            {
                "item": _shown(project, question, e.item, options),
                "option": by_value[e.value],
                "letter": letter_of[e.value],
            }
            for e in shown
        ],
        "claim": by_value.get(claim),
        "confidence": project.llm.confidence,
        "open": open_,
        "close": close,
    }
    prompt = _prompt(question, project, variant, context, structured)
    speech = speech_of(question, options, letters, variant, claim, project.language)
    classes = QUESTION_TYPES[question.type].classes(question)
    return Asked(prompt, speech.words, speech.answers, classes)


def _ask_spoken(
    project: Project,
    question: QuestionSettings,
    item: Item,
    variant: Variant,
    examples: Sequence[Example],
    structured: bool,
) -> Asked:
    """As `ask`, of a question without classes."""
    language, spoken = project.language, SPOKEN[question.type]
    options = _options(question, item, variant, language)
    claim = next((option for option in options if option.value == variant.about), None)

    def asking(about: Item) -> Asking:
        negated = variant.way.negated
        return Asking(question, options, about.fields, language, variant.about, negated, structured)

    shown = [
        (_shown(project, question, e.item, options), spoken.written(asking(e.item), e.value))
        for e in examples
        if e.item.id != item.id and _sayable(question, e.value)
    ]
    open_, close = marks(project, [item, *(e.item for e in examples)], [said for _, said in shown])
    context = {
        "project": project,
        "question": question,
        "options": options,
        "item": _shown(project, question, item, options),
        "examples": [{"item": of, "answer": said} for of, said in shown],
        "claim": claim,
        "draft": isinstance(question, TextSettings)
        and bool(draft_of(question, item.fields).strip()),
        "confidence": project.llm.confidence and (structured or spoken.states_confidence),
        "open": open_,
        "close": close,
    }
    prompt = _prompt(question, project, variant, context, structured)
    told = () if claim is None else TOLD[language]
    return Asked(prompt, {}, dict.fromkeys(told, ABSTAIN), (), asking(item))


def _sayable(question: QuestionSettings, value: Value) -> bool:
    """Whether a model could have answered it: it is still offered, and rejects no draft."""
    if isinstance(question, TextSettings) and not value["text"]:
        return False
    return bool(still_offered(question, [value]))


def template_versions(
    question: QuestionSettings, language: str, *, structured: bool = False, own: bool = False
) -> dict[str, str]:
    """template name -> the version in use: part of what makes a round's settings.

    structured: with the one that asks for a JSON object. own: with the parts of prompts that the
    project words itself.
    """
    mine, closing = _folders(question, language)
    folder = resources.files("annotate.llm") / "templates" / mine
    names = {entry.name.split(".v")[0] for entry in folder.iterdir()} - {"json"}
    versions = {name: newest(mine, name)[0] for name in sorted(names)}
    versions |= {"json": newest(closing, "json")[0]} if structured else {}
    return versions | ({"own": newest(f"own/{language}", "parts")[0]} if own else {})


def _folders(question: QuestionSettings, language: str) -> tuple[str, str]:
    """Where a question's templates are, and the one that asks for a JSON object."""
    spoken = spoken_of(question)
    if spoken is None:
        return f"{question.type}/{language}", f"reply/{language}"
    return f"{spoken.folder}/{language}", f"{spoken.folder}/{language}"


def _prompt(
    question: QuestionSettings,
    project: Project,
    variant: Variant,
    context: Mapping[str, Any],
    structured: bool,
) -> Prompt:
    """The messages. A template's own line about the confidence asks for text: a JSON object has
    its own closing line instead."""
    folder, closing_folder = _folders(question, project.language)
    system, version = render(folder, "system", context)
    asking = {**context, "confidence": False} if structured else context
    closing, closing_version = render(closing_folder, "json", context) if structured else ("", "")
    if variant.way.own:
        user, user_version = _own(project, variant.way.name, folder, asking, closing)
    else:
        user, user_version = render(folder, variant.way.name, asking)
        user = f"{user}\n{closing}" if structured else user
    version = f"{user_version}+{version.rsplit('/', 1)[1]}"
    if structured:
        version = f"{version}+{closing_version.rsplit('/', 1)[1]}"
    messages = (Message("system", system), Message("user", user))
    return Prompt(messages, version, digest([[m.role, m.content] for m in messages]))


def _own(
    project: Project, name: str, folder: str, context: Mapping[str, Any], closing: str
) -> tuple[str, str]:
    """A prompt that the project words itself, and its version, which names the text by a digest.

    closing: asks for a JSON object, behind what asks for the answer.
    """
    text, asks = project.llm.prompts[name], folder.partition("/")[0]
    parts = {
        part: render(f"own/{project.language}", "parts", {**context, "part": part, "asks": asks})[0]
        for part in PARTS
    }
    if closing:
        parts["reply"] = f"{parts['reply']}\n{closing}"
    return filled(text, parts), f"own/{name}.{digest(text)[:8]}"


def _options(
    question: QuestionSettings, item: Item, variant: Variant, language: str
) -> tuple[Option, ...]:
    """What can be answered, in the order and by the names in which this variant shows it."""
    kind = QUESTION_TYPES[question.type]
    control = kind.control(question)
    options = list(control.options)
    count = len(control.responses)
    if count:
        shown = options[:count][::-1] if variant.way.reversed else options[:count]
        # what is called A in the prompt is what stands first, whatever its value is
        options[:count] = [
            replace(option, title=letter)
            for option, letter in zip(shown, string.ascii_uppercase, strict=False)
        ]
    elif variant.way.kind == "letters":
        random.Random(f"{item.id}/{variant.name}").shuffle(options)
    return tuple(replace(option, title=kind.called(option, language)[0]) for option in options)


def _shown(
    project: Project, question: QuestionSettings, item: Item, options: Sequence[Option]
) -> dict[str, Any]:
    """The item as templates see it: its fields, and responses in the order shown."""
    control = QUESTION_TYPES[question.type].control(question)
    field_of = dict(
        zip((option.value for option in control.options), control.responses, strict=False)
    )
    responses = [
        {"title": option.title, "text": read_as(project, field_of[option.value], item)}
        for option in options
        if option.value in field_of
    ]
    fields = {name: read_as(project, name, item) for name in project.fields}
    return {"fields": fields, "responses": responses}


def marks(project: Project, items: Sequence[Item], said: Sequence[str] = ()) -> tuple[str, str]:
    """What stands around item text: longer than any run of < or > in it, so that no text can
    end where its writer likes. JSON can spell these signs otherwise than the transcript does.

    said: answers of people that are shown."""
    texts = [*said, *(text for item in items for text in item.fields.values())]
    texts += [read_as(project, name, item) for name in transcripts(project) for item in items]
    runs = (run for text in texts if "<<<" in text or ">>>" in text for run in _RUNS.findall(text))
    width = 1 + max(map(len, runs), default=2)
    return "<" * width, ">" * width


_RUNS = re.compile(r"<{3,}|>{3,}")
