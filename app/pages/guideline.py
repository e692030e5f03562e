"""The guideline: read it, change it as versions, try a change, hear what the model proposes."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from annotate.people import require
from app import look, state
from app.controls import guideline, proposal, revision, versions
from app.controls.guideline import Desk
from app.services import Services

VIEWS: dict[str, Callable[[Desk], None]] = {
    "Read": guideline.read,
    "Edit": revision.draw,
    "History": versions.draw,
    "Proposals": proposal.draw,
}


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        require(here.actor, "edit projects")
        st.title("Guideline")
        path = services.workspace.project(here.project.project)[0]
        guideline.told_last()
        view = st.segmented_control(
            "View",
            list(VIEWS),
            default="Read",
            required=True,
            key="guideline-view",
            label_visibility="collapsed",
        )
        VIEWS[str(view)](Desk(services, here, path))


if __name__ == "__main__":
    page(state.running())
