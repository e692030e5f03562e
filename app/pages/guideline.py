"""The guideline: read it, change it as versions, try a change, hear what the model proposes."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from annotate.people import require
from app import look, state
from app.controls.changes import guideline, proposal, revision, trial_jobs, versions
from app.controls.changes.guideline import Desk
from app.services import Services

VIEWS: dict[str, Callable[[Desk], None]] = {
    "Read": guideline.read,
    "Edit": revision.draw,
    "History": versions.draw,
    "Proposals": proposal.draw,
}

# the view that was looked at: a page that is left forgets what its own fields hold
LAST = "guideline-view-last"


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        require(here.actor, "edit projects")
        st.title("Guideline")
        path = services.workspace.project(here.project.project)[0]
        guideline.told_last()
        view = st.segmented_control(
            "View",
            list(VIEWS),
            default=st.session_state.get(LAST, "Read"),
            required=True,
            key="guideline-view",
            label_visibility="collapsed",
        )
        st.session_state[LAST] = view
        if view != "Edit":
            trial_jobs.under_way(services, here)
        VIEWS[str(view)](Desk(services, here, path))


if __name__ == "__main__":
    page(state.running())
