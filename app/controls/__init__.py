"""How a `Control` is drawn: one file per kind."""

from __future__ import annotations

from collections.abc import Callable

from annotate.project import Project
from annotate.workflow.labelling import Task
from app.controls import choice, versus
from app.state import Desk

ITEM: dict[str, Callable[[Task, Project], None]] = {"choice": choice.item, "versus": versus.item}
"""Draws what is asked about."""

OPTIONS: dict[str, Callable[[Task, Desk], None]] = {
    "choice": choice.options,
    "versus": versus.options,
}
"""Draws what can be answered, each with its key."""
