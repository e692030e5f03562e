"""Where people answer: the desk, which saves by itself."""

from __future__ import annotations

import streamlit as st

from annotate.people import require
from app import look, screen, state
from app.controls import address
from app.services import Services


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        require(here.actor, "label")
        address.project(services, here)  # a reload must not lead into another project
        token = state.page_token(services, here)
        screen.desk(here.project, here.actor, token=token, locale=st.context.locale)


if __name__ == "__main__":
    page(state.running())
