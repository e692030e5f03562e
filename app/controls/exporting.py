"""The way out to a file: choose a format, see how it begins, take it, or have it made."""

from __future__ import annotations

import io

import streamlit as st

from annotate.errors import AnnotateError
from annotate.exporters import DIALECTS
from annotate.workflow.exporting import Request, file_name, preview
from annotate.workflow.exporting import export as write
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
        list(DIALECTS),
        format_func=lambda n: f"{n} · {DIALECTS[n].description}",
    )
    names = [question.name for question in project.questions]
    chosen = middle.selectbox("Questions", [ALL, *names]) if len(names) > 1 else ALL
    question = None if chosen == ALL else chosen
    passport = DIALECTS[name].passport and right.checkbox(
        "With passport", help="A column with where each row comes from."
    )
    request = Request(name, question=question, passport=passport)
    try:
        begins = preview(store, project, request, actor=actor, limit=3)
    except AnnotateError as error:
        st.error(look.message(str(error)))
        return
    texts = [begin.text for begin in begins.files if begin.records and begin.text]
    if texts:
        st.code("\n".join(texts), language=None, wrap_lines=True)
    else:
        look.show(look.text("hint", "This file would be empty so far."))
    if store.items.count(project.project) <= AT_ONCE_ITEMS:
        _take(services, here, request)
    else:
        _have_made(services, here, request)
    listed(services, here, ("export",))


def _take(services: Services, here: Here, request: Request) -> None:
    project, cookies = here.project, state.cookies()

    def content() -> bytes:
        out = io.BytesIO()
        with services.workspace.open() as own:  # this runs later, in a thread of its own
            now, who = services.now(), doors.known_visitor(services, own, cookies).person
            write(own, project, request, out, actor=who, now=now)
        return out.getvalue()

    name = file_name(project, request)
    st.download_button(f"Download {look.plain(name)}", content, name, on_click="ignore")


def _have_made(services: Services, here: Here, request: Request) -> None:
    if not st.button("Write the file", help="It goes on if you close the page."):
        return
    with look.told():
        enqueue(
            here.store,
            here.project,
            "export",
            request.to_json(),
            actor=here.actor,
            now=services.now(),
            new_id=services.new_id,
        )
        st.rerun()
