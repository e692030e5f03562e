"""After a change: the items that it may give another answer go to people again."""

from __future__ import annotations

import streamlit as st

from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store.versions import Version
from annotate.workflow.guideline.requeueing import MOST, Which, affected, requeue
from app import look
from app.controls.changes.guideline import Desk, done

COUNTED = "requeue-counted"
LABEL, CELL, AUTO = "a label", "people against the model", "the model's label alone"


def panel(desk: Desk, found: list[Version]) -> None:
    """found: newest first."""
    with st.expander("Ask about items again"), look.told():
        look.show(
            look.text(
                "hint",
                "Items answered or labelled before a version. Who answered one answers it again, "
                "and reads what has changed; every earlier answer is kept.",
            )
        )
        versions = [one.number for one in found if one.kind != "first"]
        first, second, third = st.columns(3)
        version = first.selectbox("Changed by version", versions, key="requeue-version")
        names = [one.name for one in desk.project.questions]
        name = second.selectbox("Question", names, key="requeue-question")
        question = desk.project.question(name)
        which = _which(question, third)
        if which is None:
            return
        _ask(desk, question, which, version)


def _which(question: QuestionSettings, place: st.delta_generator.DeltaGenerator) -> Which | None:
    classes = QUESTION_TYPES[question.type].classes(question)
    kinds = [LABEL, CELL, AUTO] if classes else [AUTO]
    kind = place.selectbox("Items with", kinds, key="requeue-kind")
    if kind == AUTO:
        return Which(auto=True)
    first, second = st.columns(2)
    if kind == LABEL:
        return Which(label=first.selectbox("Label", classes, key="requeue-label"))
    people = first.selectbox("People say", classes, key="requeue-people")
    model = second.selectbox("The model says", classes, index=1, key="requeue-model")
    return Which(people=people, model=model)


def _ask(desk: Desk, question: QuestionSettings, which: Which, version: int) -> None:
    key = (which, version, question.name, desk.store.projects.data_version(desk.project.project))
    if st.session_state.get(COUNTED) != key and not st.button("Count them"):
        return  # of a million items that takes seconds, so it waits until somebody asks
    st.session_state[COUNTED] = key
    found = affected(desk.store, desk.project, question, which, version=version, actor=desk.actor)
    facts = (
        f"{found.items:,} {which.told()}: {len(found.answered):,} answered by people, "
        f"{len(found.automatic):,} with the model's label alone."
    )
    look.show(look.text("line", facts))
    for count, why in found.left_out:
        look.show(look.text("hint", f"Left out: {count:,} {why}."))
    many = min(found.items, MOST)
    if many and st.button(f"Put {many:,} before people again", type="primary"):
        made = requeue(
            desk.store,
            desk.project,
            question,
            which,
            version=version,
            actor=desk.actor,
            now=desk.services.now(),
            new_id=desk.services.new_id,
        )
        done(f"{made.items:,} items are before people again.")
