"""Parts of the overview: what waits, how good the data are, where they differ, what is left."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from annotate.people import RIGHTS
from annotate.project import Project
from annotate.workflow.agreement.report import Cell
from annotate.workflow.projects.overview import Overview, QuestionOverview
from annotate.workflow.projects.overview_wording import on_the_model, quality, to_finish
from annotate.workflow.projects.today import Need, Today
from annotate.workflow.team.attention import close_flags
from app import look
from app.services import Services
from app.state import Here

CELLS = 3
FLAGS = 5
_PAGES = Path(__file__).parents[1] / "pages"
_NAMES = {"decide": "Decide", "team": "Team", "disagreements": "Show them", "setup": "Set up"}


def needs(services: Services, here: Here, found: Today, more: list[Need]) -> None:
    """What needs the lead today, the flags with their words."""
    st.subheader("Today", anchor=False)
    wanted = [*more, *found.needs]
    if not wanted:
        look.show(look.text("hint", "Nothing waits for you."))
    for at, need in enumerate(wanted):
        _need(at, need)
    for one in found.found.flags[:FLAGS]:
        key = found.found.keys.get(one.item_id, one.item_id)
        who = found.found.names.get(one.person_id, one.person_id)
        with _line(f"flag-{one.id}"):
            look.show(look.text("differ", f"{who} on {key}: {one.comment or 'flagged'}"))
            if st.button("History", key=f"flagged-{one.id}", type="tertiary"):
                st.switch_page("pages/item.py", query_params={"item": one.item_id})
            if "lead people" in RIGHTS[here.actor.role] and st.button(
                "Seen to", key=f"close-{one.id}", type="tertiary"
            ):
                store, project, actor = here
                close_flags(store, project, one.item_id, actor=actor, now=services.now())
                st.rerun()


def _need(at: int, need: Need) -> None:
    with _line(f"need-{at}"):
        look.show(look.text("need", need.text))
        if _there(need.page) and st.button(
            _NAMES.get(need.page, "Open"), key=f"go-{at}", type="tertiary"
        ):
            words = {"question": need.question} if need.question else {}
            st.switch_page(f"pages/{need.page}.py", query_params=words)


def _there(page: str) -> bool:
    return bool(page) and (_PAGES / f"{page}.py").is_file()


def _line(key: str) -> st.delta_generator.DeltaGenerator:
    return st.container(key=f"row-{key}", horizontal=True, vertical_alignment="center")


def steps(found: Overview, one: QuestionOverview) -> None:
    """The way of the items in one strip."""
    auto, audit = one.destinations.get("auto", 0), one.destinations.get("audit", 0)
    counts = [
        (found.items, "items", ""),
        (one.prelabelled, "pre-labelled", ""),
        (auto, "kept by the model", ""),
        (
            one.destinations.get("annotate", 0) + audit,
            "for people",
            f"{audit:,} of them to check the model" if audit else "",
        ),
        (one.answered, "answered", ""),
        (one.slots.get("open", 0), "answers waiting", _in_hand(one)),
    ]
    if strong := one.destinations.get("strong", 0):
        counts.insert(3, (strong, "for the stronger model", ""))
    if decided := one.statuses.get("adjudicated", 0):
        counts.append((decided, "decided by a lead", ""))
    if ambiguous := one.statuses.get("ambiguous", 0):
        counts.append((ambiguous, "ambiguous", ""))
    cells = "".join(
        f"<div><b>{count:,}</b><span>{name}</span><small>{note}</small></div>"
        for count, name, note in counts
    )
    look.show(f'<div class="steps">{cells}</div>')


def _in_hand(one: QuestionOverview) -> str:
    return f"{one.slots.get('leased', 0):,} more in hand"


def how_good(one: QuestionOverview) -> None:
    """Accuracy and agreement, a sentence each, and what must be known to read them."""
    sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in quality(one))
    notes = "".join(f'<p class="hint">{escape(note)}</p>' for note in one.agreement.notes)
    look.show(f'<ul class="told">{sentences}</ul>{notes if one.agreement.model.answers else ""}')


def differing(one: QuestionOverview, *, alone: bool) -> None:
    """The cells in which people and the model differ most often, each with a way to its items.

    alone: there is no other question.
    """
    cells = one.agreement.cells
    if not cells:
        return
    st.subheader("Where people and the model differ", anchor=False)
    total = sum(cell.items for cell in cells)
    for at, cell in enumerate(cells[:CELLS]):
        _cell(one, at, cell, total, {} if alone else {"question": one.question})
    if len(cells) > CELLS:
        rest = sum(cell.items for cell in cells[CELLS:])
        look.show(look.text("hint", f"{rest:,} more items in {len(cells) - CELLS:,} other cells."))


def _cell(one: QuestionOverview, at: int, cell: Cell, total: int, words: dict[str, str]) -> None:
    with _line(f"differ-{one.question}-{at}"):
        items = "1 item" if cell.items == 1 else f"{cell.items:,} items"
        look.show(
            f'<div class="differ"><b>{escape(cell.people)}</b> <i>say people; the model:</i> '
            f"<b>{escape(cell.model)}</b> <i>on {items}, {cell.items / total:.0%} of what "
            "differs</i></div>"
        )
        if _there("disagreements") and st.button(
            "Show them", key=f"differ-{one.question}-{at}", type="tertiary"
        ):
            st.switch_page(
                "pages/disagreements.py",
                query_params=words | {"people": cell.people, "model": cell.model},
            )


def finishing(found: Overview, project: Project) -> None:
    """What it takes and costs to finish, by question, and the money for the model."""
    st.subheader("To finish", anchor=False)
    named = len(found.questions) > 1
    lines = [
        (f"{one.question}: " if named else "") + to_finish(one, project) for one in found.questions
    ]
    body = "".join(f"<li>{escape(line)}</li>" for line in [*lines, on_the_model(found, project)])
    look.show(f'<ul class="told">{body}</ul>')
