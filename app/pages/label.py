"""Where people answer: one item at a time, by mouse or by keys."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from annotate.workflow.labelling import Day, Done, Task, assign, day, recent
from app import look, state
from app.controls import ITEM, OPTIONS, kind_of, queue, wishes
from app.services import Services
from app.state import Desk, Here


@dataclass(frozen=True, slots=True)
class View:
    """What one run of the page shows."""

    task: Task | None
    day: Day
    recent: list[Done]


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        desk = state.desk(here.project, here.actor)
        failed = wishes.fulfil(services, here, desk)
        view = _view(services, here, desk)
        queue.heading(here.project, view.day, desk.said)
        if failed:
            st.error(look.message(failed))
        with st.container(key="work"):
            _draw(here, view, desk)


def _draw(here: Here, view: View, desk: Desk) -> None:
    """Three blocks; the style sheet lays them out for wide and narrow screens."""
    with st.container(key="item"):
        if view.task is None:
            queue.empty(here.store, here.project)
        else:
            ITEM[kind_of(view.task.control)](view.task, here.project)
    with st.container(key="answer", gap="small"):
        if view.task is not None:
            look.show(look.text("question", view.task.question.text))
            OPTIONS[kind_of(view.task.control)](view.task, desk)
        queue.actions(view.task, view.recent, desk)
        queue.answers(here.project, view.recent)
    if here.project.guideline:
        with st.expander("Guideline", expanded=True, key="guideline"):
            st.markdown(look.guideline(here.project.guideline))


def _view(services: Services, here: Here, desk: Desk) -> View:
    store, project, actor = here
    now = services.now()
    task = assign(store, project, actor=actor, now=now)
    if task is not None:
        desk.lay(task.answer_id, now)
    return View(
        task,
        day(store, project, actor=actor, now=now),
        recent(store, project, actor=actor),
    )


if __name__ == "__main__":
    page(state.running())
