"""Items on which people differ, most urgent first, page by page."""

from __future__ import annotations

from html import escape

import streamlit as st

from annotate.model import Value
from annotate.questions import QuestionSettings, brief
from annotate.workflow.disagreement.chosen import Filters
from annotate.workflow.disagreement.disagreeing import Differing, Disagreements
from app import look
from app.controls import address, tabular

SNIPPET_CHARS = 160
SAID_CHARS = 60


def listed(found: Disagreements, question: QuestionSettings, chosen: Filters) -> None:
    """A row for each item, and the pages beside this one."""
    st.subheader("Look at first", anchor=False)
    if not found.found:
        look.show(look.text("hint", "No item is left by these filters."))
        return
    for one in found.found:
        if row(one, asked=bool(found.options.models) or one.machine is not None):
            way = address.of_item(one.item.id, question.name, chosen)
            st.switch_page("pages/item.py", query_params=way)
    _pages(found)
    tabular.taken(
        ("item", "priority", "people", "model", "consensus", "status", "text"),
        [_cells(one) for one in found.found],
        name="disagreements",
    )


def row(one: Differing, place: str = "", *, asked: bool = True) -> bool:
    """True when its history is asked for. place: the list it is in, for keys, where a page has
    two. asked: whether a model was; else nothing is said of it."""
    said = " ".join(
        f'<span class="said"><i>{escape(name)}</i> {escape(short(plainly(value)))}</span>'
        for name, value in one.answers
    )
    if asked:
        says = "nothing usable" if one.machine is None else short(plainly(one.machine))
        said += f' <span class="said model"><i>model</i> {escape(says)}</span>'
    with st.container(
        key=f"row-{place}{one.item.id}",
        horizontal=True,
        vertical_alignment="center",
    ):
        look.show(
            f'<div class="differ"><div>{said} <small>{escape(_standing(one))}</small></div>'
            f'<p dir="auto">{escape(snippet(one))}</p></div>'
        )
        return bool(
            st.button(
                "History",
                key=f"open-{place}{one.item.id}",
                type="tertiary",
            )
        )


def _standing(one: Differing) -> str:
    """What the consensus makes of it.

    A probability stands there only where there are classes.
    """
    row = one.standing
    if row is None:
        return ""
    if row.status == "ambiguous":
        return "marked as ambiguous"
    if row.value is None:
        return "no consensus"
    sure = "" if row.probability is None else f" {row.probability:.0%}"
    decided = "decided" if row.status == "adjudicated" else "consensus"
    return f"{decided}: {short(plainly(row.value))}{sure}"


def snippet(one: Differing) -> str:
    return short(" · ".join(one.item.fields.values()), SNIPPET_CHARS)


def plainly(value: Value) -> str:
    """An answer as one would say it; other than `brief`, it cannot be read back.

    >>> plainly(["vague", "rude"]), plainly([]), plainly({"tone": 4, "form": 2})
    ('vague, rude', 'none', 'tone 4, form 2')
    >>> plainly({"choice": "a", "strength": 2}), plainly({"verdict": "fix", "text": "Better."})
    ('choice a, strength 2', 'Better.')
    >>> plainly([{"start": 3, "end": 9, "label": "wrong"}])
    'wrong 3-9'
    """
    if isinstance(value, list):
        return ", ".join(map(plainly, value)) or "none"
    if not isinstance(value, dict):
        return brief(value)
    if {"start", "end", "label"} <= value.keys():
        return f"{value['label']} {value['start']}-{value['end']}"
    if "text" in value and "verdict" in value:
        return str(value["text"]) or str(value["verdict"])
    return ", ".join(f"{name} {brief(one)}" for name, one in value.items())


def short(text: str, most: int = SAID_CHARS) -> str:
    """One line of it, with an ellipsis where it is cut.

    >>> short("as bright as a rose", 10)
    'as bright…'
    """
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _pages(found: Disagreements) -> None:
    last = found.first + len(found.found)
    with st.container(horizontal=True, vertical_alignment="center"):
        look.show(look.text("hint", f"{found.first + 1:,} to {last:,} of {found.total:,}"))
        for label, cursor in (("Before", found.before), ("Next", found.behind)):
            at_start = label == "Before" and found.first <= len(found.found)
            st.button(
                label,
                key=f"page-{label}",
                disabled=cursor is None,
                on_click=_go,
                args=("" if at_start else cursor or "",),
                type="tertiary",
            )


def _go(cursor: str) -> None:
    if cursor:
        st.query_params["after"] = cursor
    else:
        st.query_params.pop("after", None)


def _cells(one: Differing) -> tuple[str, ...]:
    row = one.standing
    return (
        one.item.key.removeprefix("id:"),
        f"{one.priority:.4f}",
        " | ".join(f"{name}: {brief(value)}" for name, value in one.answers),
        "" if one.machine is None else brief(one.machine),
        "" if row is None or row.value is None else brief(row.value),
        "" if row is None else row.status,
        snippet(one),
    )
