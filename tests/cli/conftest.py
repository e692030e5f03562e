"""Commands run as in a fresh terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import main
from app.config import FOLDER, PERSON
from tests.cli.terminal import Command


@pytest.fixture(autouse=True)
def fresh_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ran in this process has left its workspace in the environment."""
    for name in (FOLDER, PERSON):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return run
