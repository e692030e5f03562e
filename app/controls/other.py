"""A question of a type that this page cannot draw: it says so, and the item can be skipped."""

from __future__ import annotations

import streamlit as st

from annotate.workflow.labelling import Task
from app import look
from app.state import Desk


def options(task: Task, desk: Desk) -> None:
    strength = " with `strength`" if task.control.strength else ""
    st.warning(
        f"Questions of type {look.plain(task.control.type)}{strength} cannot be answered on this "
        "page. Skip the item, or take the question out of the project file."
    )
