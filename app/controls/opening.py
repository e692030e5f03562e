"""Whether people may work on a project: open, paused or frozen, with a reason that they see."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from annotate.store.openings import Opening
from annotate.workflow.projects.opening import LONGEST_REASON, opening, set_opening
from app import look
from app.services import Services
from app.state import Here

MEANS: dict[Opening, str] = {
    "open": "People get items.",
    "paused": "Nothing new is given out; what is in hand can be answered.",
    "frozen": "No answer is taken, and none can be changed.",
}


def panel(services: Services, here: Here) -> None:
    """How the project stands, since when and why; and the way to change it."""
    st.subheader("Open, paused or frozen", anchor=False)
    last = opening(here.store, here.project)
    now: Opening = "open" if last is None else last.state
    since = ""
    if last is not None:
        why = f": {last.reason}" if last.reason else ""
        since = f" Since {look.moment(last.created_at)}, by {last.person}{why}"
    look.show(look.text("hint", f"It is {now}. {MEANS[now]}{since}"))
    with st.container(horizontal=True, vertical_alignment="bottom", width=820), look.told():
        wanted = st.segmented_control(
            "Set it to", get_args(Opening), default=now, required=True, key=f"opening-{now}"
        )
        reason = st.text_input(
            "Why; people are shown it", max_chars=LONGEST_REASON, key=f"opening-why-{now}"
        )
        if wanted != now and st.button(f"Set to {wanted}", type="primary"):
            set_opening(
                here.store,
                here.project,
                wanted,
                actor=here.actor,
                now=services.now(),
                reason=str(reason).strip() or None,
            )
            st.rerun()
    if wanted != now:
        look.show(look.text("hint", MEANS[wanted]))
