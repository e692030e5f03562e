"""Trials that wait, run or have ended: watched, stopped, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from annotate.store.machine.trials import Trial
from annotate.workflow.guideline.queueing import changes_of, results
from annotate.workflow.guideline.revising import Changes
from annotate.workflow.guideline.trial_words import sentences
from annotate.workflow.projects.jobs import TRIALS, JobView, cancel, watch
from app import look, state
from app.controls.jobs import ACTIVE, state_line
from app.services import Services
from app.state import Here

SHOWN = 3
TakeUp = Callable[[Changes], None]


def listed(services: Services, here: Here, take_up: TakeUp) -> None:
    """The newest trials; looked at again every second while one is at work.

    take_up: puts the changes of one into the form again.
    """
    views = _views(services, here)
    if not views:
        return
    busy = any(view.job.state in ACTIVE for view in views)
    st.subheader("Trials", anchor=False)
    st.fragment(_live, run_every=1 if busy else None)(services, take_up, busy)


def under_way(services: Services, here: Here) -> None:
    """One line, where a trial is at work."""
    if any(view.job.state in ACTIVE for view in _views(services, here)):
        look.show(look.text("told", "A trial is under way: it stands under Edit."))


def _views(services: Services, here: Here) -> Sequence[JobView]:
    now = services.now()
    return watch(here.store, here.project, actor=here.actor, now=now, kinds=TRIALS, limit=SHOWN)


def _live(services: Services, take_up: TakeUp, was_busy: bool) -> None:
    with look.told(), state.opened(services) as here:
        views = _views(services, here)
        found = results(here.store, here.project, [v.job for v in views], actor=here.actor)
        for view in views:
            with st.container(border=True, width=860):
                _one(services, here, view, found.get(view.job.id), take_up)
        busy = any(view.job.state in ACTIVE for view in views)
    if busy != was_busy:
        st.rerun()  # the whole page: what was tried so far has changed too


def _one(
    services: Services, here: Here, view: JobView, trial: Trial | None, take_up: TakeUp
) -> None:
    job = view.job
    what = "; ".join(trial.told) if trial is not None else _named(changes_of(job.settings))
    look.show(look.text("line", f"{job.settings['question']}: {what}"))
    state_line(view, here.project.llm, by=job.created_by)
    if job.state in ACTIVE:
        if st.button("Stop", key=f"stop-{job.id}"):
            cancel(here.store, here.project, job.id, actor=here.actor, now=services.now())
        return
    for line in [job.message] if trial is None else sentences(trial):
        look.show(look.text("line", line))
    st.button(
        "Take this change up again",
        key=f"take-up-{job.id}",
        on_click=take_up,
        args=(changes_of(job.settings),),
        help="It is put into the form above, where it can be saved as a version.",
    )


def _named(changes: Changes) -> str:
    """Where in the file something changes, until it can be told in words."""
    return ", ".join(".".join(map(str, at)) for at in changes)
