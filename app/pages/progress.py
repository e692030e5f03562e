"""Where the work stands, where people and the model differ, and the way out to a file."""

from __future__ import annotations

import streamlit as st

from annotate.llm.able import can_answer, why_people
from annotate.llm.spoken import has_classes
from annotate.model import Value
from annotate.questions import QuestionSettings
from annotate.workflow.review import confusion, disagreements, status
from annotate.workflow.validating import validate
from app import look, state
from app.controls import jobs, promise, report
from app.services import Services
from app.state import Here

SHOWN = 25
ANY = "any"


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        promises = [promise.look_at(services, here, each) for each in here.project.questions]
        stands = status(here.store, here.project, actor=here.actor)
        st.title(look.plain(here.project.title))
        for stand, question, seen in zip(stands, here.project.questions, promises, strict=True):
            if len(stands) > 1:
                st.subheader(look.plain(question.text), anchor=False)
            report.numbers(stand)
            if not can_answer(here.project, question):
                look.show(look.text("hint", f"{why_people(here.project, question).capitalize()}."))
                continue
            _against_the_model(here, question)
            if not has_classes(question):
                continue
            promise.panel(seen)
            validation = validate(here.store, here.project, question, actor=here.actor)
            report.unfit_variants(validation, here.project)
        jobs.panel(services, here)
        report.people(here.store.progress.people(here.project.project))
        report.export(services, here)


def _against_the_model(here: Here, question: QuestionSettings) -> None:
    store, project, actor = here
    if not has_classes(question):
        _differing(here, question, ANY, ANY)
        return
    table = confusion(store, project, question, actor=actor)
    if not table.counts.sum():
        look.show(look.text("hint", "People and the model can be compared after the first answer."))
        return
    left, right = st.columns([5, 4], gap="large")
    with left:
        report.confusion_table(table)
    with right:
        st.subheader("Where they differ", anchor=False)
        first, second = st.columns(2)
        values = (ANY, *table.classes)
        people = first.selectbox("People say", values, key=f"people-{question.name}")
        model = second.selectbox("The model says", values, key=f"model-{question.name}")
        _differing(here, question, people, model)


def _differing(here: Here, question: QuestionSettings, people: Value, model: Value) -> None:
    """Items on which people and the model differ. people, model: `ANY`, or only what they said."""
    found = disagreements(
        here.store,
        here.project,
        question,
        actor=here.actor,
        people=None if people == ANY else people,
        model=None if model == ANY else model,
    )
    if not has_classes(question):
        if not found:
            return
        st.subheader("Where they differ", anchor=False)
    elif not found:
        look.show(look.text("hint", "No item, with this choice."))
    for one in found[:SHOWN]:
        if report.disagreement(one, question.name):
            st.switch_page("pages/item.py", query_params={"item": one.item.id})
    if len(found) > SHOWN:
        others = "; choose above to see others" if has_classes(question) else ""
        look.show(look.text("hint", f"The first {SHOWN} of {len(found):,}{others}."))


if __name__ == "__main__":
    page(state.running())
