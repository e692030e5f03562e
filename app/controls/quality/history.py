"""An item's history: what it is, what people stand by, and everything that happened in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape

import streamlit as st

from annotate.model import Item, Prelabel, Value
from annotate.project import Project
from annotate.questions import brief
from annotate.store.standing.consensus import ConsensusRow
from annotate.workflow.disagreement.item_story import Event, ItemStory
from app import look
from app.controls import tabular

KINDS = {
    "import": "import", "model": "model", "route": "routing", "answer": "answer",
    "second": "second thought", "skip": "skip", "not_asked": "not asked", "undo": "undo",
    "flag": "flag", "check": "check", "decision": "decision",
}  # fmt: skip
STATUSES = {
    "adjudicated": "a lead has decided", "ambiguous": "marked as ambiguous",
    "agreed": "people agree", "disputed": "people differ", "single": "one person has answered",
    "machine": "the model alone", "open": "nobody has said anything",
}  # fmt: skip


def fields(item: Item, project: Project) -> None:
    with st.container(key="item-page"):
        look.show(card(item.fields, project))
    facts = [item.key, f"imported {look.moment(item.created_at)}"]
    if item.metadata:
        facts.append(json.dumps(item.metadata, ensure_ascii=False))
    look.show(look.text("hint", " · ".join(facts)))


def card(fields: Mapping[str, str], project: Project) -> str:
    """The fields under each other, in the project's order; their names when there are several."""
    parts = []
    for name in (n for n in project.fields if n in fields):
        if len(fields) > 1:
            parts.append(look.text("field-name", name, lang=project.language))
        parts.append(look.text("item-text", fields[name], lang=project.language))
    return f'<div class="card">{"".join(parts)}</div>'


def standing(rows: Mapping[str, ConsensusRow], gold: Mapping[str, Value]) -> None:
    """What is stood by for each question, and the known answers; only who may review comes here."""
    lines = [_stands(name, row) for name, row in rows.items()]
    lines += [f"Known answer to {question}: {brief(value)}" for question, value in gold.items()]
    for line in lines:
        look.show(look.text("stands", line))


def _stands(question: str, row: ConsensusRow) -> str:
    facts = [STATUSES[row.status]]
    if row.people > 1:
        facts.append(f"{row.people} answers")
    if row.machine_value is not None:
        facts.append(f"the model says {brief(row.machine_value)}")
    if row.status == "ambiguous":
        return f"{question}: {'; '.join(facts)}"
    value = "no consensus" if row.value is None else brief(row.value)
    sure = "" if row.probability is None or row.value is None else f" ({row.probability:.0%})"
    return f"{question}: {value}{sure}: {'; '.join(facts)}"


def timeline(story: ItemStory, opened: Callable[[Prelabel], None]) -> None:
    """Every event on a line. opened: what to do with a machine's answer whose prompt is wanted."""
    st.subheader("What happened", anchor=False)
    for at, event in enumerate(story.events):
        key = f"event-{at}-{'' if event.counts else 'undone-'}{event.kind}"
        with st.container(key=key, horizontal=True, vertical_alignment="top"):
            look.show(_line(event))
            vote = event.prelabel
            if vote is not None and st.button("Prompt", key=f"prompt-{vote.id}", type="tertiary"):
                opened(vote)
    heads = ("at", "kind", "who", "question", "said", "details", "counts")
    tabular.taken(heads, [_cells(event) for event in story.events], name="history")


def _line(event: Event) -> str:
    question = f"{escape(event.question)}: " if event.question else ""
    details = " · ".join(map(escape, event.details))
    state = "event" if event.counts else "event undone"
    return (
        f'<div class="{state}"><time>{escape(look.moment(event.at))}</time>'
        f"<span>{KINDS[event.kind]}</span><b>{escape(event.who)}</b>"
        f'<div dir="auto">{question}<strong>{escape(event.said)}</strong>'
        f"<small>{details}</small></div></div>"
    )


def _cells(event: Event) -> tuple[str, ...]:
    counts = "yes" if event.counts else "no"
    details = "; ".join(event.details)
    return (
        event.at, KINDS[event.kind], event.who, event.question, event.said, details, counts,
    )  # fmt: skip
