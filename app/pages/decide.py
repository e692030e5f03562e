"""Where a lead decides what people differ on: the cases, which save by themselves."""

from __future__ import annotations

import streamlit as st

from annotate.people import require
from app import look, state
from app.screen import deciding
from app.services import Services

GUIDELINE = "/guideline"


def page(services: Services) -> None:
    """The address may name an item and a question: `?item=ID&question=NAME`."""
    with look.told(), state.opened(services) as here:
        require(here.actor, "adjudicate")
        token = state.page_token(services, here)
        asked = st.query_params
        deciding.court(
            here.project,
            here.actor,
            token=token,
            locale=st.context.locale,
            question=asked.get("question"),
            item=asked.get("item"),
            edit=GUIDELINE,
        )


if __name__ == "__main__":
    page(state.running())
