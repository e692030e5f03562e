"""A page that shows what there is, and itself again once there is something newer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from app import look, state
from app.services import Services
from app.state import Here

LOOK_EVERY_S = 2.0


def until_newer(
    services: Services,
    at: datetime | None,
    newest: Callable[[Here], datetime | None],
    words: str,
) -> None:
    """Say `words` while what was made at `at` is shown, and show the page again when there is
    anything newer. at: None where nothing is made yet. newest: when what there is now was made."""
    st.fragment(_look_again, run_every=LOOK_EVERY_S)(services, at, newest, words)


def _look_again(
    services: Services,
    at: datetime | None,
    newest: Callable[[Here], datetime | None],
    words: str,
) -> None:
    with look.told(), state.opened(services) as here:
        made = newest(here)
        if made is not None and made != at:
            st.rerun()
        look.show(look.text("hint", words))
