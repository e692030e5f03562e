"""A look at a new project before it is made: what comes in, what is sent, what it costs."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from annotate.errors import AnnotateError, InvalidProject
from annotate.hashing import digest
from annotate.model import Person
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.projects.creating import Choices, create, draft, refuse_taken
from annotate.workflow.projects.rehearsing import Asked, Rehearsal
from app import look
from app.controls.bringing import bring
from app.controls.creating import datafile
from app.controls.creating.datafile import Chosen
from app.datafiles import told_more
from app.rehearsal import plan_line, rehearsed, rows_line
from app.services import Services

FILE_NUMBER = "setup-file-number"
LOOKED = "setup-looked"


class Seen(NamedTuple):
    """What a look gave. mark: of the choices and the file that it was a look at."""

    mark: str
    text: str
    project: Project
    found: Rehearsal


def look_and_make(
    services: Services, store: Store, actor: Person, chosen: Chosen, choices: Choices
) -> str | None:
    """The name of the project, once it is made: a look comes first, at exactly what is made."""
    seen: Seen | None = st.session_state.get(LOOKED)
    read = (chosen.file.encoding, chosen.file.delimiter or "", chosen.file.format or "")
    mark = digest(choices.said(), chosen.upload, *read)
    current = seen is not None and seen.mark == mark
    if st.button("Check, and show prompts and cost", type="secondary" if current else "primary"):
        seen = _checked(services, store, actor, chosen, choices, mark)
        if seen is not None:
            st.session_state[LOOKED] = seen
            st.rerun()
    if seen is None or not current:
        look.show(look.text("hint", "Nothing is written or sent by a look."))
        return None
    _show(seen)
    if not st.button("Create the project", type="primary"):
        return None
    with look.told():
        _, project = create(services.workspace, store, choices, actor=actor, now=services.now())
        del st.session_state[LOOKED]
        bring(services, store, project, chosen.file, actor=actor)
        return project.project
    return None


def _checked(
    services: Services,
    store: Store,
    actor: Person,
    chosen: Chosen,
    choices: Choices,
    mark: str,
) -> Seen | None:
    """What a look gives; None where something is wrong, which is told then."""
    try:
        text, project = draft(services.config.folder, choices, actor=actor)
        refuse_taken(services.workspace, store, project.project)
        with st.spinner("Looking at the first rows…"):
            found = rehearsed(services, store, project, chosen.file, actor=actor)
    except InvalidProject as error:
        mistakes(error)
        return None
    except AnnotateError as error:
        st.error(look.message(str(error)))
        return None
    return Seen(mark, text, project, found)


def mistakes(error: InvalidProject) -> None:
    """Everything that is wrong with a project that is not a file yet."""
    told = [f"{one.key}: {one.rule}. {one.remedy}" for one in error.problems]
    count = "One thing is" if len(told) == 1 else f"{len(told)} things are"
    st.error(look.message("\n".join([f"{count} not right yet:", *told])))


def _show(seen: Seen) -> None:
    _, text, project, found = seen
    look.show(look.text("told", rows_line(found)))
    for line in told_more(found.report):
        look.show(look.text("told", line))
    if found.report.first_rejects:
        with st.expander("Rows that are left out: the first ones"):
            datafile.left_out(found.report.first_rejects)
    for asked in found.asked:
        _show_asked(asked, several=len(found.asked) > 1)
    with st.expander(f"The project file, {project.project}.task.yaml: yours to change later"):
        st.code(text, language="yaml")


def _show_asked(asked: Asked, *, several: bool) -> None:
    title = f"{asked.question}: " if several else ""
    if asked.why:
        look.show(look.text("hint", f"{title}{asked.why}."))
    for plan in asked.plans:
        look.show(look.text("told", f"{title}{plan_line(plan)}"))
    if asked.plans and not asked.prompts:
        look.show(look.text("hint", "Nothing is sent to anybody: it is part of this program."))
    for at, (_, calls) in enumerate(asked.prompts, 1):
        with st.expander(f"{look.plain(title)}What is sent about item {at}: {len(calls)} calls"):
            for call in calls:
                look.show(look.text("field-name", call.variant))
                said = (f"[{one.role}]\n{one.content}" for one in call.prompt.messages)
                st.code("\n\n".join(said), language=None, wrap_lines=True)
