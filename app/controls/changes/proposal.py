"""The model proposes a sentence about a cell of its confusion; a person takes it or does not."""

from __future__ import annotations

import streamlit as st

from annotate.llm.spoken import has_classes
from annotate.questions import QuestionSettings, brief
from annotate.store.proposals import Proposal
from annotate.workflow.disagreement.review import confusion
from annotate.workflow.guideline.proposing import (
    LEAST_ITEMS,
    MOST_ITEMS,
    accept_proposal,
    proposals,
    propose,
    reject_proposal,
)
from app import look
from app.controls import tabular
from app.controls.changes.guideline import Desk, done
from app.guiding import writer

CELLS = "proposal-cells"
Cell = tuple[str, int, int]
"""question, row and column of its confusion."""


def draw(desk: Desk) -> None:
    _ask(desk)
    found = proposals(desk.store, desk.project, actor=desk.actor)
    for one, verdict in found:
        if verdict is None:
            _decide(desk, one)
    settled = [
        (
            look.moment(verdict.created_at),
            _about(one),
            verdict.sentence,
            f"{verdict.verdict} by {verdict.person}",
            verdict.comment or "",
        )
        for one, verdict in found
        if verdict is not None
    ]
    if settled:
        st.subheader("Decided", anchor=False)
        heads = ("at", "about", "sentence", "what became of it", "why")
        tabular.shown(heads, settled, name="proposals")


def _ask(desk: Desk) -> None:
    cells = _cells(desk)
    look.show(
        look.text(
            "hint",
            f"The model reads up to {MOST_ITEMS} items on which people and it differ in one way, "
            "says what they have in common and proposes one sentence. Nothing is changed by it.",
        )
    )
    if not cells:
        none = f"There is no cell with {LEAST_ITEMS} items on which people and the model differ."
        look.show(look.text("hint", none))
        return
    titles = {cell: title for cell, title in cells}
    with look.told(), st.form("propose", width=760):
        chosen = st.selectbox("Where they differ", list(titles), format_func=titles.__getitem__)
        if st.form_submit_button("Ask the model for a sentence"):
            name, row, column = chosen
            question = desk.project.question(name)
            classes = confusion(desk.store, desk.project, question, actor=desk.actor).classes
            with st.spinner("The model reads"):
                propose(
                    desk.store,
                    desk.project,
                    question,
                    classes[row],
                    classes[column],
                    writer(desk.services, desk.store, desk.project),
                    actor=desk.actor,
                    now=desk.services.now(),
                    new_id=desk.services.new_id,
                )
            done("The model has proposed a sentence: see below.")


def _cells(desk: Desk) -> list[tuple[Cell, str]]:
    """The cells off the diagonal with enough items, the fullest first; counted anew only when
    something was answered or decided since."""
    name = desk.project.project
    key = (name, desk.store.projects.data_version(name), desk.current().hash)
    known = st.session_state.get(CELLS)
    if known is None or known[0] != key:
        known = st.session_state[CELLS] = (key, _counted(desk))
    cells: list[tuple[Cell, str]] = known[1]
    return cells


def _counted(desk: Desk) -> list[tuple[Cell, str]]:
    found: list[tuple[int, Cell, str]] = []
    for question in desk.project.questions:
        if has_classes(question):
            found += _of_question(desk, question)
    found.sort(key=lambda one: -one[0])
    return [(cell, title) for _, cell, title in found]


def _of_question(desk: Desk, question: QuestionSettings) -> list[tuple[int, Cell, str]]:
    table = confusion(desk.store, desk.project, question, actor=desk.actor)
    several = f"{question.name}: " if len(desk.project.questions) > 1 else ""
    return [
        (
            int(table.counts[row, column]),
            (question.name, row, column),
            f"{several}people say {brief(people)}, the model {brief(model)}: "
            f"{table.counts[row, column]:,} items",
        )
        for row, people in enumerate(table.classes)
        for column, model in enumerate(table.classes)
        if row != column and table.counts[row, column] >= LEAST_ITEMS
    ]


def _decide(desk: Desk, one: Proposal) -> None:
    st.subheader(look.plain(_about(one)), anchor=False)
    read = f"{one.asked} read {len(one.item_ids)} items, {look.moment(one.created_at)}"
    look.show(look.text("line", one.summary) + look.text("hint", read))
    with look.told(), st.form(f"proposal-{one.id}", width=760, border=False):
        sentence = st.text_area("Sentence for the guideline", one.sentence, max_chars=500)
        comment = st.text_input("Why", max_chars=300, placeholder="Kept with your decision")
        with st.container(horizontal=True):
            taken = st.form_submit_button("Add to the guideline", type="primary")
            declined = st.form_submit_button("Decline")
        now = desk.services.now()
        if taken:
            accept_proposal(
                desk.store,
                desk.path,
                desk.project,
                one.id,
                sentence=sentence,
                comment=comment.strip() or None,
                actor=desk.actor,
                now=now,
            )
            done(f"Version {desk.current().number} has the sentence.")
        if declined:
            reject_proposal(
                desk.store,
                desk.project,
                one.id,
                comment=comment.strip() or None,
                actor=desk.actor,
                now=now,
            )
            done("Declined; it stays on record.")


def _about(one: Proposal) -> str:
    return f"{one.question}: people say {brief(one.people)}, the model {brief(one.model)}"
