"""Everything kept in a browser session: who is here, which project, and what lies on the desk.

A session is a cache that dies with its connection; the truth is in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import streamlit as st

from annotate.errors import AnnotateError, NotFound
from annotate.model import Person
from annotate.project import Project, load_project
from annotate.store import Store
from annotate.workspace import record_version
from app import doors
from app.config import from_environment
from app.doors import Visitor, tokens
from app.services import Services

PROJECT, DESK = "project_name", "desk"

Wish = Literal["submit", "skip", "undo"]


@dataclass(slots=True)
class Desk:
    """The item on the labelling page and what its buttons asked for.

    Buttons call `choose` and `ask` with the answer they were drawn for: a click on an item that
    has gone changes nothing. They change this object and no session state, because reading that
    is where Streamlit breaks a run off when the next click comes: no click gets lost.
    """

    answer_id: str = ""
    shown_at: datetime | None = None
    chosen: str | None = None
    picks: set[str] = field(default_factory=set)
    wishes: list[tuple[Wish, str]] = field(default_factory=list)
    said: str = ""

    def lay(self, answer_id: str, now: datetime) -> None:
        """Show this answer's item: the same one again keeps its time and choice."""
        if answer_id != self.answer_id:
            self.clear()
            self.answer_id, self.shown_at = answer_id, now

    def clear(self) -> None:
        """The item is settled."""
        self.answer_id, self.shown_at, self.chosen = "", None, None
        self.picks.clear()

    def choose(self, answer_id: str, value: str) -> None:
        if answer_id == self.answer_id:
            self.picks.add(value)

    def take(self) -> bool:
        """Make what was picked the choice; False when several were, and none is chosen now.

        Clicks that come while a run is busy arrive together and in no order: the last one
        cannot be told from the others, and a guess could store what nobody meant.
        """
        picks, self.picks = self.picks, set()
        if len(picks) > 1:
            self.chosen = None
            return False
        self.chosen = picks.pop() if picks else self.chosen
        return True

    def ask(self, wish: Wish, answer_id: str) -> None:
        self.wishes.append((wish, answer_id))

    def seconds(self, now: datetime) -> float | None:
        """How long the item has been shown."""
        return None if self.shown_at is None else (now - self.shown_at).total_seconds()


class Here(NamedTuple):
    """What a page works with during one run."""

    store: Store
    project: Project
    actor: Person


def running() -> Services:
    """The services of the running application."""
    return Services(from_environment())


def desk(project: Project, actor: Person) -> Desk:
    """This person's desk in this project."""
    found: Desk = st.session_state.setdefault(f"{DESK} {project.project} {actor.id}", Desk())
    return found


def projects(services: Services) -> tuple[dict[str, tuple[Path, Project]], list[str]]:
    """name -> file and project for every usable one; and what is wrong with the others."""
    found: dict[str, tuple[Path, Project]] = {}
    problems = []
    for path in services.workspace.task_files():
        try:
            project = _project(path, path.stat().st_mtime_ns)
        except (AnnotateError, OSError) as error:
            problems.append(str(error))
            continue
        if project.project in found:
            problems.append(f"{path}: another file here is project {project.project!r} too")
        else:
            found[project.project] = path, project
    return found, problems


@lru_cache(maxsize=256)
def _project(path: Path, changed_ns: int) -> Project:
    """Reading one takes 10 ms, and a page runs on every key: only a changed file is read again."""
    return load_project(path)


@contextmanager
def opened(services: Services) -> Iterator[Here]:
    """The database, the chosen project (else the first) and who is signed in.

    Raises NotFound when there is no usable project, and NotSignedIn.
    """
    found, _ = projects(services)
    if not found:
        raise NotFound(f"{services.config.folder} has no usable project: `coannotate init`")
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
    return doors.signed_in(services, store, cookies())


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
