"""What a page's address holds: a link that is sent to somebody opens what it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from annotate.workflow.disagreement.chosen import Filters, filters_from
from app import state
from app.services import Services
from app.state import Here

LIST = "list"
NAME, SHOWN = "project", "project-in-address"


def project(services: Services, here: Here) -> None:
    """Change to the project that the address names, where somebody has just opened it; else write
    the present one there. A folder with one project needs neither."""
    found, _ = services.workspace.usable()
    if len(found) < 2:
        return
    asked, present = st.query_params.get(NAME, ""), here.project.project
    opened = asked != st.session_state.get(SHOWN)
    if opened and asked in found and asked != present:
        st.session_state[SHOWN] = asked
        state.choose_project(asked)
        st.rerun()
    st.session_state[SHOWN] = present
    st.query_params[NAME] = present


def of_item(item_id: str, question: str, chosen: Filters) -> dict[str, str]:
    """The address of an item's page, with the list it is in as one word.

    >>> of_item("x", "mail", Filters(people="spam"))
    {'item': 'x', 'list': 'question=mail&people=spam'}
    """
    return {"item": item_id, LIST: urlencode({"question": question, **chosen.words()})}


def list_of(names: Mapping[str, str]) -> tuple[str, Filters]:
    """The question, empty where none is named, and the filters of the list in such an address.

    >>> list_of({"list": "question=mail&people=spam"})[1].words()
    {'people': 'spam'}
    """
    words = dict(parse_qsl(names.get(LIST, "")))
    return words.get("question", ""), filters_from(words)
