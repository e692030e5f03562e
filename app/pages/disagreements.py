"""Where people and the model differ, and people among themselves: what to look at first."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from annotate.people import require
from annotate.questions import QuestionSettings
from annotate.workflow.disagreement.chosen import Filters
from annotate.workflow.disagreement.disagreeing import Disagreements, Matrix, disagreements_of
from annotate.workflow.disagreement.slice_keeping import NotMadeYet
from app import look, state
from app.controls import address
from app.controls.quality import comparing, confusion, differing, filters
from app.services import Services
from app.state import Here

LOOK_EVERY_S = 3.0


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        require(here.actor, "review")
        address.project(services, here)
        st.title("Disagreements")
        question = _question(here)
        chosen = filters.current(f"{here.project.project} {question.name}")
        _from_the_first_page(question.name, chosen)
        with look.told():
            try:
                found = _found(services, here, question, chosen)
            except NotMadeYet:
                st.fragment(_until_made, run_every=LOOK_EVERY_S)(services, question, chosen)
                return
            if not found.answered:
                look.show(look.text("hint", "Nobody has answered yet: nothing can differ."))
                return
            filters.draw(found.options)
            _summary(found, chosen)
            comparing.draw(services, here, question, chosen)
            _matrices(found, question, chosen)
            differing.listed(found, question, chosen)
            return
        # what was asked for is not there: the way out is to choose again
        filters.draw(_found(services, here, question, Filters()).options)
        st.button("Clear all filters", on_click=filters.put, args=(Filters(),))


def _until_made(services: Services, question: QuestionSettings, chosen: Filters) -> None:
    with look.told(), state.opened(services) as here:
        try:
            _found(services, here, question, chosen)
        except NotMadeYet as error:
            look.show(look.text("hint", f"{error}."))
            return
        st.rerun()


def _from_the_first_page(question: str, chosen: Filters) -> None:
    """Other filters begin at their first item; an address that was just opened, where it says."""
    now = (question, chosen)
    if st.session_state.get("filtered-by", now) != now:
        st.query_params.pop("after", None)
    st.session_state["filtered-by"] = now


def _question(here: Here) -> QuestionSettings:
    questions = {question.name: question for question in here.project.questions}
    if len(questions) == 1:
        return here.project.questions[0]
    name = st.selectbox("Question", list(questions), key="question", bind="query-params", width=420)
    return questions[str(name)]


def _found(
    services: Services, here: Here, question: QuestionSettings, chosen: Filters
) -> Disagreements:
    return disagreements_of(
        here.store,
        here.project,
        question,
        chosen,
        actor=here.actor,
        now=services.now(),
        after=str(st.query_params.get("after", "")),
        wait=False,
    )


def _summary(found: Disagreements, chosen: Filters) -> None:
    facts = [f"{found.total:,} of {found.answered:,} answered items are left"]
    if not chosen.words():
        facts = [
            f"On {found.total:,} of {found.answered:,} answered items somebody differs: "
            "a person from the model, or two people from each other"
        ]
    facts.append(f"as of {look.moment(found.at)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        look.show(look.text("hint", ", ".join(facts) + "."))
        if chosen.words():
            st.button("Clear all filters", on_click=filters.put, args=(Filters(),), type="tertiary")


def _matrices(found: Disagreements, question: QuestionSettings, chosen: Filters) -> None:
    if not found.against.rows:
        return
    left, right = st.columns(2, gap="large")
    who = chosen.annotator or "people"
    with left:
        st.subheader("People and the model", anchor=False)
        _counted(found.against, "both have answered")
        confusion.matrix(
            found.against,
            name="people-and-model",
            heads=f"{who} ↓ model →",
            chosen=(chosen.people, chosen.model),
            choose=lambda people, model: filters.put(
                replace(chosen, people=people, model=model, other_says="")
            ),
        )
    with right:
        st.subheader("Between people", anchor=False)
        if not found.between.counts.sum():
            look.show(look.text("hint", "No item here was answered by two people."))
            return
        _counted(found.between, "two people have answered")
        confusion.matrix(
            found.between,
            name="between-people",
            heads=f"{who} ↓ {chosen.other or 'somebody else'} →",
            chosen=(chosen.people, chosen.other_says),
            choose=lambda people, other: filters.put(
                replace(chosen, people=people, other_says=other, model="")
            ),
        )


def _counted(found: Matrix, who: str) -> None:
    """What the diagonal says, in words."""
    same, total = found.same, found.compared
    if not total:
        look.show(look.text("hint", f"No item here that {who}."))
        return
    said = f"The same in {same:,} of {total:,} cases ({same / total:.0%}) that {who}."
    look.show(look.text("hint", said))


if __name__ == "__main__":
    page(state.running())
