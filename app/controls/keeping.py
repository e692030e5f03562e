"""A backup of the whole workspace, made by a job while people work."""

from __future__ import annotations

import streamlit as st

from annotate.people import require
from annotate.workflow.projects.backing_up import NOT_IN_IT
from annotate.workflow.projects.jobs import enqueue
from app import look, state
from app.controls.filejobs import listed
from app.services import Services

WHAT = (
    "Every project of this workspace: the database as of one moment, and the project files, in one "
    "zip that checks itself. Nobody has to stop working."
)


def panel(services: Services) -> None:
    """Queue a backup, watch it, take it."""
    with state.opened(services) as here:
        require(here.actor, "back up")
        st.subheader("Backup of the whole workspace", anchor=False)
        look.show(look.text("hint", f"{WHAT}\n{NOT_IN_IT}"))
        if st.button("Make a backup", type="primary"):
            enqueue(
                here.store, here.project, "backup", {}, actor=here.actor, now=services.now(),
                new_id=services.new_id,
            )  # fmt: skip
        listed(services, here, ("backup",))
        look.show(look.text("hint", "To put one back:"))
        st.code("coannotate restore FILE.zip --dir NEW-FOLDER", language=None)
