"""What Streamlit mounts on the page of cases, and what the page tells it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.model import Person
from annotate.project import Project
from app.screen.assets import assets
from app.screen.mount import LOADER, told

_mounted = st.components.v2.component(
    "coannotate.decide",
    html='<div class="desk decide" tabindex="-1"></div>',
    js=LOADER % assets().address("decide/index.js"),
    isolate_styles=False,
)


def court(
    project: Project,
    person: Person,
    *,
    token: str,
    locale: str | None,
    question: str | None = None,
    item: str | None = None,
    edit: str = "",
) -> None:
    """Put the cases on the page. question, item: where to begin; None is the queue of the first
    question. edit: address of the page on which the guideline is changed."""
    _mounted(
        key=f"decide {project.project} {person.id} {question} {item}",
        data=payload(
            project, person, token=token, locale=locale, question=question, item=item, edit=edit
        ),
        on_renew_change=lambda: None,  # the run that this causes brings the new token
    )


def payload(
    project: Project,
    person: Person,
    *,
    token: str,
    locale: str | None,
    question: str | None = None,
    item: str | None = None,
    edit: str = "",
) -> dict[str, Any]:
    """All that the cases know before they ask the server. locale: of the browser, as `zh-CN`."""
    names = [each.name for each in project.questions]
    return told(project, person, token=token, locale=locale) | {
        "questions": names,
        "question": question if question in names else names[0],
        "item": item,
        "edit": edit,
    }
