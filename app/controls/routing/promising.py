"""Making a promise on a page, and taking it back: what it would cost comes first."""

from __future__ import annotations

import streamlit as st

from annotate.people import RIGHTS
from annotate.promise.plan import Plan, Terms
from annotate.promise.wording import confidence, percent
from annotate.questions import QuestionSettings
from annotate.workflow.promises.promising import plan_promise, settle_now, start, withdraw
from annotate.workflow.promises.status import PromiseStatus
from app import look
from app.services import Services
from app.state import Here

UNDER_WAY = ("auditing", "waiting")


def controls(
    services: Services, here: Here, question: QuestionSettings, status: PromiseStatus | None
) -> None:
    """What may be done about the promise by who may; nothing for others."""
    if "make promises" not in RIGHTS[here.actor.role]:
        return
    if status is not None and status.state in UNDER_WAY:
        _under_way(services, here, question, status)
        return
    with st.expander("Make a promise" if status is None else "Make a new promise"):
        _make(services, here, question)


def _make(services: Services, here: Here, question: QuestionSettings) -> None:
    store, project, actor = here
    name = f"promise-{question.name}"
    target = project.routing.target_error or 0.05
    with st.container(horizontal=True, vertical_alignment="bottom"):
        error = st.number_input(
            "Wrong at most, %", 0.1, 99.0, 100 * target, 0.5, key=f"{name}-error", width=170
        )
        sure = st.number_input(
            "Confidence, %", 50.0, 99.9, 95.0, 0.5, key=f"{name}-sure", width=170
        )
        audit = st.number_input(
            "Items to audit",
            min_value=1,
            value=None,
            placeholder="as many as is best",
            key=f"{name}-audit",
            width=200,
        )
        terms = Terms(round(error / 100, 9), round(1 - sure / 100, 9), audit)
        if st.button("What would it cost?", key=f"{name}-plan"):
            st.session_state[name] = terms
    if st.session_state.get(name) != terms:
        return
    with look.told():
        found = plan_promise(store, project, question, terms, actor=actor)
        look.show(look.text("", _cost(found, terms)))
        if st.button("Freeze the labels and draw the audit", type="primary", key=f"{name}-start"):
            start(
                store,
                project,
                question,
                terms,
                actor=actor,
                now=services.now(),
                new_id=services.new_id,
            )
            del st.session_state[name]
            st.rerun()


def _cost(found: Plan, terms: Terms) -> str:
    learned = f" and {found.answers:,} human answers" if found.answers else ""
    unrouted = (
        f" {found.unrouted:,} items are not routed yet: the promise would not be about them."
        if found.unrouted
        else ""
    )
    return (
        f"At most {percent(terms.tolerance)} wrong with {confidence(terms.alpha)} confidence: "
        f"{found.population:,} labels would be frozen and {found.audited:,} of them drawn for a "
        f"blind audit, of which {found.critical:,} may be wrong. People would label about "
        f"{found.human_share:.0%} of {found.size:,} items in the end, the audit included: a guess "
        f"from the scores{learned}, on which the promise does not depend.{unrouted}"
    )


def _under_way(
    services: Services, here: Here, question: QuestionSettings, status: PromiseStatus
) -> None:
    store, project, actor = here
    name, now = f"promise-{question.name}", services.now()
    if status.state == "auditing":
        left = status.promise.audited - status.answered
        look.show(look.text("hint", f"{left:,} further audited items are needed; people get them."))
    with look.told():
        if (
            status.state == "auditing"
            and status.skipped
            and st.button("Settle now: skipped items count as wrong", key=f"{name}-settle")
        ):
            settle_now(store, project, question, actor=actor, now=now)
            st.rerun()
        with st.expander("Take it back"):
            reason = st.text_input("Why", key=f"{name}-why", max_chars=500, width=420)
            if st.button("Withdraw the promise", key=f"{name}-withdraw"):
                withdraw(store, project, question, reason, actor=actor, now=now)
                st.rerun()
