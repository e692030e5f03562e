"""What a lead reads: variants that should not vote, who has answered, and the export."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from annotate.errors import AnnotateError
from annotate.exporters import EXPORTERS
from annotate.project import Project
from annotate.workflow.exporting import export as write
from annotate.workflow.exporting import preview
from annotate.workflow.validating import Validation, remedy
from app import doors, look, state
from app.services import Services
from app.state import Here


def unfit_variants(found: Validation, project: Project) -> None:
    """The variants that should not vote, and what to do; nothing where there are none."""
    if not found.flagged:
        return
    st.subheader("Variants that should not vote", anchor=False)
    rows = [
        (
            one.variant,
            one.verdict,
            f"{one.check.right.estimate:.0%} of {one.check.n:,}" if one.check.right else "",
            f"{one.check.chance:.0%}",
        )
        for one in found.flagged
    ]
    look.show(look.table(("variant", "verdict", "right", "by guessing"), rows))
    look.show(look.text("hint", remedy([found], project) or ""))


def people(rows: Sequence[Mapping[str, Any]]) -> None:
    """Who has answered how much."""
    if not rows:
        return
    st.subheader("People", anchor=False)
    body = [
        (row["name"], f"{row['answers']:,}", f"{row['skips']:,}", look.moment(row["last"]))
        for row in rows
    ]
    look.show(look.table(("name", "answers", "skipped", "last"), body))


def export(services: Services, here: Here) -> None:
    """Choose a format, see how its file begins, take it."""
    st.subheader("Export", anchor=False)
    store, project, actor = here
    name = st.selectbox(
        "Format",
        list(EXPORTERS),
        format_func=lambda n: f"{n} · {EXPORTERS[n].description}",
        width=640,
    )
    guard = "guard_formulas" in EXPORTERS[name].options

    cookies = state.cookies()

    def content() -> bytes:
        out = io.StringIO(newline="")
        with services.workspace.open() as own:  # this runs later, in a thread of its own
            now, who = services.now(), doors.known_visitor(services, own, cookies).person
            write(own, project, name, out, actor=who, now=now, guard_formulas=guard)
        return out.getvalue().encode()

    try:
        begins = preview(store, project, name, actor=actor, limit=3, guard_formulas=guard)
    except AnnotateError as error:
        st.error(look.message(str(error)))
        return
    if begins.strip():
        st.code(begins, language=None, wrap_lines=True)
    else:
        look.show(look.text("hint", "This file would be empty so far."))
    file_name = f"{project.project}.{name}{EXPORTERS[name].suffix}"
    st.download_button(f"Download {look.plain(file_name)}", content, file_name, on_click="ignore")
