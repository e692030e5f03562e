"""A change is tried on items of known answer: what it takes, what came of it."""

from __future__ import annotations

import streamlit as st

from annotate.hashing import digest
from annotate.llm.able import able
from annotate.store.machine.trials import Trial
from annotate.workflow.guideline.held_out import LEAST, MOST
from annotate.workflow.guideline.queueing import queue_trial
from annotate.workflow.guideline.revising import Changes
from annotate.workflow.guideline.trial_words import gain
from annotate.workflow.guideline.trying_out import Estimate, trials
from annotate.workflow.prelabels.under_way import counted
from app import look
from app.controls import tabular
from app.controls.changes.guideline import Desk, done
from app.guiding import Bench, candidate

HOW = (
    "The model answers items of known answer with the project as it is and with the change, as a "
    "job. Its answers count as no votes, and no item is shown among the examples."
)


def panel(desk: Desk, changes: Changes) -> None:
    """Try these changes before they are saved."""
    questions = able(desk.project)
    if not questions:
        return
    with st.expander("Try it first"), look.told():
        look.show(look.text("hint", HOW))
        name = questions[0].name
        if len(questions) > 1:
            name = st.selectbox("Question", [one.name for one in questions], width=360)
        most = int(st.number_input("Items at most", LEAST, 5000, MOST, step=10, width=200))
        made = candidate(desk.store, desk.path, desk.project, changes, actor=desk.actor)
        question = desk.project.question(name)
        bench = Bench(
            desk.services, desk.store, desk.path, desk.project, question, made, desk.actor
        )
        _run(desk, bench, changes, most)


def _run(desk: Desk, bench: Bench, changes: Changes, most: int) -> None:
    """First what it takes, then the trial: nothing is paid before it was shown."""
    key = f"{digest(bench.candidate.changes)}-{bench.question.name}-{most}"
    if st.session_state.get("trial-told") != key and not st.button("What would that take?"):
        return
    bench.services.try_out(desk.store, desk.project, actor=desk.actor, say=lambda _: None)
    for line in _words(bench.estimate(most)):
        look.show(look.text("line", line))
    st.session_state["trial-told"] = key
    if st.button("Try it", type="primary"):
        queue_trial(
            desk.store,
            desk.project,
            bench.question,
            changes,
            most=most,
            actor=desk.actor,
            now=desk.services.now(),
            new_id=desk.services.new_id,
        )
        st.session_state.pop("trial-told")
        done("The trial is queued: it goes on when you leave, and what comes of it stands below.")


def _words(found: Estimate) -> list[str]:
    told = [
        f"{found.items:,} items of known answer, {found.drawn:,} of them audited or imported "
        "with it."
    ]
    if found.free:
        told.append("It costs nothing: the model is part of this program.")
    else:
        cost = "at a price that is not known" if found.cost_usd is None else _about(found.cost_usd)
        told.append(f"{found.calls:,} calls, {cost}; {found.known:,} answers are there already.")
    if found.tried:
        told.append(
            f"{counted(found.tried, 'change was', 'changes were')} tried on this question before: "
            "the best of many looks better than it is."
        )
    return told


def _about(cost_usd: float) -> str:
    return f"about ${cost_usd:,.4f}"


def history(desk: Desk) -> None:
    """Every trial so far."""
    found = [
        one
        for question in able(desk.project)
        for one in trials(desk.store, desk.project, question, actor=desk.actor)
    ]
    st.subheader("Tried so far", anchor=False)
    if not found:
        look.show(look.text("hint", "Nothing yet: change something under Edit and try it there."))
        return
    heads = ("at", "by", "question", "change", "items", "right now", "with it", "points (95 %)")
    tabular.shown(heads, [_row(one) for one in found], name="trials")


def _row(one: Trial) -> list[str]:
    better, n = gain(one), max(one.items, 1)
    told = (
        "-"
        if better is None
        else f"{100 * better.estimate:+.1f} ({100 * better.low:+.1f} to {100 * better.high:+.1f})"
    )
    return [
        look.moment(one.created_at),
        one.person,
        one.question,
        "; ".join(one.told),
        f"{one.items:,}",
        f"{one.right_before / n:.1%}",
        f"{one.right_after / n:.1%}",
        told,
    ]
