"""Other routing settings on a page: choose, look at what they would change, adopt them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from annotate.hashing import digest
from annotate.people import RIGHTS
from annotate.project import Project
from annotate.project.settings import DEFAULT_BUDGET, RoutingSettings
from annotate.questions import QuestionSettings
from annotate.workflow.projects.jobs import enqueue
from annotate.workflow.routes.ground import Ground
from annotate.workflow.routes.outlook_words import compared, moves, source
from annotate.workflow.routes.previewing import Preview, preview
from annotate.workflow.routes.rerouting import Change, change, route_all
from app import look
from app.controls import tabular
from app.services import Services
from app.state import Here

POLICIES = ("budget", "threshold", "cost", "promise", "random")
SHORT = {
    "budget": "the riskiest items, up to a share",
    "threshold": "every item above a risk",
    "cost": "while an error costs more than the work",
    "promise": "as few as a promise needs",
    "random": "a share, by chance",
}
AT_ONCE = 20_000
"""Items up to which a page routes itself; more are a job beside it."""


@dataclass(frozen=True, slots=True)
class _Number:
    """A key of `routing:` as it is typed. times: what the file's value is multiplied with."""

    key: str
    label: str
    usual: float | None
    most: float | None = None
    times: float = 1.0
    step: float = 1.0


_BUDGET = _Number("budget", "Share for people, %", DEFAULT_BUDGET, 100.0, 100.0)
_AUDIT = _Number("audit", "Checked at random of the rest, %", 0.05, 100.0, 100.0)
_WAGE = _Number("hour_usd", "An hour of a person, dollars", None)
_NUMBERS: Mapping[str, tuple[_Number, ...]] = {
    "budget": (_BUDGET, _AUDIT, _WAGE),
    "random": (_BUDGET, _AUDIT, _WAGE),
    "threshold": (
        _Number("threshold", "The model keeps what is below this risk, %", 0.1, 100.0, 100.0),
        _AUDIT,
        _WAGE,
    ),
    "cost": (
        _Number("error_usd", "A wrong label costs, dollars", 1.0, step=0.1),
        _Number("hour_usd", "An hour of a person, dollars", 20.0),
        _Number("max_usd", "People cost at most, dollars", None, step=10.0),
        _AUDIT,
    ),
    "promise": (
        _Number("target_error", "Wrong at most, %", 0.05, 99.0, 100.0, 0.5),
        _Number("alpha", "Confidence, %", 0.05, 99.9, 100.0, 0.5),
        _WAGE,
    ),
}


def panel(
    services: Services, here: Here, question: QuestionSettings, ground: Ground, *, found: Project
) -> None:
    """found: the project as it is. What was previewed stays until something else is."""
    st.subheader("What if", anchor=False)
    name = f"whatif-{digest(question.name, found.routing.model_dump(mode='json'))}"
    wanted = _choice(found.routing, name)
    if st.button("Preview", key=f"{name}-preview", disabled=not wanted):
        st.session_state[name] = wanted
    if not wanted:
        look.show(look.text("hint", "These are the settings in force: change one to look ahead."))
        return
    if st.session_state.get(name) != wanted:
        return
    store, project, actor = here
    path = path_of(services, project)
    with st.spinner("Looking ahead …"):
        seen = preview(
            store,
            path,
            project,
            question,
            wanted,
            actor=actor,
            ground=ground,
            features=services.features(project),
        )
    _preview(seen, f"{project.project}-{question.name}-preview")
    if {"edit projects", "route"} <= RIGHTS[actor.role]:
        _adopt(services, here, path, wanted, len(ground), name)


def _choice(routing: RoutingSettings, name: str) -> dict[str, object]:
    """The keys that would change, with their new values."""
    offered = list(dict.fromkeys((*POLICIES, routing.policy)))
    policy = st.selectbox(
        "People get",
        offered,
        index=offered.index(routing.policy),
        format_func=lambda one: f"{one} · {SHORT[one]}" if one in SHORT else one,
        key=f"{name}-policy",
        width=420,
    )
    wanted: dict[str, object] = {} if policy == routing.policy else {"policy": policy}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for one in _NUMBERS.get(policy, ()):
            before = _typed(one, getattr(routing, one.key))
            usual = None if one.usual is None else _typed(one, one.usual)
            start = before if before is not None else usual
            given = st.number_input(
                one.label,
                min_value=0.0,
                max_value=one.most,
                value=start,
                step=one.step,
                key=f"{name}-{policy}-{one.key}",
                width=210,
            )
            needed = "policy" in wanted and one.key != "audit" and given is not None
            if given != before and (given != usual or before is not None or needed):
                wanted[one.key] = _stored(one, given)
    return wanted


def _typed(one: _Number, value: float | None) -> float | None:
    """As people read it: shares in percent, and the chance to fail as confidence."""
    if value is None:
        return None
    share = 1 - value if one.key == "alpha" else value
    return round(share * one.times, 6)


def _stored(one: _Number, typed: float | None) -> float | None:
    """Back from `_typed`."""
    if typed is None:
        return None
    share = round(typed / one.times, 9)
    return round(1 - share, 9) if one.key == "alpha" else share


def _preview(seen: Preview, name: str) -> None:
    look.show(look.text("hint", "; ".join(seen.told)))
    with st.container(width=620):
        tabular.shown(("", "now", "then"), compared(seen), name=name)
    moved = "; ".join(moves(seen)) or "No item would go elsewhere"
    look.show(look.text("hint", f"{moved}. Nothing is stored yet: {source(seen)}."))


def _adopt(
    services: Services,
    here: Here,
    path: Path,
    wanted: Mapping[str, object],
    items: int,
    name: str,
) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input("Why", key=f"{name}-reason", max_chars=500, width=420)
        if not st.button("Change and route", type="primary", key=f"{name}-adopt"):
            return
    store, project, actor = here
    now = services.now()
    changed = change(store, path, project, wanted, reason=reason, actor=actor, now=now)
    if items > AT_ONCE:
        enqueue(store, changed, "route", {}, actor=actor, now=now, new_id=services.new_id)
    else:
        route_all(
            store,
            changed,
            actor=actor,
            now=services.now(),
            new_id=services.new_id,
            features=lambda: services.features(changed),
        )
    st.rerun()


def path_of(services: Services, project: Project) -> Path:
    """The project's file."""
    found, _ = services.workspace.usable()
    return found[project.project][0]


def listed(changes: list[Change], *, name: str) -> None:
    """Every change of the routing settings, who made it and why, and the run that followed."""
    st.subheader("Changes of these settings", anchor=False)
    if not changes:
        look.show(look.text("hint", "Never changed since the project was first used."))
        return
    rows = [
        (
            look.moment(one.version.created_at),
            one.version.person or "on disk",
            "; ".join(told.removeprefix("routing.") for told in one.told),
            one.version.reason or "",
            ", ".join(
                f"{question}: run {run.number}, {look.moment(run.created_at)}"
                for question, run in one.runs.items()
            )
            or "nothing moved",
        )
        for one in changes
    ]
    tabular.shown(("at", "who", "what", "why", "routing that followed"), rows, name=name)
