"""Shared by all tests: a store on a real file, a small project, people, a clock, ids, files."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from annotate.model import Person
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store, open_store
from tests import small


@dataclass
class Clock:
    """Stands still until told: `clock()` is the time, `clock.forward(minutes)` passes some."""

    at: datetime = small.START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, minutes: float) -> datetime:
        self.at += timedelta(minutes=minutes)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def new_id() -> Callable[[], str]:
    """id1, id2, ..."""
    count = itertools.count(1)
    return lambda: f"id{next(count)}"


@pytest.fixture
def lead() -> Person:
    """Who may do everything."""
    return operator(small.START)


@pytest.fixture
def project() -> Project:
    return small.small_project()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "coannotate.db"


@pytest.fixture
def store(database: Path, project: Project) -> Iterator[Store]:
    """An empty store that knows the project."""
    with open_store(database) as opened:
        small.know(opened, project)
        yield opened


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """write(name, content): a file of that text (as UTF-8, untranslated) or bytes."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file
