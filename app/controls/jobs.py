"""Long work as a lead sees it: start it, watch it live, stop it."""

from __future__ import annotations

import streamlit as st

from annotate.people import RIGHTS
from annotate.project.settings import LLMSettings
from annotate.store.jobs import JobState
from annotate.workflow.projects.jobs import OTHERS, JobView, cancel, enqueue, watch
from app import look, state
from app.services import Services
from app.state import Here

ACTIVE: tuple[JobState, ...] = ("queued", "running")
SHOWN = 3
STATISTICAL = (
    "Pre-labels here come from a small statistical model on this machine, not from a large "
    "language model: take them as rough."
)


def panel(services: Services, here: Here) -> None:
    """The newest jobs; looked at again every second while one is at work."""
    if "prelabel" not in RIGHTS[here.actor.role]:
        return
    st.subheader("Pre-labelling", anchor=False)
    if all(llm.provider == "local" for _, llm in here.project.llm.models()):
        look.show(look.text("hint", STATISTICAL))
    views = watch(here.store, here.project, actor=here.actor, now=services.now(), kinds=OTHERS)
    busy = any(view.job.state in ACTIVE for view in views)
    st.fragment(_live, run_every=1 if busy else None)(services, busy)


def _live(services: Services, was_busy: bool) -> None:
    with look.told(), state.opened(services) as here:
        now = services.now()
        views = watch(here.store, here.project, actor=here.actor, now=now, kinds=OTHERS)
        for view in views[:SHOWN]:
            _row(view, here.project.llm)
            if view.job.state in ACTIVE and st.button("Stop", key=f"stop-{view.job.id}"):
                cancel(here.store, here.project, view.job.id, actor=here.actor, now=now)
        busy = any(view.job.state in ACTIVE for view in views)
        if not busy and st.button("Pre-label what is missing, and route"):
            enqueue(
                here.store,
                here.project,
                "prelabel",
                {"refresh": False},
                actor=here.actor,
                now=now,
                new_id=services.new_id,
            )
            busy = True
    if busy != was_busy:
        st.rerun()  # the whole page: its numbers have changed too


def _row(view: JobView, llm: LLMSettings) -> None:
    state_line(view, llm)
    if view.job.message:
        look.show(look.text("hint", view.job.message))


def state_line(view: JobView, llm: LLMSettings, *, by: str = "") -> None:
    """How far a job is that asks the project's models, and what it has cost. by: who wanted it."""
    job = view.job
    facts: list[str] = ["stalled, goes on when a worker is there" if view.stalled else job.state]
    if job.total:
        facts.append(f"{job.done:,} of {job.total:,} items")
    if view.eta_s is not None:
        facts.append(f"about {view.eta_s:.0f} s left")
    if job.done and (cost := _cost(job.cost_usd, llm)):
        facts.append(cost)
    if job.state in ACTIVE:
        st.progress(job.done / job.total if job.total else 0.0)
    since = f"{look.moment(job.created_at)}{f', {by}' if by else ''}"
    look.show(look.text("hint", f"{since} · {' · '.join(facts)}"))


def _cost(cost_usd: float, llm: LLMSettings) -> str:
    """What a job has cost so far, of what it may cost; an unknown price is never nothing.

    >>> price = {"usd_per_m_in": 1, "usd_per_m_out": 4, "as_of": "2026-11-20"}
    >>> llm = LLMSettings(provider="openai", model="m", price=price, max_cost_usd=5)
    >>> _cost(0.012, llm), _cost(0.0, LLMSettings(provider="openai", model="m"))
    ('$0.0120 of $5', 'cost unknown')
    >>> members = [{"model": "m", "price": price}, {"model": "n"}]
    >>> two = LLMSettings(provider="openai", ensemble=members)
    >>> _cost(0.012, two), _cost(0.0, LLMSettings())
    ('$0.0120 and calls of unknown cost', '')
    """
    cap = "" if llm.max_cost_usd is None else f" of ${llm.max_cost_usd:g}"
    known = f"${cost_usd:.4f}{cap}" if cost_usd or cap else ""
    if all(model.provider == "local" or model.price for _, model in llm.models()):
        return known
    return f"{known} and calls of unknown cost" if known else "cost unknown"
