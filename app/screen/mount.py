"""What Streamlit mounts on the labelling page, and what the page tells it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import streamlit as st

from annotate.markdown import markdown
from annotate.model import Person
from annotate.project import Project
from app.screen.assets import assets

LOADER = """export default async function (component) {
  // a blob's own address resolves nothing: the page's does
  const desk = await import(new URL("%s", document.baseURI).href);
  return desk.default(component);
}
"""
"""All that goes over the websocket: the modules themselves are fetched once and kept."""

_mounted = st.components.v2.component(
    "coannotate.desk",
    html='<div class="desk" tabindex="-1"></div>',
    js=LOADER % assets().address("index.js"),
    isolate_styles=False,  # a selection inside a shadow root is lost to spans in most browsers
)


def desk(project: Project, person: Person, *, token: str, locale: str | None) -> None:
    """Put the desk on the page. It outlasts every later run, which only hands it a new token."""
    _mounted(
        key=f"desk {project.project} {person.id}",
        data=payload(project, person, token=token, locale=locale),
        on_renew_change=lambda: None,  # the run that this causes brings the new token
    )


def payload(project: Project, person: Person, *, token: str, locale: str | None) -> dict[str, Any]:
    """All that the desk knows before it asks the server."""
    return told(project, person, token=token, locale=locale) | {
        "languages": assets().languages,
        "types": sorted({question.type for question in project.questions}),
    }


def told(project: Project, person: Person, *, token: str, locale: str | None) -> dict[str, Any]:
    """What every screen of a project knows. locale: of the browser, as `zh-CN`."""
    files = assets()
    language = (locale or "").split("-")[0].lower()
    return {
        "project": project.project,
        "title": project.title,
        "person": {"id": person.id, "name": person.name},
        "api": f"/api/projects/{quote(project.project)}/",
        "token": token,
        "language": language if language in files.languages else "en",
        "content_language": project.language,
        "style": files.styles,
        "guideline": markdown(project.guideline),
    }
