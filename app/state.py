"""Everything kept in a browser session: which project somebody looks at; and who that is.

A session is a cache that dies with its connection; the truth is in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from annotate.errors import NotFound
from annotate.model import Person
from annotate.project import Project
from annotate.store import Store
from annotate.workspace import record_version
from app import doors
from app.config import from_environment
from app.doors import Visitor, tokens
from app.services import Services

PROJECT = "project_name"


class Here(NamedTuple):
    """What a page works with during one run."""

    store: Store
    project: Project
    actor: Person


def running() -> Services:
    """The services of the running application."""
    return Services(from_environment())


@contextmanager
def opened(services: Services) -> Iterator[Here]:
    """The database, the chosen project (else the first) and who is signed in.

    Raises NotFound when there is no usable project, and NotSignedIn.
    """
    found, _ = services.workspace.usable()
    if not found:
        raise NotFound(
            f"{services.config.folder} has no usable project: a lead makes one at Set up, or "
            "`coannotate create FILE`, or `coannotate init`"
        )
    path, project = found[project_name(found)]
    with services.workspace.open() as store:
        record_version(store, path, project, now=services.now())
        yield Here(store, project, signed_in(services, store))


def cookies() -> dict[str, str]:
    """What this page's browser sent when it connected."""
    return dict(st.context.cookies)


def visitor(services: Services, store: Store) -> Visitor | None:
    """Who is signed in, looked up anew in each run: a session may have ended meanwhile."""
    return doors.visitor(services, store, cookies())


def signed_in(services: Services, store: Store) -> Person:
    """The person who is signed in; raises NotSignedIn."""
    return doors.known_visitor(services, store, cookies()).person


def page_token(services: Services, here: Here) -> str:
    """What the desk of this project sends with its requests; raises NotSignedIn."""
    found = doors.known_visitor(services, here.store, cookies())
    return tokens.make_token(services, found, here.project.project)


def form_token(services: Services) -> str:
    """What a form on a page carries, so that only this page can have sent it."""
    return tokens.form_token(services, cookies().get(doors.cookie_name(services), ""))


def project_name(names: Iterable[str]) -> str:
    """The chosen project, else the first of `names`."""
    names = list(names)
    chosen = str(st.session_state.get(PROJECT))
    return chosen if chosen in names else names[0]


def choose_project(name: str) -> None:
    st.session_state[PROJECT] = name


def titles(found: Mapping[str, tuple[Path, Project]]) -> dict[str, str]:
    """name -> title, for a choice of projects."""
    return {name: project.title for name, (_, project) in found.items()}
