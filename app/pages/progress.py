"""A minute in the morning: what waits, how good the data are, where they differ, what is left."""

from __future__ import annotations

import streamlit as st

from annotate.llm.able import can_answer, why_people
from annotate.llm.spoken import has_classes
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.workflow.consensus.consenting import ensure_fresh
from annotate.workflow.projects.overview import Overview, QuestionOverview
from annotate.workflow.projects.today import Need, today
from app import look, state
from app.controls import counting, jobs, report
from app.controls import overview as parts
from app.controls.routing import promise
from app.services import Services


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        store, project, actor = here
        now = services.now()
        promises = [promise.look_at(services, here, each) for each in project.questions]
        for question in project.questions:
            ensure_fresh(store, project, question, actor=actor, now=now)
        waiting = today(store, project, actor=actor, now=now)
        st.title(look.plain(project.title))
        kept = counting.figures(services, here)
        parts.needs(services, here, waiting, _off(project, promises))
        if kept is None:
            jobs.panel(services, here)
            return
        for one, question, seen in zip(
            kept.value.questions, project.questions, promises, strict=True
        ):
            _question(kept.value, one, question, project, seen)
        parts.finishing(kept.value, project)
        jobs.panel(services, here)
        report.people(kept.value.people)
        st.page_link("pages/export.py", label="Export the labels", icon=":material/download:")


def _question(
    found: Overview,
    one: QuestionOverview,
    question: QuestionSettings,
    project: Project,
    seen: promise.Seen,
) -> None:
    title = question.text if len(project.questions) > 1 else "How good the data are"
    st.subheader(look.plain(title), anchor=False)
    parts.how_good(one)
    parts.steps(found, one)
    if not can_answer(project, question):
        look.show(look.text("hint", f"{why_people(project, question).capitalize()}."))
        return
    parts.differing(one, alone=len(project.questions) == 1)
    if has_classes(question):
        promise.panel(seen)
    if one.validation is not None:
        report.unfit_variants(one.validation, project)


def _off(project: Project, promises: list[promise.Seen]) -> list[Need]:
    """Promises that are withdrawn or cannot be kept."""
    return [
        Need(f"The promise on {question.name} does not stand: {seen[0].statement()}.")
        for question, seen in zip(project.questions, promises, strict=True)
        if seen is not None and seen[0].state in ("withdrawn", "short")
    ]


if __name__ == "__main__":
    page(state.running())
