"""Change how items are routed: a version of the project file, then the routing that follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from annotate.errors import AnnotateError
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.project.editing import REMOVE
from annotate.project.policies import KEYS
from annotate.project.settings import RoutingSettings
from annotate.project.tree import KeyPath
from annotate.store import Store
from annotate.store.standing.decisions import Routing
from annotate.store.versions import Version
from annotate.workflow.guideline.revising import revise, versions
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.routing import RouteReport, route

OWN = {key for keys in KEYS.values() for key in keys} - {"audit", "hour_usd", "seconds"}
"""Keys that some policies take and others refuse."""


@dataclass(frozen=True, slots=True)
class Change:
    """A version of the project file that changed how items are routed, and the run that followed
    for each question, by name; a question is missing where nothing moved or nobody routed yet."""

    version: Version
    told: tuple[str, ...]
    runs: Mapping[str, Routing]


def changes_for(routing: RoutingSettings, wanted: Mapping[str, object]) -> Mapping[KeyPath, object]:
    """What to change in the file for these keys of `routing:`; None takes a key out.

    With another policy, keys that only others take go too. Raises AnnotateError for unknown keys.
    """
    known = set(RoutingSettings.model_fields)
    for key in wanted:
        if key not in known:
            raise AnnotateError(
                f"`routing:` has no key {key!r}; there are: {', '.join(sorted(known))}"
            )
    policy = str(wanted.get("policy", routing.policy))
    gone = (routing.model_fields_set & OWN) - KEYS.get(policy, {}).keys() - wanted.keys()
    if wanted.keys() & {"budget", "budget_items"}:  # one in the place of the other
        gone |= (routing.model_fields_set & {"budget", "budget_items"}) - wanted.keys()
    changes: dict[KeyPath, object] = {("routing", key): REMOVE for key in sorted(gone)}
    for key, value in wanted.items():
        changes["routing", key] = REMOVE if value is None else value
    return changes


def change(
    store: Store,
    path: Path,
    project: Project,
    wanted: Mapping[str, object],
    *,
    reason: str,
    actor: Person,
    now: datetime,
) -> Project:
    """The project with these keys of `routing:`, as a version with an author and a reason.

    Raises as `revise` does. Nothing is routed yet: `route` is the next step.
    """
    require(actor, "route")
    changes = changes_for(project.routing, wanted)
    return revise(store, path, project, changes, reason=reason, actor=actor, now=now)


def route_all(
    store: Store,
    project: Project,
    *,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
    features: Callable[[], ItemFeatures],
) -> dict[str, RouteReport]:
    """Every question that has anything to route, routed: question -> what came of it."""
    require(actor, "route")
    found = {}
    for question in project.questions:
        if store.decisions.next_number(project.project, question.name) > 1:
            found[question.name] = route(
                store,
                project,
                question,
                actor=actor,
                now=now,
                new_id=new_id,
                features=features(),
            )
    return found


def changed_routing(store: Store, project: Project, *, actor: Person) -> list[Change]:
    """Every change of the routing settings, newest first, who made it and why. Raises NotAllowed.

    A run belongs to the change before it, as long as no other came between.
    """
    require(actor, "review")
    found: list[Change] = []
    runs = {q.name: store.decisions.runs(project.project, q.name) for q in project.questions}
    later = "~"  # behind every time
    for version in versions(store, project, actor=actor):
        told = tuple(one for one in version.told or () if one.startswith("routing."))
        if not told:
            continue
        followed = {
            name: [run for run in of if version.created_at <= run.created_at < later][-1:]
            for name, of in runs.items()
        }
        later = version.created_at
        first = {name: run for name, of in followed.items() for run in of}
        found.append(Change(version, told, first))
    return found
