"""`coannotate card` as somebody types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import main
from tests.annotate.support.answering import people_say
from tests.mails import MAILS, mails_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three mails, two of them answered by Ann."""
    with mails_in(tmp_path, 3) as (store, project, ids):
        people_say(store, project, {i: {"Ann": "spam"} for i in ids[:2]})
    return tmp_path


def test_it_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["card", "--dir", str(folder)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("# Mails\n\n## Task\n\n3 items, each with the field `text`.\n")
    assert "2 of 3 items have a label for `mail`." in said
    assert "Ann" not in said
    assert main(["card", "--dir", str(folder), "--names"]) == 0
    assert "| Ann | 2 |" in capsys.readouterr().out


def test_it_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "card.md"
    assert main(["card", "--dir", str(folder), "--language", "zh", "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: the data card of mails\n"
    text = out.read_bytes().decode()
    assert "3 个条目中有 2 个具有 `mail` 的标签。" in text
    assert text.endswith("请补充您所知道的信息。\n")


def test_a_place_that_cannot_be_written_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "nowhere" / "card.md"
    assert main(["card", "--dir", str(folder), "-o", str(out)]) == 1
    assert f"{out}: there is no folder {out.parent}. Make it first" in capsys.readouterr().err


def test_it_takes_no_other_files_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "task.yaml"
    assert main(["card", "--dir", str(folder), "-o", str(out)]) == 1
    assert "is already there and is no .md file" in capsys.readouterr().err
    assert out.read_text("utf-8") == MAILS
