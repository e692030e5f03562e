"""A minute in the morning: what waits, how good the data are, where they differ, what is left."""

from __future__ import annotations

import streamlit as st

from annotate.llm.able import can_answer, why_people
from annotate.llm.spoken import has_classes
from annotate.people import RIGHTS
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
from app.state import Here

NO_ITEMS = "This project has no items yet: a lead brings a file of them at Set up."


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
        parts.needs(services, here, waiting, [*_empty(here), *_off(project, promises)])
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
        why = why_people(project, question)
        look.show(f'<div class="hint">{look.coded(f"{why[0].upper()}{why[1:]}.")}</div>')
        return
    parts.differing(one, alone=len(project.questions) == 1)
    if has_classes(question):
        promise.panel(seen)
    if one.validation is not None:
        report.unfit_variants(one.validation, project)


def _empty(here: Here) -> list[Need]:
    """Where there is nothing to label yet, the way to something."""
    if here.store.items.next_position(here.project.project):
        return []
    may = "create projects" in RIGHTS[here.actor.role]
    return [Need(NO_ITEMS, "setup" if may else "")]


def _off(project: Project, promises: list[promise.Seen]) -> list[Need]:
    """Promises that are withdrawn or cannot be kept."""
    return [
        Need(f"The promise on {question.name} does not stand: {seen[0].statement()}.")
        for question, seen in zip(project.questions, promises, strict=True)
        if seen is not None and seen[0].state in ("withdrawn", "short")
    ]


if __name__ == "__main__":
    page(state.running())
