"""Open, pause and freeze a project: who may work on it is an event with a name and a time."""

from __future__ import annotations

from datetime import datetime

from annotate.clock import iso
from annotate.errors import AnnotateError
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.store.openings import Opened, Opening

LONGEST_REASON = 500


def set_opening(
    store: Store,
    project: Project,
    state: Opening,
    *,
    actor: Person,
    now: datetime,
    reason: str | None = None,
) -> Opened:
    """How the project stands from now on; the event of then when it stands so already.

    paused: nothing new is given out; what is in hand can be answered. frozen: no answer is taken
    and none can be changed; what is sent all the same is kept. Raises NotAllowed.
    """
    require(actor, "open and close projects")
    if reason is not None and len(reason) > LONGEST_REASON:
        raise AnnotateError(f"a reason has at most {LONGEST_REASON} characters: shorten it")
    with store.transaction():
        last = store.openings.last(project.project)
        if last is not None and last.state == state:
            return last
        number = 1 if last is None else last.number + 1
        opened = Opened(project.project, number, state, actor.name, reason, iso(now))
        if last is not None or state != "open":
            store.openings.add(opened)
    return opened


def opening(store: Store, project: Project) -> Opened | None:
    """How the project stands; None when it was open from the start."""
    return store.openings.last(project.project)
