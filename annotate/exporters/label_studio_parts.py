"""Questions and values in Label Studio's terms: control tags, and regions of a result."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from annotate.model import Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.questions.preference import PreferenceSettings
from annotate.questions.ranking import RankingSettings
from annotate.questions.rating import RatingSettings
from annotate.questions.spans import SpansSettings
from annotate.questions.text import TextSettings

Region = dict[str, Any]


def data_of(project: Project, item_id: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """`data` of a task: the id, the fields, and for rankings the list of responses."""
    name = "id" if "id" not in project.fields else "x_id"
    data: dict[str, Any] = {name: item_id, **{field: fields[field] for field in project.fields}}
    for question in project.questions:
        if isinstance(question, RankingSettings):
            pairs = zip(question.letters(), question.responses, strict=True)
            data[_list(question)] = [
                {"id": letter, "title": letter.upper(), "body": fields[field]}
                for letter, field in pairs
            ]
    return data


def regions(project: Project, question: QuestionSettings, value: Value) -> Iterator[Region]:
    """The regions that say this value, without ids."""
    said = _REGIONS.get(type(question), _choices)
    to = _about(project, question)
    for part, kind, inside in said(question, value):
        yield {"from_name": part, "to_name": to, "type": kind, "value": inside}


def labelling_config(project: Project) -> str:
    """The labelling interface: a tag for every field, and below them one for every question."""
    fields = (_tag("Text", name=name, value=f"${name}") for name in project.fields)
    lines = [f"  {line}" for line in fields]
    for question in project.questions:
        lines.append(f"  {_tag('Header', value=question.text)}")
        lines += [f"  {line}" for line in _control(project, question)]
    return "\n".join(["<View>", *lines, "</View>"]) + "\n"


def _about(project: Project, question: QuestionSettings) -> str:
    """The tag that a question is about: the field of spans, the response that is called a, else
    the first one."""
    if isinstance(question, SpansSettings):
        return question.field
    if isinstance(question, PreferenceSettings):  # whoever reads it knows which of two is a
        return question.responses[0]
    return _list(question) if isinstance(question, RankingSettings) else project.fields[0]


def _list(question: QuestionSettings) -> str:
    return f"{question.name}_responses"


Parts = Iterator[tuple[str, str, dict[str, Any]]]
"""(from_name, type, value) of each region."""


def _choices(question: QuestionSettings, value: Value) -> Parts:
    chosen = list(value) if isinstance(value, list) else [str(value)]
    yield question.name, "choices", {"choices": chosen}


def _preference(question: Any, value: Value) -> Parts:
    yield question.name, "choices", {"choices": [question.choice_of(value)]}
    if isinstance(value, dict) and "strength" in value:
        yield f"{question.name}_strength", "rating", {"rating": value["strength"]}


def _rating(question: Any, value: Value) -> Parts:
    """Stars count from 1: another scale is a number."""
    kind = "rating" if question.scale.min == 1 else "number"
    by_aspect = value if isinstance(value, dict) else {"": value}
    for name, number in by_aspect.items():
        yield _aspect(question, name), kind, {kind: number}


def _aspect(question: QuestionSettings, name: str) -> str:
    return f"{question.name}_{name}" if name else question.name


def _ranking(question: QuestionSettings, value: Value) -> Parts:
    yield question.name, "ranker", {"ranker": {question.name: list(value)}}


def _spans(question: QuestionSettings, value: Value) -> Parts:
    """Offsets are code points, as they are counted there."""
    for span in value:
        inside = {"start": span["start"], "end": span["end"], "labels": [span["label"]]}
        yield question.name, "labels", inside


def _text(question: Any, value: Value) -> Parts:
    if value["verdict"] != "reject":
        yield question.name, "textarea", {"text": [value["text"]]}
    if question.draft is not None:
        yield f"{question.name}_verdict", "choices", {"choices": [value["verdict"]]}


_REGIONS: Mapping[type, Callable[[Any, Value], Parts]] = {
    PreferenceSettings: _preference,
    RankingSettings: _ranking,
    RatingSettings: _rating,
    SpansSettings: _spans,
    TextSettings: _text,
}


def _control(project: Project, question: QuestionSettings) -> Iterator[str]:
    """The control tags of a question, in lines of XML."""
    name, to = question.name, _about(project, question)
    control = QUESTION_TYPES[question.type].control(question)
    if isinstance(question, SpansSettings):
        yield from _listing("Labels", "Label", [one.value for one in control.options], name, to)
    elif isinstance(question, RankingSettings):
        yield _tag("List", name=to, value=f"${to}", title=question.text)
        yield _tag("Ranker", name=name, toName=to)
    elif isinstance(question, RatingSettings):
        yield from (_scale(question, one, to) for one in [a.name for a in question.aspects] or [""])
    elif isinstance(question, TextSettings):
        yield _tag("TextArea", name=name, toName=to, maxSubmissions="1")
        if question.draft is not None:
            verdicts = [str(one) for one in QUESTION_TYPES[question.type].said(question)]
            yield from _listing("Choices", "Choice", verdicts, f"{name}_verdict", to)
    else:
        choice = "multiple" if question.type == "multi_label" else "single"
        options = [one.value for one in control.options]
        yield from _listing("Choices", "Choice", options, name, to, choice=choice)
        yield from _strength(question, to)


def _strength(question: QuestionSettings, to: str) -> Iterator[str]:
    if isinstance(question, PreferenceSettings) and question.strength is not None:
        most = str(question.strength)
        yield _tag("Rating", name=f"{question.name}_strength", toName=to, maxRating=most)


def _scale(question: RatingSettings, aspect: str, to: str) -> str:
    name, scale = _aspect(question, aspect), question.scale
    if scale.min == 1:
        return _tag("Rating", name=name, toName=to, maxRating=str(scale.max))
    return _tag("Number", name=name, toName=to, min=str(scale.min), max=str(scale.max))


def _listing(
    outer: str, inner: str, values: list[str], name: str, to: str, **more: str
) -> Iterator[str]:
    yield _tag(outer, name=name, toName=to, **more).removesuffix("/>") + ">"
    yield from (f"  {_tag(inner, value=value)}" for value in values)
    yield f"</{outer}>"


def _tag(tag: str, **attributes: str) -> str:
    said = "".join(f' {key}="{_quoted(value)}"' for key, value in attributes.items())
    return f"<{tag}{said}/>"


def _quoted(value: str) -> str:
    """For an attribute, where blanks of other kinds would be read as spaces. The function of the
    standard library loads its HTTP client, a tenth of what is loaded for an export."""
    return _BLANKS.sub(lambda found: f"&#{ord(found[0])};", escape(value))


_BLANKS = re.compile(r"[\t\n\r]")
