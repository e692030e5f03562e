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
    compared_soon,
    listed,
)
from annotate.workflow.agreement.grids import Grid
from annotate.workflow.disagreement.chosen import Filters
from annotate.workflow.projects.keeping import Kept
from app import look
from app.controls import address, freshness
from app.controls.quality import confusion, differing
from app.services import Services
from app.state import Here

PICKED = "cell"
SIDES = {MODEL: "People and the model", PEOPLE: "Between people"}


def draw(services: Services, here: Here, question: QuestionSettings, chosen: Filters) -> None:
    """Both sides of what the filters leave, and the items of the cell that is chosen. Raises
    NotMadeYet."""
    if not comparable(question):
        return
    kept = _kept(services, here, question, chosen)
    found, picked = kept.value, _picked(question, kept.value)
    columns = st.columns(2, gap="large")
    for column, (who, title) in zip(columns, SIDES.items(), strict=True):
        with column:
            st.subheader(title, anchor=False)
            _side(found.side(who), question, picked)
    for note in found.notes:
        look.show(look.text("hint", note))
    if not kept.current:
        words = f"Counted at {kept.at:%H:%M:%S} UTC, and again once a minute while people answer."
        freshness.until_newer(
            services,
            kept.at,
            lambda here: _kept(services, here, question, chosen).at,
            words,
        )
    if picked is not None:
        with look.told():
            _items(here, question, found, picked, chosen)


def _kept(
    services: Services, here: Here, question: QuestionSettings, chosen: Filters
) -> Kept[Compared]:
    store, project, actor = here
    opened, now = services.workspace.open, services.now()
    return compared_soon(store, project, question, chosen, open_store=opened, actor=actor, now=now)


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


def _picked(question: QuestionSettings, found: Compared) -> tuple[str, ...] | None:
    """(who, grid, row, column) that was clicked of this question; none where other filters have
    made other tables."""
    kept: tuple[str, ...] = st.session_state.get(PICKED, ())
    if not kept or kept[0] != question.name:
        return None
    _, who, name, row, column = kept
    there = (one for one in found.side(who).grids if one.name == name)
    if any(row in grid.rows and column in grid.columns for grid in there):
        return kept[1:]
    st.session_state.pop(PICKED)
    return None


def _items(
    here: Here,
    question: QuestionSettings,
    found: Compared,
    picked: tuple[str, ...],
    filters: Filters,
) -> None:
    who, name, row, column = picked
    side = found.side(who)
    places = side.in_cell(name, row, column)
    grid = next(one for one in side.grids if one.name == name)
    what = f"{row} and {column}" if len(grid.rows) > 1 else column
    title = f"{f'{grid.title}: ' if grid.title else ''}{what}, {SIDES[who].lower()}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(look.plain(title), anchor=False)
        st.button("Close", on_click=lambda: st.session_state.pop(PICKED, None), type="tertiary")
    shown = listed(here.store, here.project, question, places, actor=here.actor)
    for one in shown:
        if differing.row(one, "compared-", asked=one.machine is not None):
            way = address.of_item(one.item.id, question.name, filters)
            st.switch_page("pages/item.py", query_params=way)
    if len(places) > len(shown):
        look.show(look.text("hint", f"The first {MOST_LISTED} of {len(places):,} items."))
