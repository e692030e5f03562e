"""Where people answer: one item at a time, by mouse or by keys."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from annotate.errors import AnnotateError
from annotate.workflow.labelling import Day, Done, Task, assign, day, recent, skip, submit, undo
from app import look, state
from app.controls import ITEM, OPTIONS, queue
from app.services import Services
from app.state import Desk, Here, Wish


@dataclass(frozen=True, slots=True)
class View:
    """What one run of the page shows."""

    task: Task | None
    day: Day
    recent: list[Done]


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        desk = state.desk(here.project, here.actor)
        failed = _act(services, here, desk)
        view = _view(services, here, desk)
        queue.heading(here.project, view.day, desk.said)
        if failed:
            st.error(look.message(failed))
        left, right = st.columns([7, 3], gap="medium")
        with left:
            if view.task is None:
                queue.empty(here.store, here.project, here.actor)
            else:
                ITEM[view.task.control.kind](view.task, here.project.language)
            if here.project.guideline:
                with st.expander("Guideline", key="guideline", icon=":material/menu_book:"):
                    st.markdown(here.project.guideline)
        with right:
            if view.task is not None:
                look.show(look.text("question", view.task.question.text))
                OPTIONS[view.task.control.kind](view.task, desk)
            queue.actions(view.task, view.recent, desk)
            queue.answers(view.recent)


def _act(services: Services, here: Here, desk: Desk) -> str:
    """Do what the buttons asked for, in order; returns what went wrong."""
    wishes, desk.wishes = desk.wishes, []
    try:
        for wish, answer_id in wishes:
            desk.said = _do(services, here, desk, wish, answer_id)
    except AnnotateError as error:
        desk.said = ""
        return str(error)
    return ""


def _do(services: Services, here: Here, desk: Desk, wish: Wish, answer_id: str) -> str:
    """Fulfil one wish; returns what to tell."""
    store, project, actor = here
    now = services.now()
    if wish == "undo":
        back = undo(store, project, actor=actor, now=now)
        return "Nothing to undo" if back is None else "Taken back"
    if answer_id != desk.answer_id:
        return desk.said  # a second click on what has been answered
    if wish == "submit" and desk.chosen is None:
        return "Choose an answer first"
    task = assign(store, project, actor=actor, now=now)
    if task is None or task.answer_id != answer_id:
        raise AnnotateError(
            "the item you had here has gone to somebody else because it was open for too long: "
            "your answer was not stored; this is another item"
        )
    seconds = desk.seconds(now)
    if wish == "skip":
        skip(store, project, task, actor=actor, now=now, seconds=seconds)
        return "Skipped"
    submit(store, project, task, desk.chosen, actor=actor, now=now, seconds=seconds)
    return f"Saved: {desk.chosen}"
