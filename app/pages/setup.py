"""Set up: a new project from a data file, more items, who may work, backup."""

from __future__ import annotations

import streamlit as st

from annotate.people import RIGHTS, require
from app import look, state
from app.controls import bringing, jobs, keeping, opening
from app.controls.creating import halfway, new_project
from app.controls.filejobs import listed
from app.drafts import forget_old
from app.services import Services

HERE, NEW, BACKUP = "This project", "New project", "Backup"
PART, NEXT = "setup-part", "setup-next"
# the part that was looked at: a page that is left forgets what its own fields hold
LAST = "setup-part-last"


def page(services: Services) -> None:
    with look.told():
        with services.workspace.open() as store:
            actor = state.signed_in(services, store)
            require(actor, "create projects")
        st.title("Set up")
        forget_old(services.config.folder)
        found, _ = services.workspace.usable()
        parts = [*([HERE] if found else []), NEW]
        parts += [BACKUP] if found and "back up" in RIGHTS[actor.role] else []
        part = _part(parts, begun=halfway.resumed(services, actor) is not None)
        if part == NEW:
            _new(services)
        elif part == BACKUP:
            keeping.panel(services)
        else:
            _this(services)


def _part(parts: list[str], *, begun: bool) -> str:
    """begun: somebody who comes anew has a form to go on with."""
    first = st.session_state.get(LAST, NEW if begun else parts[0])
    wanted = st.session_state.pop(NEXT, st.session_state.get(PART, first))
    st.session_state[PART] = wanted if wanted in parts else parts[0]
    chosen = st.segmented_control(
        "What to set up", parts, required=True, key=PART, label_visibility="collapsed"
    )
    st.session_state[LAST] = chosen
    return str(chosen)


def _new(services: Services) -> None:
    with services.workspace.open() as store:
        actor = state.signed_in(services, store)
        made = new_project.form(services, store, actor)
    if made is not None:
        state.choose_project(made)
        st.session_state[NEXT] = HERE
        st.rerun()


def _this(services: Services) -> None:
    with state.opened(services) as here:
        bringing.news(here.project)
        st.subheader(look.plain(here.project.title), anchor=False)
        listed(services, here, ("import",))
        jobs.panel(services, here)
        with st.container(horizontal=True):
            st.page_link("pages/people.py", label="Invite people", icon=":material/group_add:")
            st.page_link("pages/progress.py", label="Where it stands", icon=":material/insights:")
            st.page_link("pages/export.py", label="Export", icon=":material/download:")
        bringing.more(services, here)
        opening.panel(services, here)


if __name__ == "__main__":
    page(state.running())
