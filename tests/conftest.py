"""Shared by all tests: a store on a real file, a small project, people, a clock, ids, files."""

from __future__ import annotations

import gc
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from annotate.model import Person
from annotate.passwords import _nobodys
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.store.sqlite import SqliteEngine
from tests import ready_schema, small
from tests.forking import ROOT

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a run in the background has Ctrl-C switched off, and so would every process it starts
    signal.signal(signal.SIGINT, signal.default_int_handler)

# what is read while tests are collected stays: to look for garbage in it took a fourth of the time
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


# how long a test takes is the machine's matter; `make proof` tries ten times as many examples
settings.register_profile("daily", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=300)
settings.load_profile("daily")


@pytest.fixture(autouse=True, scope="session")
def _ready_schema() -> Iterator[None]:
    """A dozen steps lead to a new database: not two thousand times here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqliteEngine, "migrate", ready_schema.migrate)
        yield


@pytest.fixture(autouse=True, scope="module")
def _nothing_left_behind() -> Iterator[None]:
    """A command that forgot its folder works where the tests were started."""
    before = _files(ROOT)
    yield
    left = _files(ROOT) - before
    assert not left, f"{sorted(left)} came into {ROOT}: remove them, and give the test a folder"


def _files(folder: Path) -> set[str]:
    """Not folders, and nothing hidden: caches, and the workspace of a demo, come beside tests."""
    return {
        entry.name
        for entry in os.scandir(folder)
        if entry.is_file() and not entry.name.startswith(".")
    }


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A hash is meant to cost 0.1 s and 64 MB: not a thousand times here."""
    if request.node.get_closest_marker("real_hashes") is None:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        monkeypatch.setattr("annotate.passwords._HASHER", cheap)
    else:  # the one that stands for unknown names was made at the price of the tests before
        monkeypatch.setattr("annotate.passwords._nobodys", cache(_nobodys.__wrapped__))


@pytest.fixture
def clock() -> small.Clock:
    return small.Clock()


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
