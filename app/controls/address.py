"""The project in a page's address: a link that is sent to somebody opens what it was made of."""

from __future__ import annotations

import streamlit as st

from app import state
from app.services import Services
from app.state import Here

NAME, SHOWN = "project", "project-in-address"


def project(services: Services, here: Here) -> None:
    """Change to the project that the address names, where somebody has just opened it; else write
    the present one there. A folder with one project needs neither."""
    found, _ = services.workspace.usable()
    if len(found) < 2:
        return
    asked, present = st.query_params.get(NAME, ""), here.project.project
    opened = asked != st.session_state.get(SHOWN)
    if opened and asked in found and asked != present:
        st.session_state[SHOWN] = asked
        state.choose_project(asked)
        st.rerun()
    st.session_state[SHOWN] = present
    st.query_params[NAME] = present
