"""The frame around every page: who is here, which project, which pages there are."""

from __future__ import annotations

from html import escape

import streamlit as st

from annotate.model import Person
from annotate.people import RIGHTS
from app import look, state
from app.doors import locked
from app.pages import signed_out
from app.services import Services
from app.words import Words
from app.words import words as words_of

ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#2f6f8f"/>
<path d="M8 17l5.5 5.5L24 11" fill="none" stroke="#fff" stroke-width="3.6"/></svg>"""

PAGES = {
    "progress": ("Overview", "review"),
    "disagreements": ("Disagreements", "review"),
    "decide": ("Decide", "adjudicate"),
    "agreement": ("Agreement", "review"),
    "routing": ("Routing", "review"),
    "guideline": ("Guideline", "edit projects"),
    "team": ("Team", "lead people"),
    "export": ("Export", "export"),
    "setup": ("Set up", "create projects"),
    "label": ("Label", "label"),
    "item": ("Item", "review"),
    "people": ("People", "invite"),
    "feedback": ("My feedback", "label"),
}

# pages of annotators: their titles are in the catalogue
OWN = ("label", "feedback")


def main(services: Services) -> None:
    st.set_page_config("coannotate", page_icon=ICON, layout="wide")
    look.style()
    with look.told():
        with services.workspace.open() as store:
            found = state.visitor(services, store)
            shut = locked(services, store)
        person = None if found is None else found.person
        t = _words(person)
        page = st.navigation(
            _pages(services, person, t),
            position="hidden" if person is None else "sidebar",
            expanded=True,  # else a list of projects below it folds the last pages away
        )
        if person is None:
            signed_out.page()
            return
        with st.sidebar:
            _sidebar(services, person, shut, t)
        page.run()


def _words(person: Person | None) -> Words:
    """Annotators see no page that speaks English alone; the others would read two languages."""
    own = person is not None and person.role == "annotator"
    return words_of(st.context.locale if own else "en")


def _pages(services: Services, person: Person | None, t: Words) -> list[st.Page]:
    """Pages of other roles exist too, unlisted: opened by address, their verbs say no.

    Each page keeps its own address, so the bare address is a page of its own that leads on.
    """
    rights = RIGHTS["annotator" if person is None else person.role]
    first = next(name for name, (_, right) in PAGES.items() if right in rights)
    if PAGES["setup"][1] in rights and not services.workspace.task_files():
        first = "setup"

    def home() -> None:
        st.switch_page(f"pages/{first}.py")

    return [
        st.Page(home, title="coannotate", default=True, visibility="hidden"),
        *(
            st.Page(
                f"pages/{name}.py",
                title=t(f"nav.{name}") if name in OWN else title,
                visibility="visible" if right in rights else "hidden",
            )
            for name, (title, right) in PAGES.items()
        ),
    ]


def _sidebar(services: Services, person: Person, shut: bool, t: Words) -> None:
    found, problems = services.workspace.usable()
    if len(found) > 1:
        _choose_project(state.titles(found), t)
    role = t("nav.annotator") if person.role == "annotator" else person.role
    look.show(look.text("who", f"{person.name} · {role}"))
    look.show(_leave(state.form_token(services), t("nav.sign_out" if shut else "nav.switch"), t))
    if not shut:
        look.show(look.text("hint", t("nav.no_accounts")))
    for problem in problems:
        st.error(look.message(str(problem)))


def _leave(token: str, title: str, t: Words) -> str:
    """One's own page, and the way out: a form, because leaving is no matter of this page alone."""
    return (
        '<form class="leave" method="post" action="/doors/sign-out">'
        f'<input type="hidden" name="token" value="{escape(token)}">'
        f'<a href="/account" target="_self">{escape(t("nav.account"))}</a>'
        f"<button>{escape(title)}</button></form>"
    )


def _choose_project(titles: dict[str, str], t: Words) -> None:
    """Buttons: whatever takes typing or arrows would keep the keys from the labelling page."""
    chosen = state.project_name(titles)
    look.show(look.text("hint", t("nav.project")))
    with st.container(key="projects", gap=None):
        for name, title in titles.items():
            st.button(
                look.plain(title),
                key=f"project-{name}",
                on_click=state.choose_project,
                args=(name,),
                type="secondary" if name == chosen else "tertiary",
                width="stretch",
                wrap=True,
            )


if __name__ == "__main__":
    main(state.running())
