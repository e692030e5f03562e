"""Jobs about files as people see them: how far they are, and the file that came of one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from annotate.store.jobs import JobState
from annotate.workflow.projects.jobs import JobView, cancel, watch
from app import look, state
from app.files import address
from app.filework import product_of
from app.services import Services
from app.state import Here

ACTIVE: tuple[JobState, ...] = ("queued", "running")
SHOWN = 4
UNITS = {
    "import": "bytes",
    "export": "items",
    "count": "items",
    "snapshot": "items",
    "backup": "bytes",
}


def listed(services: Services, here: Here, kinds: Sequence[str]) -> None:
    """The newest jobs of these kinds; looked at again every second while one is at work."""
    views = _views(services, here, kinds)
    busy = any(view.job.state in ACTIVE for view in views)
    st.fragment(_live, run_every=1 if busy else None)(services, tuple(kinds), busy)


def _views(services: Services, here: Here, kinds: Sequence[str]) -> list[JobView]:
    return watch(
        here.store, here.project, actor=here.actor, now=services.now(), kinds=kinds, limit=SHOWN
    )


def _live(services: Services, kinds: tuple[str, ...], was_busy: bool) -> None:
    with look.told(), state.opened(services) as here:
        views = _views(services, here, kinds)
        for view in views:
            _row(services, here, view)
        busy = any(view.job.state in ACTIVE for view in views)
    if busy != was_busy:
        st.rerun()  # the whole page: its numbers have changed too


def _row(services: Services, here: Here, view: JobView) -> None:
    job = view.job
    name = job.settings.get("dialect") or job.settings.get("name") or ""
    what = f"{job.kind} {name}".strip()
    facts = [what, "stalled, goes on when a worker is there" if view.stalled else job.state]
    if job.state in ACTIVE:
        if job.total:
            facts.append(f"{job.done:,} of {job.total:,} {UNITS[job.kind]}")
        if view.eta_s is not None:
            facts.append(f"about {view.eta_s:.0f} s left")
        st.progress(min(job.done / job.total, 1.0) if job.total else 0.0)
    line = look.text("hint", f"{look.moment(job.created_at)} · {' · '.join(facts)}")
    message = look.text("hint", job.message.replace("; line ", ";\nline ")) if job.message else ""
    look.show(f"{line}{message}{_link(services, view)}")
    if job.state in ACTIVE and st.button("Stop", key=f"stop-{job.id}"):
        cancel(here.store, here.project, job.id, actor=here.actor, now=services.now())


def _link(services: Services, view: JobView) -> str:
    """A link to the file, once it is there."""
    product = product_of(services.config.folder, view.job)
    if view.job.state in ACTIVE or product is None or not product.path.is_file():
        return ""
    size = f"{product.path.stat().st_size:,} bytes"
    return (
        f'<a class="go" href="{escape(address(view.job.id))}" target="_self" download>'
        f"Download {escape(product.name)}, {size}</a>"
    )
