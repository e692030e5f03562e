"""Figures that a page does not wait for: those there are, and newer ones as they come."""

from __future__ import annotations

from datetime import datetime

from annotate.workflow.projects.keeping import Kept
from annotate.workflow.projects.overview import Overview, overview_at_once
from app.controls import freshness
from app.services import Services
from app.state import Here


def figures(services: Services, here: Here) -> Kept[Overview] | None:
    """What a page shows; None where it is still to be made. Says of when it is, and shows the page
    again once there are newer figures. Raises NotAllowed."""

    def newest(here: Here) -> datetime | None:
        kept = _kept(services, here)
        return None if kept is None else kept.at

    kept = _kept(services, here)
    if kept is None:
        count = here.store.items.next_position(here.project.project)
        words = f"Counting what was said of {count:,} items …"
        freshness.until_newer(services, None, newest, words)
    elif not kept.current:
        words = f"Figures of {kept.at:%H:%M:%S} UTC: newer ones are counted once a minute."
        freshness.until_newer(services, kept.at, newest, words)
    return kept


def _kept(services: Services, here: Here) -> Kept[Overview] | None:
    store, project, actor = here
    opened, now = services.workspace.open, services.now()
    return overview_at_once(store, project, open_store=opened, actor=actor, now=now)
