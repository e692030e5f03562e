"""The way out to a file: choose a format, see how it begins, take it, or have it made."""

from __future__ import annotations

import io

import streamlit as st

from annotate.errors import AnnotateError
from annotate.exporters import EXPORTERS
from annotate.workflow.exporting import export as write
from annotate.workflow.exporting import preview
from annotate.workflow.jobs import enqueue
from app import doors, look, state
from app.controls.filejobs import listed
from app.services import Services
from app.state import Here

AT_ONCE_ITEMS = 5_000
"""Up to so many the file is made while the browser waits; beyond, by a job, and on the disk."""

ALL = "all questions"


def panel(services: Services, here: Here) -> None:
    """Choose a format, see how its file begins, take it."""
    st.subheader("Export", anchor=False)
    store, project, actor = here
    left, middle, right = st.columns([5, 3, 2], vertical_alignment="bottom")
    name = left.selectbox(
        "Format",
        list(EXPORTERS),
        format_func=lambda n: f"{n} · {EXPORTERS[n].description}",
    )
    names = [question.name for question in project.questions]
    chosen = middle.selectbox("Questions", [ALL, *names]) if len(names) > 1 else ALL
    question = None if chosen == ALL else chosen
    history = right.checkbox("With history", help="A column with where each row comes from.")
    guard = "guard_formulas" in EXPORTERS[name].options
    try:
        begins = preview(
            store, project, name, actor=actor, limit=3, question=question, history=history,
            guard_formulas=guard,
        )  # fmt: skip
    except AnnotateError as error:
        st.error(look.message(str(error)))
        return
    if begins.strip():
        st.code(begins, language=None, wrap_lines=True)
    else:
        look.show(look.text("hint", "This file would be empty so far."))
    if store.items.count(project.project) <= AT_ONCE_ITEMS:
        _take(services, here, name, question, history=history, guard=guard)
    else:
        _have_made(services, here, name, question, history=history, guard=guard)
    listed(services, here, ("export",))


def _take(
    services: Services, here: Here, name: str, question: str | None, *, history: bool, guard: bool
) -> None:
    project, cookies = here.project, state.cookies()

    def content() -> bytes:
        out = io.StringIO(newline="")
        with services.workspace.open() as own:  # this runs later, in a thread of its own
            now, who = services.now(), doors.known_visitor(services, own, cookies).person
            write(
                own, project, name, out, actor=who, now=now, question=question, history=history,
                guard_formulas=guard,
            )  # fmt: skip
        return out.getvalue().encode()

    file_name = f"{project.project}.{name}{EXPORTERS[name].suffix}"
    st.download_button(f"Download {look.plain(file_name)}", content, file_name, on_click="ignore")


def _have_made(
    services: Services, here: Here, name: str, question: str | None, *, history: bool, guard: bool
) -> None:
    if not st.button("Write the file", help="It goes on if you close the page."):
        return
    with look.told():
        enqueue(
            here.store,
            here.project,
            "export",
            {"format": name, "question": question, "history": history, "guard_formulas": guard},
            actor=here.actor,
            now=services.now(),
            new_id=services.new_id,
        )
        st.rerun()
