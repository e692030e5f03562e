"""Commands run as in a fresh terminal."""

from __future__ import annotations

import pytest

from app.config import FOLDER, PERSON


@pytest.fixture(autouse=True)
def fresh_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ran in this process has left its workspace in the environment."""
    for name in (FOLDER, PERSON):
        monkeypatch.delenv(name, raising=False)
