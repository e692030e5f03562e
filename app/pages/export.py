"""Export: training data in the dialect of its trainer, seen before it is taken; and snapshots."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from annotate.people import require
from app import look, state
from app.controls import address
from app.controls.exports import choice as export_choice
from app.controls.exports import snapshots
from app.controls.exports import taking as export_taking
from app.services import Services
from app.state import Here


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        require(here.actor, "export")
        address.project(services, here)
        st.title("Export")
        part = st.segmented_control(
            "What to do", list(PARTS), default=next(iter(PARTS)), required=True, key="part",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        PARTS[str(part)](services, here)


def _one(services: Services, here: Here) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        request = export_choice.request(here)
    with right, look.told():
        export_taking.panel(services, here, request)


PARTS: dict[str, Callable[[Services, Here], None]] = {
    "One export": _one,
    "Snapshots": snapshots.panel,
}


if __name__ == "__main__":
    page(state.running())
