"""How a `Control` is drawn: one file per kind."""

from __future__ import annotations

from collections.abc import Callable

from annotate.project import Project
from annotate.questions import Control
from annotate.workflow.labelling import Task
from app.controls import choice, other, versus
from app.state import Desk

ITEM: dict[str, Callable[[Task, Project], None]] = {
    "choice": choice.item,
    "versus": versus.item,
    "other": choice.item,
}
"""Draws what is asked about."""

OPTIONS: dict[str, Callable[[Task, Desk], None]] = {
    "choice": choice.options,
    "versus": versus.options,
    "other": other.options,
}
"""Draws what can be answered, each with its key."""


def kind_of(control: Control) -> str:
    """Which of the ways above draws it."""
    known = {"single_label": "choice", "preference": "versus"}
    return "other" if control.strength else known.get(control.type, "other")
