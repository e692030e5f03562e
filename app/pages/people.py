"""Who works here, and adding somebody."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from annotate.model import Role
from annotate.people import add_person, person, require
from app import look, state
from app.services import Services


def page(services: Services) -> None:
    with look.told(), services.workspace.open() as store:
        actor = person(store, state.person_id())
        require(actor, "manage people")
        st.title("People")
        _add(services)
        rows = [(p.name, p.role, look.moment(p.created_at)) for p in store.people.all()]
        with st.container(width=560):
            look.show(look.table(("name", "role", "since"), rows))


def _add(services: Services) -> None:
    with st.form("add", clear_on_submit=True, width=560), look.told():
        name = st.text_input("Name", max_chars=64)
        role = st.segmented_control("Role", get_args(Role), default="annotator", required=True)
        if not st.form_submit_button("Add", type="primary"):
            return
        with services.workspace.open() as store:
            actor = person(store, state.person_id())
            added = add_person(store, name, role, actor=actor, now=services.now())
        st.success(look.message(f"{added.name} is here as {added.role}"))


if __name__ == "__main__":
    page(state.running())
