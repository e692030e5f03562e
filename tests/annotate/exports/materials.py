"""Materials made by hand: what dialects turn into records, without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from annotate.consensus import agreed
from annotate.exporters import Answer, ExportRow, Final, machine
from annotate.model import Adjudication, Annotation, Item, Prelabel
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.training.protocol import Example, Judged, Made, Pair, Spread, Turn, Vote

AT = "2026-03-01T10:00:00.000000Z"

CLASSES = {
    "name": "topic", "type": "single_label", "text": "Which topic?",
    "labels": [{"name": "billing"}, {"name": "shipping & \"more\""}],
}  # fmt: skip
TAGS = {
    "name": "about", "type": "multi_label", "text": "What about?", "min": 0,
    "labels": [{"name": "price"}, {"name": "taste"}, {"name": "service"}],
}  # fmt: skip
NAMES = {
    "name": "names", "type": "spans", "text": "Mark names.", "field": "text",
    "labels": [{"name": "person"}, {"name": "a place"}],
}  # fmt: skip

HARD = (
    "a\u2028b\u2029c\u0085d",
    "مرحبا \u202eabc\u202c",
    "标注\u3000数据",
    "👩🏽‍🚀 e\u0301",
    'say "hi", he\r\nsaid;\ttab',
    "\ufeffmark",
    "x\x00\x1c\x7f",
    "{{ question.text }} {% endraw %} <<<x>>>",
    "=1+1",
    "NA",
    "null",
    "-DOCSTART- -X- -X- O",
)
texts = st.one_of(st.sampled_from(HARD), st.text(max_size=40)).filter(lambda text: text.strip())


def project_of(*questions: Mapping[str, object], fields: Sequence[str] = ("text",)) -> Project:
    said = {"project": "mails", "title": "Mails", "fields": list(fields)}
    return Project.model_validate({**said, "questions": list(questions)})


def row_of(
    project: Project,
    fields: Mapping[str, str],
    *,
    value: object = None,
    people: Sequence[object] = (),
    calls: Sequence[tuple[str, object]] = (),
    model_value: object = None,
    ruling: object = None,
    question: int = 0,
) -> ExportRow:
    """What is known of one item: the label that stands, people's answers, (model, value) calls,
    and what a lead has decided."""
    asked = project.questions[question]
    rulings = () if ruling is None else ((_ruling(asked, ruling), "Lin"),)
    return ExportRow(
        project=project,
        question=asked,
        item=Item("f0", project.project, 0, "id:007", "c0", fields, {}, AT),
        answers=tuple(_answer(asked, at, value) for at, value in enumerate(people)),
        people=agreed(asked, people),
        model_value=model_value,
        decision=None,
        machine=machine([_call(asked, at, *call) for at, call in enumerate(calls)], asked),
        final=Final(value, "none" if value is None else "person"),
        ruling=rulings[0][0] if rulings else None,
        rulings=rulings,
    )


def _answer(question: QuestionSettings, at: int, value: object) -> Answer:
    said = Annotation(
        f"a{at}", "mails", "f0", question.name, f"s{at}", f"p{at}", "answer", value, None, None,
        1.5, AT, None,
    )  # fmt: skip
    return Answer(said, f"Person {at}")


def _ruling(question: QuestionSettings, value: object) -> Adjudication:
    return Adjudication(
        "r0", "mails", "f0", question.name, 1, "decided", value, None, "g1", "p9", None, AT, None
    )


def _call(question: QuestionSettings, at: int, model: str, value: object) -> Prelabel:
    outcome: Any = "invalid" if value is None else "parsed"
    return Prelabel(
        f"c{at}", "mails", "f0", question.name, "round", "v0", at, model, "v1", "h0", outcome,
        value, None, None, None, None, None, None, None, None, AT,
    )  # fmt: skip


ROW = row_of(project_of(CLASSES), {"text": "I was charged twice."}, value="billing",
             people=["billing"], calls=[("m", "billing")])  # fmt: skip


def turns(*said: str) -> tuple[Turn, ...]:
    """A user's message, the assistant's, and so on."""
    roles = ("user", "assistant")
    return tuple(Turn(roles[at % 2], text) for at, text in enumerate(said))


def pair(prompt: tuple[Turn, ...], chosen: str, rejected: str, **more: Any) -> Pair:
    said: dict[str, Any] = {"margin": 0.5, "scores": (4.0, 2.0)}
    return Pair(ROW, prompt, chosen, rejected, "vote", chosen_by="x", rejected_by="y",
                **said | more)  # fmt: skip


def samples(material: str, text: str, other: str) -> list[Made]:
    """Things of a material that hold these two texts, as different as `a` and `b` make them."""
    prompt = (Turn("system", "Be brief."), Turn("user", text))
    spread = Spread(ROW, text, other, ("billing", "other"), (0.75, 0.25), 4)
    made: dict[str, list[Made]] = {
        "examples": [Example(ROW, prompt, other, "agreed")],
        "pairs": [pair(prompt, f"a{text}", f"b{other}")],
        "judged": [Judged(ROW, prompt, other, False, "draft")],
        "spreads": [spread],
        "rows": [_row(CLASSES, "billing", text, other), _spans(text)],
        "votes": [Vote(ROW, ROW.answers[0]), Vote(ROW, ROW.machine.calls[0])],
        "everything": [_row(TAGS, None, text, other), _spans(text)],
    }
    return made[material]


def _row(question: Mapping[str, object], value: object, text: str, other: str) -> ExportRow:
    project = project_of(question, fields=("text", "x"))
    return row_of(project, {"text": text, "x": other}, value=value)


def _spans(text: str) -> ExportRow:
    spans = [{"start": 0, "end": 3, "label": "person"}]
    fields = {"text": f"Ada {text}"}
    return row_of(project_of(NAMES), fields, value=spans, people=[spans], calls=[("m", spans)])
