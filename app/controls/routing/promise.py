"""The promise as a lead sees it: where it stands, and what it rests on."""

from __future__ import annotations

from html import escape
from typing import TypeAlias

import streamlit as st

from annotate.questions import QuestionSettings
from annotate.workflow.promises.promising import promise_status
from annotate.workflow.promises.report import report
from annotate.workflow.promises.status import NO_PROMISE, Findings, PromiseStatus
from app import look
from app.services import Services
from app.state import Here

HOW = (
    "A lead makes one at Routing, such as that at most 5 % are wrong, and sees first what it would "
    "cost; `coannotate promise start --error 0.05` does the same."
)


Seen: TypeAlias = tuple[PromiseStatus, Findings | None] | None


def look_at(services: Services, here: Here, question: QuestionSettings) -> Seen:
    """How the promise stands. Looking may settle it, so that comes before anything is counted."""
    store, project, actor = here
    return promise_status(store, project, question, actor=actor, now=services.now())


def panel(seen: Seen, *, how: str = HOW) -> None:
    """The statement, how far people are, and the facts behind it. how: one is made, said where
    none is."""
    st.subheader("Promise", anchor=False)
    if seen is None:
        said = look.coded(f"{NO_PROMISE[0].upper()}{NO_PROMISE[1:]}. {how}")
        look.show(f'<div class="hint" dir="auto">{said}</div>')
        return
    status, found = seen
    statement, *facts = report(status, found)
    look.show(
        f'<div class="promise {status.state}"><p>{escape(statement)}</p>{_bar(status)}'
        f"<ul>{''.join(f'<li>{escape(fact.strip())}</li>' for fact in facts)}</ul></div>"
    )


def _bar(status: PromiseStatus) -> str:
    """How much people have done of what the promise waits for."""
    if status.state == "auditing":
        done, total = status.answered, status.promise.audited
    elif status.state == "waiting":
        total = status.promise.size - status.machine
        done = total - status.to_go
    else:
        return ""
    return f'<div class="bar"><i style="width:{done / max(total, 1):.1%}"></i></div>'
