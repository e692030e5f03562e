"""Everything that ever happened to one item."""

from __future__ import annotations

import streamlit as st

from annotate.model import Item, Prelabel
from annotate.people import RIGHTS, require
from annotate.questions import QuestionSettings
from annotate.store.rows import to_json
from annotate.workflow.consensus.consenting import ensure_fresh
from annotate.workflow.disagreement.chosen import Filters
from annotate.workflow.disagreement.disagreeing import neighbours_of
from annotate.workflow.disagreement.item_story import item_story
from annotate.workflow.disagreement.slice_keeping import NotMadeYet
from annotate.workflow.prelabels.sent import sent
from annotate.workflow.routes.explaining import explain
from app import look, state
from app.cli.explaining import told
from app.controls import address
from app.controls.quality import history
from app.services import Services
from app.state import Here

TYPED = "item-reference"


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        require(here.actor, "review")
        address.project(services, here)
        st.title("Item")
        reference = _reference().strip()
        if not reference:
            look.show(look.text("hint", "Enter an id, or choose an item under Disagreements."))
            return
        for question in here.project.questions:
            ensure_fresh(here.store, here.project, question, actor=here.actor, now=services.now())
        found = item_story(here.store, here.project, reference, actor=here.actor)
        _around(services, here, found.item)
        history.fields(found.item, here.project)
        history.standing(found.standing, found.gold)
        _ways_on(services, here, found.item)
        history.timeline(found, lambda vote: _prompt(services, vote))


def _reference() -> str:
    """As the address has it. Not bound to it: no page may be asked to open another one with a name
    in its address that a widget of its own is bound to."""
    st.session_state[TYPED] = st.query_params.get("item", "")
    return st.text_input("Id of the item, ours or your own", key=TYPED, on_change=_typed, width=420)


def _typed() -> None:
    _show(st.session_state[TYPED])


def _question(here: Here, name: str) -> QuestionSettings:
    """The one that the list was of, else the first."""
    named = [question for question in here.project.questions if question.name == name]
    return (named or list(here.project.questions))[0]


def _around(services: Services, here: Here, item: Item) -> None:
    """The items before and behind it in the list somebody came from."""
    name, chosen = address.list_of(st.query_params)
    question = _question(here, name)
    try:
        near = neighbours_of(
            here.store, here.project, question, chosen, item,
            actor=here.actor, now=services.now(), wait=False,
        )  # fmt: skip
    except NotMadeYet:  # the item itself needs no list
        return
    if not near.total:
        return
    place = "not among" if near.number is None else f"{near.number:,} of"
    what = "where somebody differs" if chosen == Filters() else "of the filtered list"
    with st.container(horizontal=True, vertical_alignment="center"):
        ways = (("before", "← Before", near.before), ("next", "Next →", near.behind))
        for key, label, item_id in ways:
            st.button(
                label,
                key=f"near-{key}",
                disabled=item_id is None,
                on_click=_show,
                args=(item_id,),
                type="tertiary",
            )
        look.show(look.text("hint", f"{place} {near.total:,} items {what}"))
        if st.button("Back to the list", type="tertiary"):
            address_of = {**chosen.words(), "question": question.name}
            st.switch_page("pages/disagreements.py", query_params=address_of)


def _show(item_id: str) -> None:
    st.query_params["item"] = item_id


def _ways_on(services: Services, here: Here, item: Item) -> None:
    question = _question(here, address.list_of(st.query_params)[0])
    with st.container(horizontal=True):
        if "adjudicate" in RIGHTS[here.actor.role] and st.button("Decide"):
            asked = {"item": item.id, "question": question.name}
            st.switch_page("pages/decide.py", query_params=asked)
        if st.button("Why was it sent there?", type="tertiary"):
            _why(services, item, question.name)


@st.dialog("Why it was sent there", width="large")
def _why(services: Services, item: Item, name: str) -> None:
    with look.told(), state.opened(services) as here:
        question = here.project.question(name)
        features = services.features(here.project)
        found = explain(
            here.store, here.project, question, item.id, actor=here.actor, features=features
        )
        st.code("\n".join(told(name, found)), language=None, wrap_lines=True)


@st.dialog("What was sent", width="large")
def _prompt(services: Services, vote: Prelabel) -> None:
    with look.told(), state.opened(services) as here:
        question = here.project.question(vote.question)
        prelabeller = services.prelabeller(here.store, here.project, question)
        found = sent(here.store, here.project, prelabeller, vote, actor=here.actor)
        if found.call is None:
            words = f"{vote.model} is part of this program: nothing is sent."
            look.show(look.text("hint", words))
            return
        prompt = found.call.prompt
        exact = (
            "Exactly what was sent"
            if found.exact
            else (
                "The project has changed since: what was sent is kept as a digest "
                f"({vote.prompt_version}, {vote.prompt_hash}). This is what would be sent now"
            )
        )
        look.show(look.text("hint", f"{exact} ({prompt.version}, {prompt.hash})."))
        for message in prompt.messages:
            look.show(look.text("field-name", message.role))
            st.code(message.content, language=None, wrap_lines=True)
        for beside, value in found.call.beside.items():
            look.show(look.text("field-name", beside))
            st.code(to_json(value), language=None, wrap_lines=True)


if __name__ == "__main__":
    page(state.running())
