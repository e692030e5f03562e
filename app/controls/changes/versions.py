"""What became of the project file: every version, what two of them differ in, and the way back."""

from __future__ import annotations

import streamlit as st

from annotate.store.versions import Version
from annotate.workflow.guideline.revising import difference, restore, versions
from app import look
from app.controls import tabular
from app.controls.changes import requeue, trial
from app.controls.changes.guideline import Desk, changed, done, in_words


def draw(desk: Desk) -> None:
    found = versions(desk.store, desk.project, actor=desk.actor)
    rows = [
        (
            str(one.number),
            look.moment(one.created_at),
            one.person or "-",
            changed(one),
            one.reason or "",
        )
        for one in found
    ]
    tabular.shown(("version", "at", "by", "what changed", "why"), rows, name="versions")
    if len(found) > 1:
        _compare(desk, found)
        requeue.panel(desk, found)
    trial.history(desk)


def _compare(desk: Desk, found: list[Version]) -> None:
    st.subheader("Compare", anchor=False)
    by_number = {one.number: one for one in found}
    numbers = list(by_number)

    def title(number: int) -> str:
        return in_words(by_number[number])

    left, right = st.columns(2)
    a = left.selectbox("Before", numbers, index=1, format_func=title, key="version-a")
    b = right.selectbox("After", numbers, index=0, format_func=title, key="version-b")
    text = difference(desk.store, desk.project, a, b, actor=desk.actor)
    if text:
        st.code(text, language="diff", wrap_lines=True)
    else:
        look.show(look.text("hint", "They have the same text."))
    if a != numbers[0]:
        _restore(desk, a)


def _restore(desk: Desk, number: int) -> None:
    """The whole file of that version: routing and people too."""
    with look.told(), st.form(f"restore-{number}", width=760):
        look.show(
            look.text(
                "hint",
                f"To go back to version {number}: the whole project file becomes what it was then, "
                "as a new version. Nothing that was answered is lost.",
            )
        )
        reason = st.text_input("Why", max_chars=500)
        if st.form_submit_button(f"Restore version {number}"):
            restore(
                desk.store,
                desk.path,
                desk.project,
                number,
                reason=reason,
                actor=desk.actor,
                now=desk.services.now(),
            )
            done(f"Version {desk.current().number} is in force: version {number} again.")
