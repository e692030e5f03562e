"""Rows as an export reads them, made by hand: what people and model said of one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotate.consensus import agreed, offers
from annotate.exporters.protocol import (
    Answer,
    Dropped,
    ExportRow,
    machine,
    ruled,
    settle,
)
from annotate.model import Adjudication, Annotation, Decision, Destination, Item, Prelabel
from annotate.project import Project
from annotate.project.file import parse_project
from annotate.questions import QuestionSettings
from annotate.training.protocol import MATERIALS, Rules

NOW = "2026-03-01T10:00:00.000000Z"

TOPICS = parse_project("""
project: topics
title: Topics
guideline: Read twice.
fields: [body]
questions:
  - {name: topic, type: single_label, text: Which topic?, labels: [{name: spam}, {name: ham}]}
""")

REPLIES = parse_project("""
project: replies
title: Replies
fields: [prompt, x, y, z]
questions:
  - {name: better, type: preference, text: Which is better?, prompt: prompt, responses: [x, y, z]}
""")

ORDERS = parse_project("""
project: orders
title: Orders
fields: [prompt, x, y, z]
questions:
  - {name: order, type: ranking, text: Best first?, prompt: prompt, responses: [x, y, z]}
""")

DRAFTS = parse_project("""
project: drafts
title: Drafts
fields: [question, reply]
questions:
  - {name: text, type: text, text: Is the reply right?, draft: reply}
""")

RATED = parse_project("""
project: rated
title: Rated
fields: [prompt, response]
questions:
  - {name: quality, type: rating, text: How good is the response?}
""")

WRITTEN = parse_project("""
project: written
title: Written
fields: [question]
questions:
  - {name: text, type: text, text: Answer it., draft: model}
""")

RESPONSES = {"prompt": "Say hi", "x": "Hi!", "y": "Go away", "z": "Hello"}


class _Offered:
    def __init__(self, question: QuestionSettings) -> None:
        self.question = question

    def __contains__(self, value: object) -> bool:
        return value is not None and offers(self.question, value)


def answer(
    project: Project, value: Any, at: int = 0, *, seen: str = "never", said: Any = None
) -> Answer:
    """A person's answer. seen: when the machine's answer, `said`, was shown to them."""
    exposure = {"mode": "suggest" if seen == "before" else "blind", "arm": "main", "shown": seen}
    return Answer(
        Annotation(
            f"a{at}", project.project, "f0", project.questions[0].name, f"s{at}", f"p{at}",
            "answer", value, None, "d0" if seen == "before" else None, 1.5, NOW, None,
            exposure if said is None else exposure | {"said": said},
        ),
        f"Person {at}",
        guideline_version="g1",
    )  # fmt: skip


def decided(project: Project, value: Any, kind: Any = "decided") -> Adjudication:
    """A lead's word."""
    return Adjudication(
        "j0", project.project, "f0", project.questions[0].name, 1, kind, value, "as agreed", "g2",
        "lead", None, NOW, None,
    )  # fmt: skip


def call(project: Project, value: Any, outcome: Any = "parsed", variant: str = "v") -> Prelabel:
    """One of the model's calls."""
    return Prelabel(
        f"c{variant}", project.project, "f0", project.questions[0].name, "r", variant, 0,
        "gpt-mini", "single_label/en/instruction.v1", "abc", outcome, value, None, 0.9, None, None,
        None, None, None, None, NOW,
    )  # fmt: skip


def row_of(
    project: Project,
    fields: Mapping[str, str],
    people: Sequence[Any] = (),
    *,
    model: Any = None,
    destination: Destination | None = "annotate",
    ruling: Adjudication | None = None,
    calls: Sequence[Prelabel] = (),
    model_name: str = "",
    **more: Any,
) -> ExportRow:
    """What is known of one item. people: values, given blind, or `Answer`s."""
    question = project.questions[0]
    answers = tuple(
        one if isinstance(one, Answer) else answer(project, one, at)
        for at, one in enumerate(people)
    )
    decision = None
    if destination is not None:
        decision = Decision(
            "d0", project.project, "f0", question.name, destination, 0.5, model, 0.25,
            "threshold", "answers split 1 : 1", NOW, model,
        )  # fmt: skip
    counted = agreed(question, [one.annotation.value for one in answers])
    offered = _Offered(question)
    final = ruled(ruling, waits=False, offered=offered) if ruling is not None else None
    return ExportRow(
        project=project,
        question=question,
        item=Item("f0", project.project, 0, "id:007", "c0", dict(fields), {"site": "de"}, NOW),
        answers=answers,
        people=counted,
        model_value=model,
        decision=decision,
        machine=machine(calls, question),
        final=final or settle(counted, len(answers), decision, offered),
        ruling=ruling,
        model=model_name,
        rulings=() if ruling is None else ((ruling, "Lea"),),
        **more,
    )


def made(material: str, row: ExportRow, **rules: Any) -> list[Any]:
    """What a material makes of a row: things, and the reasons of those that were not made."""
    found = MATERIALS[material](row, Rules(**rules))
    return [one.why if isinstance(one, Dropped) else one for one in found]


__all__ = [
    "DRAFTS",
    "NOW",
    "ORDERS",
    "RATED",
    "REPLIES",
    "RESPONSES",
    "TOPICS",
    "answer",
    "call",
    "decided",
    "made",
    "row_of",
]
