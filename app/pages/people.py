"""Who works here: inviting somebody, and what each may do."""

from __future__ import annotations

import secrets
from typing import get_args
from urllib.parse import urlsplit

import streamlit as st

from annotate.accounts import deactivate, reactivate, set_email, set_role
from annotate.clock import iso
from annotate.invites import GOOD_FOR, invite, new_code, password_reset
from annotate.model import Account, Person, Role
from annotate.people import RIGHTS, add_person, require
from annotate.sessions import sign_out_everywhere
from annotate.store import Store
from app import look, state
from app.doors import locked
from app.doors.oidc import providers
from app.services import Services


def page(services: Services) -> None:
    with look.told(), services.workspace.open() as store:
        actor = state.signed_in(services, store)
        require(actor, "invite")
        st.title("People")
        manages = "manage people" in RIGHTS[actor.role]
        if locked(services, store):
            _invite(services, store, actor)
        elif manages:
            _add(services, store, actor)
        everybody = store.accounts.all()
        _table(services, store, everybody)
        if manages:
            _change(services, store, everybody, actor)


def _add(services: Services, store: Store, actor: Person) -> None:
    with st.form("add", clear_on_submit=True, width=560), look.told():
        name = st.text_input("Name", max_chars=64)
        role = st.segmented_control("Role", get_args(Role), default="annotator", required=True)
        if st.form_submit_button("Add", type="primary"):
            added = add_person(store, name, role, actor=actor, now=services.now())
            st.success(look.message(f"{added.name} is here as {added.role}"))


def _invite(services: Services, store: Store, actor: Person) -> None:
    roles = [role for role in get_args(Role) if RIGHTS[role] <= RIGHTS[actor.role]]
    with st.form("invite", width=560), look.told():
        role = st.segmented_control("Invite somebody as", roles, default="annotator", required=True)
        email = ""
        if providers(services.config.folder):
            email = st.text_input("E-mail, where they sign in through your organisation")
        if st.form_submit_button("Make a link", type="primary"):
            code = new_code(secrets.randbelow)
            invite(store, role, code=code, actor=actor, now=services.now(), email=email)
            _show_code(code, f"Whoever opens this link first joins as {role}")


def _show_code(code: str, what: str) -> None:
    """The only time anybody sees it: the database has its digest."""
    here = urlsplit(str(st.context.url or ""))
    st.code(f"{here.scheme}://{here.netloc}/join#{code}", language=None, wrap_lines=True)
    look.show(
        look.text(
            "hint",
            f"{what}, within {GOOD_FOR.days} days. It is shown only now: copy it. The code "
            "behind the # can be typed at /join as well.",
        )
    )


def _table(services: Services, store: Store, everybody: list[Account]) -> None:
    now = services.now()
    idle_since = services.config.doors.lifetime.idle_since(now)
    live = store.sessions.live_of(now=iso(now), idle_since=idle_since)
    rows = [
        (
            one.person.name,
            one.person.role,
            _comes_in(one),
            str(live.get(one.person.id, "")),
            look.moment(one.person.created_at),
        )
        for one in everybody
    ]
    with st.container(width=760):
        look.show(look.table(("name", "role", "comes in", "signed in", "since"), rows))


def _comes_in(one: Account) -> str:
    if not one.active:
        return "no longer"
    ways = [*(["password"] if one.password else []), *([one.email] if one.email else [])]
    return ", ".join(ways) or "no password yet"


def _change(services: Services, store: Store, everybody: list[Account], actor: Person) -> None:
    st.subheader("Change", anchor=False)
    known = {one.person.id: one for one in everybody}
    chosen_id = st.selectbox(
        "Person",
        list(known),
        index=None,
        format_func=lambda person_id: known[person_id].person.name,
        placeholder="Choose somebody",
        width=360,
    )
    if chosen_id is None:
        return
    chosen = known[chosen_id]
    person, key = chosen.person, chosen.person.id
    with look.told(), st.container(horizontal=True, vertical_alignment="bottom", width=760):
        role = st.segmented_control(
            "Role", get_args(Role), default=person.role, required=True, key=f"role-{key}"
        )
        if role != person.role and st.button("Save role", type="primary", key=f"save-{key}"):
            set_role(store, person, role, actor=actor, now=services.now())
            st.rerun()
    if providers(services.config.folder):
        _address(store, chosen, actor)
    _actions(services, store, chosen, actor)


def _address(store: Store, chosen: Account, actor: Person) -> None:
    key = chosen.person.id
    with look.told(), st.container(horizontal=True, vertical_alignment="bottom", width=560):
        email = st.text_input("E-mail", chosen.email or "", key=f"email-{key}")
        if email != (chosen.email or "") and st.button("Save e-mail", key=f"save-email-{key}"):
            set_email(store, chosen.person, email, actor=actor)
            st.rerun()


def _actions(services: Services, store: Store, chosen: Account, actor: Person) -> None:
    person, key, now = chosen.person, chosen.person.id, services.now()
    with st.container(horizontal=True):
        code = chosen.active and st.button("New password by code", key=f"reset-{key}")
        out = st.button("Sign out everywhere", key=f"out-{key}")
        off = chosen.active and st.button("Deactivate", key=f"off-{key}")
        on = not chosen.active and st.button("Let in again", key=f"on-{key}")
    with look.told():
        if code:
            _reset(services, store, person, actor)
        if out:
            sign_out_everywhere(store, person.id, actor=actor, now=now)
        if off:
            deactivate(store, person, actor=actor, now=now)
        if on:
            reactivate(store, person, actor=actor)
        if out or off or on:
            st.rerun()


def _reset(services: Services, store: Store, person: Person, actor: Person) -> None:
    code = new_code(secrets.randbelow)
    password_reset(store, person, code=code, actor=actor, now=services.now())
    _show_code(code, f"Whoever opens this link first sets {person.name}'s password")


if __name__ == "__main__":
    page(state.running())
