"""What stands around the item: how far one is, what to press, one's last answers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from annotate.model import Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, brief
from annotate.store import Store
from annotate.workflow.labelling import Day, Done, Task
from app import look
from app.state import Desk, Wish

SNIPPET_CHARS = 80
CHOOSE_FIRST = "Choose an answer first"
TOO_FAST = "Several keys at once: choose again"
ASKS = (CHOOSE_FIRST, TOO_FAST)


def heading(project: Project, day: Day, said: str) -> None:
    """The title, what became of the last key, and how far one is today."""
    kind = "said ask" if said in ASKS else "said"
    share = day.answered_today / max(day.answered_today + day.waiting, 1)
    look.show(
        f'<div class="heading"><h1 dir="auto">{escape(project.title)}</h1>'
        f'<div class="{kind}" role="status">{escape(said)}</div>'
        f'<div class="bar"><i style="width:{share:.1%}"></i></div>'
        f'<div class="count"><b>{day.answered_today:,}</b> answered today · '
        f"<b>{day.waiting:,}</b> waiting</div></div>"
    )


def actions(task: Task | None, last: Sequence[Done], desk: Desk) -> None:
    """Submit, skip and undo, each with its key."""
    with st.container(key="actions", horizontal=True, gap="small"):
        if task is not None:
            ready = desk.chosen is not None
            _button("Submit", "Enter", "submit", task.answer_id, desk, primary=ready)
            _button("Skip", "S", "skip", task.answer_id, desk)
        newest = last[0].annotation.id if last else ""
        _button("Undo", "U", "undo", newest, desk, disabled=not last)


def _button(
    title: str,
    key: str,
    wish: Wish,
    answer_id: str,
    desk: Desk,
    *,
    primary: bool = False,
    disabled: bool = False,
) -> None:
    st.button(
        title,
        key=f"{wish}-{answer_id}",
        on_click=desk.ask,
        args=(wish, answer_id),
        type="primary" if primary else "secondary",
        shortcut=key,
        disabled=disabled,
        width="stretch" if wish == "submit" else "content",
    )


def title(project: Project, question: str, value: Value) -> str:
    """What an answer is called on its button; the value itself when it is offered no more."""
    for asked in project.questions:
        if asked.name == question:
            options = QUESTION_TYPES[asked.type].control(asked).options
            return next((o.title for o in options if o.value == value), brief(value))
    return brief(value)


def answers(project: Project, last: Sequence[Done]) -> None:
    """One's own last answers, newest first."""
    rows = []
    for done in last:
        given = done.annotation
        named = title(project, given.question, given.value)
        said = "skipped" if given.kind == "skip" else named
        body = " ".join(done.item.fields.get(project.fields[0], "").split())[:SNIPPET_CHARS]
        rows.append(
            f'<div class="answer {given.kind}"><b dir="auto">{escape(said)}</b>'
            f'<span dir="auto">{escape(body)}</span></div>'
        )
    if rows:
        look.show(f'<div class="answers"><h2>Last answers</h2>{"".join(rows)}</div>')


def empty(store: Store, project: Project) -> None:
    """Why there is nothing to label, and what to do about it."""
    title, advice = _why(store, project)
    look.show(
        f'<div class="card empty"><div class="empty-title">{escape(title)}</div>'
        f"<div>{escape(advice)}</div></div>"
    )


def _why(store: Store, project: Project) -> tuple[str, str]:
    name = project.project
    slots = [store.progress.slots(name, question.name) for question in project.questions]
    counted = {state: sum(s.get(state, 0) for s in slots) for state in ("open", "leased", "done")}
    if counted["open"]:
        return (
            "Nothing left for you",
            f"{counted['open']:,} more wait, but you have skipped or answered those: "
            "they are for somebody else. Undo takes your last skip back.",
        )
    if counted["leased"]:
        return (
            "Nothing left for you right now",
            f"{counted['leased']:,} are in other people's hands; one that is given back or "
            "left lying comes here. Look again later.",
        )
    if counted["done"]:
        return "All done", "Everything that people were asked has its answers. Thank you!"
    return _before_routing(store, project)


def _before_routing(store: Store, project: Project) -> tuple[str, str]:
    name = project.project
    if not store.items.count(name):
        return "No items yet", "Whoever runs this project: `coannotate import FILE` brings them."
    if any(store.progress.destinations(name, question.name) for question in project.questions):
        return "Nothing for people", "The model was sure of every item; nobody needs to be asked."
    return (
        "Nothing has been sent to people yet",
        "Whoever runs this project: `coannotate prelabel`, then `coannotate route`.",
    )
