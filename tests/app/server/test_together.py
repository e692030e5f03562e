"""Requests that share a transaction: each is stored or refused by itself, and told once stored."""

from __future__ import annotations

import threading
from concurrent.futures import wait
from pathlib import Path

import pytest

from annotate.errors import Conflict
from annotate.store import Store, open_store
from app.together import Reply, Together
from tests.small import someone


@pytest.fixture
def together(tmp_path: Path) -> Together:
    own = threading.local()

    def opened() -> Store:
        if not hasattr(own, "store"):
            own.store = open_store(tmp_path / "a.db")
        store: Store = own.store
        return store

    return Together(opened)


def adding(name: str, error: type[Exception] | None = None) -> object:
    def work(store: Store) -> Reply:
        with store.transaction():  # joins the one that is open
            someone(store, name)
            if error is not None:
                raise error(name)
        return {"name": name}

    return work


def test_one_that_fails_disturbs_no_other(together: Together, tmp_path: Path) -> None:
    ready = threading.Event()

    def wait_for_the_others(store: Store) -> Reply:
        ready.wait(10)
        return {}

    first = together.submit(wait_for_the_others)  # the others come in while this one is busy
    errors: dict[int, type[Exception]] = {3: Conflict, 5: RuntimeError}
    futures = [together.submit(adding(f"p{at}", errors.get(at))) for at in range(40)]  # type: ignore[arg-type]
    ready.set()
    wait([first, *futures], timeout=30)
    for at, future in enumerate(futures):
        if at in errors:
            assert isinstance(future.exception(), errors[at])
        else:
            assert future.result() == {"name": f"p{at}"}
    with open_store(tmp_path / "a.db") as store:
        names = {person.name for person in store.people.all()}
    assert names == {f"p{at}" for at in range(40) if at not in errors}


def test_when_nothing_can_be_stored_nobody_is_told_otherwise(
    together: Together, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(store: Store) -> Reply:
        store._engine.execute("pragma max_page_count = 1")
        return {}

    together.submit(full).result(10)
    big = "x" * 60

    def fill(store: Store) -> Reply:
        for at in range(2000):
            someone(store, f"{big}{at}"[:64])
        return {"done": True}

    failed = together.submit(fill)
    assert failed.exception(30) is not None
    with open_store(tmp_path / "a.db") as store:
        assert store.people.all() == []


def test_a_browser_that_has_gone_keeps_no_other_waiting(together: Together) -> None:
    hold = threading.Event()
    together.submit(lambda store: {"held": hold.wait(10)})
    gone, here = (together.submit(adding(name)) for name in ("Ann", "Bob"))  # type: ignore[arg-type]
    assert gone.cancel()
    hold.set()
    assert here.result(30) == {"name": "Bob"}
