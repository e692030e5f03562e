"""A new project's form that is put down half-way: it is there as it was left, until discarded."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.model import Person
from annotate.project.secret import looks_secret
from app import drafts, look
from app.controls.creating.datafile import Chosen, Kept
from app.controls.creating.looking import FILE_NUMBER
from app.drafts import Draft
from app.services import Services

HELD = "setup-draft"
ALIKE_FOR_ALL = ("setup-budget", "setup-people")
"""Fields of the form whose keys do not name the file. Those of the model: MODEL."""

MODEL = (
    "setup-model",
    "setup-url",
    "setup-model-name",
    "setup-key-env",
    "setup-in",
    "setup-out",
    "setup-longest",
    "setup-cap",
)


def resumed(services: Services, actor: Person) -> Draft | None:
    """What this person has begun, with every field that is not drawn put back as it was left.

    Read from the disk once in a session: then the session knows it better.
    """
    if HELD not in st.session_state:
        st.session_state[HELD] = drafts.load(services.config.folder, actor)
    draft: Draft | None = st.session_state[HELD]
    if draft is None or not draft.path.is_file():
        return None
    for key, value in draft.values.items():
        if key not in st.session_state:
            st.session_state[key] = value
    return draft


def told(services: Services, actor: Person, draft: Draft) -> Kept:
    """Say what goes on, and how to be rid of it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        kept = "what you fill in is kept until the project is made"
        look.show(look.text("told", f"{draft.name}: {kept}."))
        with st.popover("Discard", icon=":material/delete:"):
            look.show(look.text("hint", "The file and all that is filled in are deleted."))
            st.button("Discard it", type="primary", on_click=forget, args=(services, actor))
    return Kept(draft.upload, draft.path, draft.name)


def keep(services: Services, actor: Person, chosen: Chosen) -> None:
    """Keep what the form holds now."""
    old: Draft | None = st.session_state.get(HELD)
    before = old.values if old is not None and old.upload == chosen.upload else {}
    values = {**before, **_filled_in(chosen.upload)}
    if old is not None and values == old.values and old.upload == chosen.upload:
        return
    draft = Draft(upload=chosen.upload, name=chosen.file.name, path=chosen.file.path, values=values)
    drafts.keep(services.config.folder, actor, draft)
    st.session_state[HELD] = draft


def forget(services: Services, actor: Person, *, file: bool = True) -> None:
    """Begin with an empty form. file: the data file goes too."""
    drafts.discard(services.config.folder, actor, file=file)
    draft: Draft | None = st.session_state.get(HELD)
    for key in draft.values if draft is not None else ():
        st.session_state.pop(key, None)
    st.session_state[HELD] = None
    st.session_state[FILE_NUMBER] = st.session_state.get(FILE_NUMBER, 0) + 1


def _filled_in(upload: str) -> dict[str, Any]:
    """Every field of the form; never what may be a key."""
    return {
        str(key): value
        for key, value in st.session_state.items()
        if (upload in str(key) or key in ALIKE_FOR_ALL or key in MODEL)
        and not (isinstance(value, str) and key in MODEL and looks_secret(value))
    }
