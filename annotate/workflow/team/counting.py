"""How much everybody did, counted beside the page where that would take long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from annotate.clock import iso
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.store.persons.team import Counted
from annotate.workflow.projects.keeping import Kept, Shelf

FEW = 50_000
"""Answers to one question up to which a page counts itself."""
WEEK = timedelta(days=7)

shelf: Shelf[Mapping[str, Counted]] = Shelf()
"""Those made last in this process."""


def counted(store: Store, project: Project, now: datetime) -> dict[str, Counted]:
    """person id -> answers and skips: of all whom the workspace knows."""
    ids = [one.person.id for one in store.accounts.all()]
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return store.team.counted(project.project, ids, today=iso(midnight), week=iso(now - WEEK))


def counted_at_once(
    store: Store,
    project: Project,
    *,
    open_store: Callable[[], AbstractContextManager[Store]],
    actor: Person,
    now: datetime,
) -> Kept[Mapping[str, Counted]] | None:
    """As `counted`, for who cannot wait: of very many answers what was counted last, or None, while
    another thread counts with a store that it opens. Raises NotAllowed."""
    require(actor, "lead people")
    name = project.project
    many = any(store.annotations.more_than(name, one.name, FEW) for one in project.questions)
    if not (many and store.place):
        return Kept(counted(store, project, now), now, True)

    def make() -> Mapping[str, Counted]:
        with open_store() as own:
            return counted(own, project, now)

    state = f"{store.projects.data_version(name)} {now:%Y-%m-%d}"
    return shelf.at_once((store.place, name), state, make, now=now)
