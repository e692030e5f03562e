"""What somebody is told of their own work: theirs alone, in the language of their browser."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from annotate.people import require
from annotate.project import Project
from annotate.workflow.decisions.corrections import Correction
from annotate.workflow.labelling.exposing import in_words
from annotate.workflow.team.feedback import Feedback, own_feedback
from annotate.workflow.team.figures import Rate
from annotate.workflow.team.person_detail import Day
from app import look, state
from app.controls import address
from app.controls.quality import history
from app.services import Services
from app.words import Words
from app.words import words as words_of

PAGE = 20
SHOWN = "corrections_shown"


def page(services: Services) -> None:
    with look.told(), state.opened(services) as here:
        require(here.actor, "label")
        address.project(services, here)
        t = words_of(st.context.locale)
        found = own_feedback(here.store, here.project, actor=here.actor, now=services.now())
        st.title(t("feedback.title"))
        look.show(look.text("hint", t("feedback.whose")))
        _numbers(found, t)
        st.subheader(t("feedback.corrections"), anchor=False)
        _corrections(found.corrected, here.project, t)
        _days(found.days, t)


def _numbers(found: Feedback, t: Words) -> None:
    cells = [
        (f"{found.today:,}", t("feedback.today"), ""),
        (f"{found.week:,}", t("feedback.week"), ""),
        (f"{found.answered:,}", t("feedback.all"), ""),
    ]
    if found.pace is None:
        cells.append(("-", t("feedback.pace"), t("feedback.pace_none")))
    else:
        cells.append((_seconds(found.pace, t), t("feedback.pace"), ""))
    cells.append(_rate(found.decided, t, "feedback.decided"))
    if found.again is not None:
        cells.append(_rate(found.again, t, "feedback.again"))
    shown = "".join(
        f"<div><b>{escape(number)}</b><span>{escape(name)}</span><small>{escape(note)}</small></div>"
        for number, name, note in cells
    )
    look.show(f'<div class="steps">{shown}</div>')


def _rate(rate: Rate, t: Words, name: str) -> tuple[str, str, str]:
    if rate.share is None or rate.low is None or rate.high is None:
        return "-", t(name), t("feedback.decided_none")
    low, high = f"{100 * rate.low:.0f}", f"{100 * rate.high:.0f}"
    note = t("feedback.of", count=rate.of, low=low, high=high)
    return f"{100 * rate.share:.0f} %", t(name), note


def _seconds(found: float, t: Words) -> str:
    return t("feedback.unit", seconds=f"{found:.1f}" if found < 10 else f"{found:,.0f}")


def _corrections(found: Sequence[Correction], project: Project, t: Words) -> None:
    if not found:
        look.show(look.text("hint", t("feedback.corrections_none")))
        return
    shown = int(st.session_state.get(SHOWN, PAGE))
    for one in found[:shown]:
        look.show(history.card(one.item.fields, project) + _said(one, project, t))
    if len(found) > shown and st.button(t("feedback.more")):
        st.session_state[SHOWN] = shown + PAGE
        st.rerun()


def _said(one: Correction, project: Project, t: Words) -> str:
    question = project.question(one.question)
    lines = [(t("feedback.you_said"), in_words(question, one.own))]
    if one.right is None:
        lines.append((t("feedback.truth"), t("feedback.no_truth")))
    else:
        lines.append((t("feedback.truth"), in_words(question, one.truth)))
    if one.comment:
        lines.append((t("feedback.comment"), one.comment))
    head = question.text if len(project.questions) > 1 else ""
    rows = "".join(f"<p><i>{escape(name)}</i> {escape(said)}</p>" for name, said in lines)
    return (
        f'<div class="corrected" dir="auto">{look.text("hint", head) if head else ""}{rows}</div>'
    )


def _days(found: Sequence[Day], t: Words) -> None:
    if not found:
        return
    st.subheader(t("feedback.days"), anchor=False)
    heads = (t("feedback.day"), t("feedback.tasks"), t("feedback.seconds"))
    rows = [
        (day.date, f"{day.answers:,}", "" if day.seconds is None else _seconds(day.seconds, t))
        for day in found
    ]
    with st.container(width=420):
        look.show(look.table(heads, rows))


if __name__ == "__main__":
    page(state.running())
