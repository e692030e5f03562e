"""Say who you are: pick a name, or be the first. Stands in for every page until then."""

from __future__ import annotations

import streamlit as st

from annotate.people import add_person, operator
from app import look, state
from app.services import Services


def page(services: Services) -> None:
    with look.told(), st.container(key="narrow", width=420):
        with services.workspace.open() as store:
            people = store.people.all()
        st.title("Who are you?" if people else "Welcome")
        look.show(look.text("hint", state.NO_ACCOUNTS))
        if not people:
            _first(services)
        for person in people:
            st.button(
                f"{look.plain(person.name)} :gray[:small[{person.role}]]",
                key=f"person-{person.id}",
                on_click=state.sign_in,
                args=(person,),
                width="stretch",
            )


def _first(services: Services) -> None:
    """The first person of a workspace is its admin."""
    with st.form("first", border=False):
        name = st.text_input("Your name", max_chars=64)
        if not st.form_submit_button("Start", type="primary"):
            return
    now = services.now()
    with services.workspace.open() as store:
        state.sign_in(add_person(store, name, "admin", actor=operator(now), now=now))
    st.rerun()
