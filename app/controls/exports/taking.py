"""The way to the file: a download where it is soon made, a job where it takes long."""

from __future__ import annotations

import io

import streamlit as st

from annotate.exporters import DIALECTS
from annotate.people import require
from annotate.workflow.consensus.consenting import made_up
from annotate.workflow.exports.exporting import Request, export, file_name, preview
from annotate.workflow.projects.jobs import enqueue, watch
from app import doors, look, state
from app.cli.export_words import command
from app.controls.exports import found
from app.controls.filejobs import ACTIVE, listed
from app.exported import AT_ONCE_ITEMS, COUNTS, Counted, report_of, version_of
from app.services import Services
from app.state import Here

ROWS = 3
KINDS = ("export", "count")
STALE = "Counted before the newest answers came in: count again."
TERMINAL = (
    "The same file, made in a terminal in the workspace's folder; it takes the place of a file of "
    "that name:"
)
GOES_ON = "It goes on when you close the page."


def panel(services: Services, here: Here, request: Request) -> None:
    """What the chosen export comes to, and the file."""
    require(here.actor, "export")
    # first rows are as they will be written: the export makes it up as well
    made_up(here.store, here.project, here.project.questions, actor=here.actor, now=services.now())
    counted: Counted | None
    if here.store.items.count(here.project.project) <= AT_ONCE_ITEMS:
        with st.spinner("Counting…"):
            counted = COUNTS.get(
                services.config.folder, here.store, here.project, request, actor=here.actor
            )
        found.numbers(counted.report, several=_several(request))
        _take(services, here, request, empty=not counted.report.rows)
    else:
        counted = _by_jobs(services, here, request)
    listed(services, here, KINDS)
    begins = preview(here.store, here.project, request, actor=here.actor, limit=ROWS)
    found.first_rows(begins)
    if counted is not None:
        found.left_out(here, counted)
        found.lengths(counted.report, name=f"{here.project.project}-lengths")
        found.moved(counted.report.moved)
        found.promises(counted.report)
    _in_a_terminal(services, here, request)


def _take(services: Services, here: Here, request: Request, *, empty: bool) -> None:
    project, cookies = here.project, state.cookies()

    def content() -> bytes:
        out = io.BytesIO()
        with services.workspace.open() as own:  # this runs later, in a thread of its own
            now, who = services.now(), doors.known_visitor(services, own, cookies).person
            export(own, project, request, out, actor=who, now=now)
        return out.getvalue()

    name = file_name(project, request)
    st.download_button(
        f"Download {look.plain(name)}",
        content,
        name,
        on_click="ignore",
        type="primary",
        disabled=empty,
        help="There is no row to take yet." if empty else None,
        icon=":material/download:",
    )


def _by_jobs(services: Services, here: Here, request: Request) -> Counted | None:
    """Two buttons, and what the last job counted of exactly this export."""
    store, project, actor = here
    views = watch(store, project, actor=actor, now=services.now(), kinds=KINDS, limit=100)
    jobs = [view.job for view in views]
    counted = report_of(services.config.folder, jobs, request)
    if counted is not None:
        found.numbers(counted.report, several=_several(request))
        if counted.version != version_of(store, project):
            look.show(look.text("hint", STALE))
    settings = request.to_json()
    busy = any(job.state in ACTIVE and job.settings == settings for job in jobs)
    with st.container(horizontal=True):
        for kind, label, look_of in (
            ("export", "Write the file", "primary"),
            ("count", "Count first", "secondary"),
        ):
            if st.button(label, type=look_of, disabled=busy, help=GOES_ON):  # type: ignore[arg-type]
                enqueue(
                    store, project, kind, settings, actor=actor, now=services.now(),
                    new_id=services.new_id,
                )  # fmt: skip
                st.rerun()
    return counted


def _several(request: Request) -> bool:
    return bool(DIALECTS[request.dialect].parts)


def _in_a_terminal(services: Services, here: Here, request: Request) -> None:
    several = len(services.workspace.usable()[0]) > 1
    name = here.project.project
    line = command(request, file_name(here.project, request), project=name if several else None)
    look.show(look.text("hint", TERMINAL))
    st.code(line, language=None, wrap_lines=True)
