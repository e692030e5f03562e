"""How far people and the model agree: with each other, on each label, pair by pair."""

from __future__ import annotations

import streamlit as st

from annotate.questions import QuestionSettings
from annotate.workflow.agreement.report import Agreement, reasons
from app import look, state
from app.controls import counting
from app.controls.quality import agreeing
from app.services import Services


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        project = here.project
        st.title("Agreement")
        kept = counting.figures(services, here)
        if kept is None:
            return
        questions = list(zip(project.questions, kept.value.questions, strict=True))
        for question, found in questions:
            if len(questions) > 1:
                st.subheader(look.plain(question.text), anchor=False)
            _question(question, found.agreement)
            if found.anchoring is not None:
                agreeing.anchoring(found.anchoring)
        if not questions:
            look.show(look.text("hint", "This project asks nothing."))


def _question(question: QuestionSettings, found: Agreement) -> None:
    agreeing.sentence(found)
    agreeing.splits(found)
    agreeing.undefined(reasons(found))
    left, right = st.columns(2, gap="large")
    with left:
        agreeing.parts(found)
    with right:
        agreeing.pairs(found)
    agreeing.preferred(found)


if __name__ == "__main__":
    page(state.running())
