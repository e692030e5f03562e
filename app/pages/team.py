"""How the people of a project work, who to look at, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from annotate.people import require
from annotate.questions import QuestionSettings
from annotate.store.persons.team import Counted
from annotate.workflow.consensus.consenting import ensure_fresh
from annotate.workflow.projects.keeping import Kept
from annotate.workflow.team.counting import counted_at_once
from annotate.workflow.team.person_detail import person_detail
from annotate.workflow.team.teaming import Team, team
from app import look, state, team_table
from app.controls import freshness
from app.controls import team as parts
from app.services import Services
from app.state import Here


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        require(here.actor, "lead people")
        st.title("Team")
        question = _question(here)
        now = services.now()
        ensure_fresh(here.store, here.project, question, actor=here.actor, now=now)
        done = _done(services, here)
        if done is None or not done.current:
            _wait(services, None if done is None else done.at)
        if done is None:
            return
        store, project, actor = here
        seen = team(store, project, question, actor=actor, now=now, done=done.value)
        if not seen.members:
            look.show(look.text("hint", "Nobody works here yet: invite somebody under People."))
            return
        parts.warnings(team_table.warnings(seen))
        parts.table(seen, name=f"{here.project.project}-team")
        look.show(look.text("hint", team_table.meaning(seen)))
        _closely(services, here, question, seen)


def _done(services: Services, here: Here) -> Kept[Mapping[str, Counted]] | None:
    store, project, actor = here
    opened, now = services.workspace.open, services.now()
    return counted_at_once(store, project, open_store=opened, actor=actor, now=now)


def _wait(services: Services, at: datetime | None) -> None:
    def newest(here: Here) -> datetime | None:
        done = _done(services, here)
        return None if done is None else done.at

    words = "Counting what everybody did …"
    if at is not None:
        words = f"Answers and skips as of {at:%H:%M:%S} UTC: counted anew once a minute."
    freshness.until_newer(services, at, newest, words)


def _question(here: Here) -> QuestionSettings:
    """What agreement and labels are of."""
    questions = here.project.questions
    if len(questions) == 1:
        return questions[0]
    name = st.segmented_control(
        "Question", [one.name for one in questions], default=questions[0].name, required=True
    )
    found: QuestionSettings = here.project.question(name)
    return found


def _closely(services: Services, here: Here, question: QuestionSettings, seen: Team) -> None:
    name = st.selectbox(
        "Look closer at",
        [one.person.name for one in seen.members],
        index=None,
        key="person",
        bind="query-params",
        placeholder="Choose somebody",
        width=360,
    )
    if name is None:
        return
    store, project, actor = here
    found = person_detail(store, project, question, seen, name, actor=actor, now=services.now())
    st.subheader(look.plain(name), anchor=False)
    parts.actions(services, here, found, [one.person.name for one in seen.members])
    left, right = st.columns(2, gap="large")
    with left:
        parts.pace(found)
    with right:
        parts.confusion(found)
        parts.labels(found)
    item_id = parts.differing(found) or parts.corrected(found)
    if item_id is not None:
        st.switch_page("pages/item.py", query_params={"item": item_id})
    parts.events(found)


if __name__ == "__main__":
    page(state.running())
