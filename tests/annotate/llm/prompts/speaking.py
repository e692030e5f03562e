"""Questions without classes to ask about, and what replies to them are read as."""

from __future__ import annotations

from typing import Any

from annotate.llm.prompts import Asked, Example, ask
from annotate.llm.spoken import variants_of
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.questions.labels import Label
from annotate.questions.multi_label import MultiLabelSettings
from annotate.questions.preference import PreferenceSettings
from annotate.questions.ranking import RankingSettings
from annotate.questions.rating import AspectSettings, RatingSettings
from annotate.questions.spans import SpansSettings
from annotate.questions.text import TextSettings
from tests.annotate.support.asking import make_item, make_project

OPEN = ("multi_label", "preference", "ranking", "rating", "spans", "text")
COMPARED = {"prompt": "Say hi", "x": "Hi", "y": "Hello", "z": "Hey"}


def labels(*names: str) -> tuple[Label, ...]:
    return tuple(Label(name=name) for name in names)


def question(kind: str, **own: Any) -> QuestionSettings:
    """One question of a type. own: other keys than the usual ones."""
    made: dict[str, QuestionSettings] = {
        "multi_label": MultiLabelSettings(
            name="q", text="What is it about?", labels=labels("price", "taste", "service")
        ),
        "preference": PreferenceSettings(
            name="q", text="Which is better?", prompt="prompt", responses=("x", "y", "z"),
            strength=3,
        ),
        "ranking": RankingSettings(
            name="q", text="From best to worst?", prompt="prompt", responses=("x", "y", "z")
        ),
        "rating": RatingSettings(name="q", text="How good is it?"),
        "spans": SpansSettings(
            name="q", text="Mark names.", field="text", labels=labels("person", "place")
        ),
        "text": TextSettings(name="q", text="Sum it up."),
    }  # fmt: skip
    return made[kind].model_copy(update=own)


ASPECTS = (AspectSettings(name="tone", text="Is it polite?"), AspectSettings(name="事实", text="?"))


def project_of(asked: QuestionSettings, language: str = "en", **llm: object) -> Project:
    fields = tuple(COMPARED) if asked.type in ("preference", "ranking") else ("text",)
    if isinstance(asked, TextSettings) and asked.draft == "reply":
        fields = ("text", "reply")
    project = make_project(asked, language, fields)
    return project.model_copy(
        update={"llm": project.llm.model_validate(project.llm.model_dump() | llm)}
    )


def call(
    kind: str,
    *,
    text: str = "Ada met Bob in Rome. Ada left.",
    way: str = "instruction",
    language: str = "en",
    structured: bool = False,
    draft_text: str = "",
    examples: tuple[Example, ...] = (),
    **own: Any,
) -> Asked:
    """One call about one item."""
    asked = question(kind, **own)
    project = project_of(asked, language)
    fields = {name: COMPARED.get(name, text) for name in project.fields}
    if "reply" in fields:
        fields["reply"] = draft_text
    variant = variants_of(asked, (way,))[0]
    item = make_item(0, **fields)
    return ask(project, asked, item, variant, examples=examples, structured=structured)


def said(kind: str, reply: str, **own: Any) -> Any:
    """The value a reply is read as; its outcome and reason where it is none."""
    reading = call(kind, **own).read(reply)
    if reading.outcome == "parsed":
        return reading.value
    return f"{reading.outcome}: {reading.reason}"
