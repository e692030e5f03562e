"""One of a list: the item's fields, and a button with a key for each option."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from annotate.project import Project
from annotate.workflow.labelling import Task, shown_fields
from app import look
from app.state import Desk

# S and U are skip and undo; Streamlit keeps C and R to itself
KEYS = "1234567890abdefghijklmnopqtvwxyz"


def item(task: Task, project: Project) -> None:
    look.show(card(shown_fields(task), project))


def card(fields: Mapping[str, str], project: Project) -> str:
    """The fields under each other, in the project's order; their names when there are several."""
    parts = []
    for name in (n for n in project.fields if n in fields):
        if len(fields) > 1:
            parts.append(look.text("field-name", name, lang=project.language))
        parts.append(look.text("item-text", fields[name], lang=project.language))
    return f'<div class="card">{"".join(parts)}</div>'


def options(task: Task, desk: Desk) -> None:
    draw_options(task, desk, KEYS)


def draw_options(task: Task, desk: Desk, keys: Sequence[str]) -> None:
    """A button for each option; options beyond the keys have none."""
    with st.container(key="options", gap=None):
        for at, option in enumerate(task.control.options):
            about = f" :small[{look.plain(option.description)}]" if option.description else ""
            st.button(
                f"**{look.plain(option.title)}**{about}",
                key=f"option-{at}-{task.answer_id}",
                on_click=desk.choose,
                args=(task.answer_id, option.value),
                type="primary" if desk.chosen == option.value else "secondary",
                shortcut=keys[at] if at < len(keys) else None,
                width="stretch",
                wrap=True,
            )
