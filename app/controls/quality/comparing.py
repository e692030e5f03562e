"""Answers without one set of classes: what differs and how far, with the items behind each cell."""

from __future__ import annotations

import streamlit as st

from annotate.questions import QuestionSettings
from annotate.workflow.agreement.comparing import (
    MODEL,
    MOST_LISTED,
    PEOPLE,
    Compared,
    Side,
    comparable,
    compared,
    listed,
)
from annotate.workflow.agreement.grids import Grid
from annotate.workflow.disagreement.chosen import Filters
from app import look
from app.controls import address
from app.controls.quality import confusion, differing
from app.state import Here

KEPT, PICKED = "compared", "cell"
SIDES = {MODEL: "People and the model", PEOPLE: "Between people"}


def draw(here: Here, question: QuestionSettings) -> None:
    """Both sides, and the items of the cell that is chosen. Filters of the page do not count."""
    if not comparable(question):
        return
    found = _compared(here, question)
    picked = _picked(question)
    columns = st.columns(2, gap="large")
    for column, (who, title) in zip(columns, SIDES.items(), strict=True):
        with column:
            st.subheader(title, anchor=False)
            _side(found.side(who), question, picked)
    if found.share < 1:
        told = f"Of {found.share:.0%} of the items, drawn by chance: more change little."
        look.show(look.text("hint", told))
    if picked is not None:
        with look.told():
            _items(here, question, found, picked)


def _side(side: Side, question: QuestionSettings, picked: tuple[str, ...] | None) -> None:
    if not side.items:
        who = "people and the model" if side.who == MODEL else "two people"
        look.show(look.text("hint", f"No item here that {who} have answered."))
        return
    items = "1 item" if side.items == 1 else f"{side.items:,} items"
    told = f"{items}; one with several answers may stand in several cells. Choose a number to see"
    look.show(look.text("hint", f"{told} its items."))
    for at, grid in enumerate(side.grids):
        if grid.title:
            look.show(look.text("field-name", grid.title))
        if grid.note:
            look.show(look.text("line", grid.note))
        _grid(side.who, at, grid, question, picked)


def _grid(
    who: str, at: int, grid: Grid, question: QuestionSettings, picked: tuple[str, ...] | None
) -> None:
    def choose(row: str, column: str) -> None:
        if row or column:
            st.session_state[PICKED] = (question.name, who, grid.name, row, column)
        else:
            st.session_state.pop(PICKED, None)

    chosen = picked[2:] if picked is not None and picked[:2] == (who, grid.name) else ("", "")
    confusion.grid(
        confusion.Cells(
            grid.rows,
            grid.columns,
            grid.counts,
            grid.alike,
            range(len(grid.rows)),
            range(len(grid.columns)),
        ),
        name=f"compared-{who}-{at}",
        heads=grid.heads,
        chosen=(chosen[0], chosen[1]),
        choose=choose,
    )


def _picked(question: QuestionSettings) -> tuple[str, ...] | None:
    """(who, grid, row, column) that was clicked of this question."""
    found: tuple[str, ...] = st.session_state.get(PICKED, ())
    return found[1:] if found and found[0] == question.name else None


def _items(
    here: Here, question: QuestionSettings, found: Compared, picked: tuple[str, ...]
) -> None:
    who, name, row, column = picked
    side = found.side(who)
    ids = side.in_cell(name, row, column)
    grid = next(one for one in side.grids if one.name == name)
    what = f"{row} and {column}" if len(grid.rows) > 1 else column
    title = f"{f'{grid.title}: ' if grid.title else ''}{what}, {SIDES[who].lower()}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(look.plain(title), anchor=False)
        st.button("Close", on_click=lambda: st.session_state.pop(PICKED, None), type="tertiary")
    shown = listed(here.store, here.project, question, ids, actor=here.actor)
    for one in shown:
        if differing.row(one, "compared-"):
            way = address.of_item(one.item.id, question.name, Filters())
            st.switch_page("pages/item.py", query_params=way)
    if len(ids) > len(shown):
        look.show(look.text("hint", f"The first {MOST_LISTED} of {len(ids):,} items."))


def _compared(here: Here, question: QuestionSettings) -> Compared:
    """Reckoned anew when something was said since; texts that are far apart take a second."""
    name = here.project.project
    at = (name, question, here.store.projects.data_version(name))
    kept = st.session_state.get(KEPT)
    if kept is None or kept[0] != at:
        found = compared(here.store, here.project, question, actor=here.actor)
        kept = st.session_state[KEPT] = (at, found)
    result: Compared = kept[1]
    return result
