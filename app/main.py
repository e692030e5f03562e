"""The frame around every page: who is here, which project, which pages there are."""

from __future__ import annotations

import streamlit as st

from annotate.model import Person
from annotate.people import RIGHTS
from app import look, state
from app.services import Services

PAGES = {
    "progress": ("Progress", "review"),
    "label": ("Label", "label"),
    "item": ("Item", "review"),
    "people": ("People", "manage people"),
}


def main(services: Services) -> None:
    st.set_page_config("coannotate", page_icon=":material/label:", layout="wide")
    look.style()
    with look.told():
        person = state.signed_in(services)
        if person is None:
            st.navigation([st.Page("pages/sign_in.py", title="Sign in")], position="hidden").run()
            return
        page = st.navigation(_pages(person), position="sidebar")
        with st.sidebar:
            _sidebar(services, person)
        page.run()


def _pages(person: Person) -> list[st.Page]:
    """Pages of other roles exist too, unlisted: opened by address, their verbs say no."""
    rights = RIGHTS[person.role]
    first = next(name for name, (_, right) in PAGES.items() if right in rights)
    return [
        st.Page(
            f"pages/{name}.py",
            title=title,
            default=name == first,
            visibility="visible" if right in rights else "hidden",
        )
        for name, (title, right) in PAGES.items()
    ]


def _sidebar(services: Services, person: Person) -> None:
    found, problems = state.projects(services)
    if len(found) > 1:
        _choose_project(state.titles(found))
    look.show(look.text("who", f"{person.name} · {person.role}"))
    st.button("Switch person", on_click=state.sign_out, type="tertiary")
    look.show(look.text("hint", state.NO_ACCOUNTS))
    for problem in problems:
        st.error(look.message(problem))


def _choose_project(titles: dict[str, str]) -> None:
    names = list(titles)
    chosen = st.session_state.get(state.PROJECT)
    at = names.index(chosen) if chosen in names else 0
    st.session_state[state.PROJECT] = st.selectbox(
        "Project", names, index=at, format_func=lambda name: titles[name]
    )


if __name__ == "__main__":
    main(state.running())
