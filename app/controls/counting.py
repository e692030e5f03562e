"""Figures that a page does not wait for: those there are, and newer ones as they come."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from annotate.workflow.projects.keeping import Kept
from annotate.workflow.projects.overview import Overview, overview_at_once
from app import look, state
from app.services import Services
from app.state import Here

LOOK_EVERY_S = 2.0


def figures(services: Services, here: Here) -> Kept[Overview] | None:
    """What a page shows; None where it is still to be made. Says of when it is, and shows the page
    again once there are newer figures. Raises NotAllowed."""
    kept = _kept(services, here)
    if kept is None:
        st.fragment(_until_newer, run_every=LOOK_EVERY_S)(services, None)
    elif not kept.current:
        st.fragment(_until_newer, run_every=LOOK_EVERY_S)(services, kept.at)
    return kept


def _kept(services: Services, here: Here) -> Kept[Overview] | None:
    store, project, actor = here
    opened, now = services.workspace.open, services.now()
    return overview_at_once(store, project, open_store=opened, actor=actor, now=now)


def _until_newer(services: Services, at: datetime | None) -> None:
    with look.told(), state.opened(services) as here:
        kept = _kept(services, here)
        if kept is not None and kept.at != at:
            st.rerun()
        if at is None:
            count = here.store.items.next_position(here.project.project)
            look.show(look.text("hint", f"Counting what was said of {count:,} items …"))
            return
        words = f"Figures of {at:%H:%M:%S} UTC: newer ones are counted once a minute."
        look.show(look.text("hint", words))
