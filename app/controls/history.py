"""The parts of an item's history, each a table or a card."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from annotate.model import Annotation, Decision, Item, Prelabel, Value
from annotate.project import Project
from annotate.questions import brief
from app import look
from app.controls import choice


def fields(item: Item, project: Project) -> None:
    with st.container(key="item-page"):
        look.show(choice.card(item.fields, project))
    facts = [item.key, f"imported {look.moment(item.created_at)}"]
    if item.metadata:
        facts.append(json.dumps(item.metadata, ensure_ascii=False))
    look.show(look.text("hint", " · ".join(facts)))


def gold(known: Mapping[str, Value]) -> None:
    """The known answers; only people who may review ever come here."""
    for question, value in known.items():
        look.show(look.text("hint", f"Known answer to {question}: {brief(value)}"))


def decisions(found: Sequence[Decision]) -> None:
    rows = [
        (
            look.moment(d.created_at),
            d.question,
            d.destination,
            "" if d.score is None else f"{d.score:.3f}",
            _said(d.model_value),
            _said(d.label),
            f"{d.propensity:.3f}",
            d.reason,
        )
        for d in found
    ]
    heads = ("at", "question", "sent to", "risk", "model", "label", "chance", "reason")
    _table("Decisions", heads, rows, "Not routed yet.")


def answers(found: Sequence[tuple[Annotation, str]]) -> None:
    rows = [
        (
            look.moment(a.created_at),
            name,
            a.question,
            "skipped" if a.kind == "skip" else _said(a.value),
            "" if a.seconds is None else f"{a.seconds:.1f} s",
            f"taken back {look.moment(a.undone_at)}" if a.undone_at else "",
            a.note or "",
        )
        for a, name in found
    ]
    heads = ("at", "who", "question", "answer", "took", "undone", "note")
    _table("People's answers", heads, rows, "Nobody has answered yet.")


def prelabels(found: Sequence[Prelabel]) -> None:
    rows = [
        (
            look.moment(p.created_at),
            p.question,
            p.model,
            f"{p.variant} {p.sample}" if p.sample else p.variant,
            p.outcome,
            _said(p.value),
            "" if p.confidence is None else f"{p.confidence:.2f}",
            p.raw or p.reason or "",
        )
        for p in found
    ]
    heads = ("at", "question", "model", "variant", "outcome", "answer", "confidence", "raw")
    _table("The model's answers", heads, rows, "Not pre-labelled yet.")


def _said(value: Value) -> str:
    return "" if value is None else brief(value)


def _table(title: str, heads: Sequence[str], rows: Sequence[Iterable[str]], none: str) -> None:
    st.subheader(title, anchor=False)
    if not rows:
        look.show(look.text("hint", none))
        return
    look.show(look.table(heads, rows))
