"""Which of several: the responses side by side under their letters; 0 is the tie."""

from __future__ import annotations

from annotate.project import Project
from annotate.workflow.labelling import Task, shown_fields
from app import look
from app.controls import choice
from app.state import Desk


def item(task: Task, project: Project) -> None:
    titles = [option.title for option in task.control.options]
    columns = [
        f'<div class="card">{look.text("letter", title)}'
        f"{look.text('item-text', task.item.fields[name], lang=project.language)}</div>"
        for title, name in zip(titles, task.control.responses, strict=False)
    ]
    beside = choice.card(shown_fields(task), project)
    look.show(f'{beside}<div class="versus">{"".join(columns)}</div>')


def options(task: Task, desk: Desk) -> None:
    count, responses = len(task.control.options), len(task.control.responses)
    keys = choice.KEYS.replace("0", "")[:responses]
    choice.draw_options(task, desk, keys + "0" if count > responses else keys)
