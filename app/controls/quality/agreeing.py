"""Parts of the agreement page: the sentence, the splits, labels, pairs of people, responses."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from annotate.agreement.measure import told
from annotate.workflow.agreement.anchoring import Anchoring
from annotate.workflow.agreement.report import SAME, Agreement, rows
from annotate.workflow.agreement.wording import preferred_note, preferred_rows, sampled
from app import look
from app.controls import tabular

HOW = (
    "1 is perfect agreement and 0 what chance alone would give; in brackets the 95 % interval. "
    "Only answers count that were given without the model's in sight."
)


def sentence(found: Agreement) -> None:
    """What it comes to, and what must be known to read it."""
    look.show(look.text("verdict", found.sentence()))
    look.show(look.text("hint", f"Measured by {found.measure}. {HOW}"))
    for note in (*found.notes, sampled(found)):
        if note is not None:
            look.show(look.text("hint", note))


def splits(found: Agreement) -> None:
    """People with each other, people and model, models and wordings: one row each."""
    table = rows(found)
    if not table:
        look.show(look.text("hint", "There is something to compare after the first answer."))
        return
    heads = list(table[0])
    tabular.shown(heads, [list(row.values()) for row in table], name=f"agreement-{found.question}")


def undefined(reasons: Sequence[str]) -> None:
    for reason in reasons:
        look.show(look.text("hint", f"Not defined for {reason}."))


def parts(found: Agreement) -> None:
    """Every label or aspect alone: which one people do not understand alike."""
    names = list(found.people.parts) or list(found.model.parts)
    if not names or not (found.people.answers or found.model.answers):
        return
    st.subheader("Each label or aspect alone", anchor=False)
    body = [
        [name]
        + [told(s.parts[name]) if name in s.parts else "" for s in (found.people, found.model)]
        for name in names
    ]
    heads = ("", found.people.who, found.model.who)
    tabular.shown(heads, body, name=f"agreement-parts-{found.question}")


def pairs(found: Agreement) -> None:
    """People pair by pair, those with the most items in common first."""
    if not found.pairs:
        return
    st.subheader("Pairs of people", anchor=False)
    body = [
        (
            pair.one,
            pair.other,
            f"{pair.items:,}",
            told(pair.same, percent=True),
            told(pair.headline),
        )
        for pair in found.pairs
    ]
    heads = ("one", "other", "items", SAME, found.pair_measure)
    tabular.shown(heads, body, name=f"agreement-pairs-{found.question}")
    if found.all_pairs > len(found.pairs):
        look.show(look.text("hint", f"{len(found.pairs):,} of {found.all_pairs:,} pairs."))


def preferred(found: Agreement) -> None:
    """Which response wins how often, by people and by the model."""
    for one in found.preferred:
        st.subheader(look.plain(f"Responses as {one.who} prefer them"), anchor=False)
        table = preferred_rows(one)
        tabular.shown(
            list(table[0]),
            [list(row.values()) for row in table],
            name=f"preferred-{found.question}-{one.who.replace(' ', '-')}",
        )
        look.show(look.text("hint", preferred_note(one)))


def anchoring(found: Anchoring) -> None:
    """Whether a suggestion in sight draws people along."""
    st.subheader("Does the model's answer in sight draw people along?", anchor=False)
    said = found.sentence()
    look.show(look.text("told-line", f"{said[0].upper()}{said[1:]}."))
