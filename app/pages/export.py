"""Export: training data in the dialect of its trainer, seen before it is taken; and snapshots."""

from __future__ import annotations

import streamlit as st

from annotate.people import require
from app import look, state
from app.controls import address, export_choice, export_taking
from app.services import Services


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        require(here.actor, "export")
        address.project(services, here)
        st.title("Export")
        left, right = st.columns([2, 3], gap="large")
        with left:
            request = export_choice.request(here)
        with right, look.told():
            export_taking.panel(services, here, request)


if __name__ == "__main__":
    page(state.running())
