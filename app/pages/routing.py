"""How items are shared between people and the model: what is left to be wrong, what more buys."""

from __future__ import annotations

import streamlit as st

from annotate.llm.able import able
from annotate.llm.spoken import has_classes
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.workflow.routes.outlook import LABELS, USD
from annotate.workflow.routes.outlook_parts import Outlook
from annotate.workflow.routes.rerouting import changed_routing
from app import look, state
from app.controls.routing import outlook, promise, promising, whatif
from app.routing_records import RECORDS, Record
from app.services import Services
from app.state import Here

LOOK_EVERY_S = 2.0


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        require(here.actor, "review")
        st.title("Routing")
        question = _question(here)
        if question is None:
            look.show(look.text("hint", "People answer every question here: nothing is routed."))
            return
        seen = promise.look_at(services, here, question) if has_classes(question) else None
        record = RECORDS.get(services, here, question)
        if record is None:
            st.fragment(_until_read, run_every=LOOK_EVERY_S)(services, question)
            return
        _page(services, here, question, record, seen)


def _question(here: Here) -> QuestionSettings | None:
    asked = {question.name: question for question in able(here.project)}
    if len(asked) < 2:
        return next(iter(asked.values()), None)
    name = st.segmented_control(
        "Question", list(asked), default=next(iter(asked)), required=True, key="routing-question"
    )
    return asked[name]


def _until_read(services: Services, question: QuestionSettings) -> None:
    with look.told(), state.opened(services) as here:
        if RECORDS.get(services, here, question) is not None:
            st.rerun()
        count = here.store.items.count(here.project.project)
        look.show(look.text("hint", f"Reading what is on record of {count:,} items …"))


def _page(
    services: Services,
    here: Here,
    question: QuestionSettings,
    record: Record,
    seen: promise.Seen,
) -> None:
    name = f"{here.project.project}-{question.name}"
    first = record.outlook(here.project, labels=LABELS, usd=USD)
    outlook.numbers(first)
    _state(here, question, record, first)
    if has_classes(question):
        promise.panel(seen, how=f"{outlook.sentence(first.audit.sentence())}.")
        promising.controls(services, here, question, None if seen is None else seen[0])
    left, right = st.columns([1, 1], gap="large")
    with left:
        outlook.curve(first, goal=_goal(here, seen), name=f"{name}-curve")
    with right:
        outlook.histogram(first, name=f"{name}-histogram")
    left, right = st.columns([1, 1], gap="large")
    with left:
        outlook.calibration(first, name=f"{name}-calibration")
    with right:
        _bought(here.project, record, name)
    with look.told():
        whatif.panel(services, here, question, record.ground, found=here.project)
    changes = changed_routing(here.store, here.project, actor=here.actor)
    whatif.listed(changes, name=f"{name}-changes")


def _bought(project: Project, record: Record, name: str) -> None:
    st.subheader("What more would buy", anchor=False)
    with st.container(horizontal=True):
        labels = st.number_input("Labels", 1, None, LABELS, 50, key=f"{name}-n", width=150)
        usd = st.number_input("Dollars", 0.5, None, USD, 5.0, key=f"{name}-usd", width=150)
    found = record.outlook(project, labels=labels, usd=usd)
    outlook.gains(found, usd=usd, name=name)


def _goal(here: Here, seen: promise.Seen) -> float | None:
    return seen[0].promise.tolerance if seen is not None else here.project.routing.target_error


def _state(here: Here, question: QuestionSettings, record: Record, found: Outlook) -> None:
    """When it was last routed, by what, and what has come since."""
    runs = here.store.decisions.runs(here.project.project, question.name)
    routing, last = here.project.routing, runs[0]
    facts = [f"run {last.number}, {look.moment(last.created_at)}, policy {last.policy}"]
    learned = last.settings.get("humans")
    if learned is not None:
        since = max(found.answered - int(learned), 0)
        facts.append(f"learned from {learned:,} answers" + (f", {since:,} since" if since else ""))
    live = routing.live and routing.signal == "learned"
    facts.append("routes itself while people answer" if live else "routes when it is told to")
    if (job := here.store.jobs.unfinished(here.project.project, "route")) is not None:
        facts.append(f"a routing by these settings is {job.state}")
    if not record.fresh:
        facts.append(f"figures of {record.read_at[:19].replace('T', ' ')}: newer ones are read")
    look.show(look.text("hint", " · ".join(facts)))


if __name__ == "__main__":
    page(state.running())
