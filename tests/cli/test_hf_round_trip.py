"""A Hugging Face folder of ours, brought into another workspace: the same votes."""

from __future__ import annotations

from pathlib import Path

import pytest

import annotate
from annotate.workspace import Workspace, record_version
from app.cli import main
from tests.annotate.support.answering import people_say
from tests.mails import MAILS
from tests.small import START, add_items, machine_says

TASK = MAILS + "import: {id: id}\n"


def made(folder: Path) -> Workspace:
    folder.mkdir()
    (folder / "task.yaml").write_text(TASK, "utf-8")
    return Workspace(folder)


def said(folder: Path) -> list[tuple[object, ...]]:
    """id, who, what of every vote."""
    votes = annotate.open(folder).project().votes()
    return sorted((row["id"], row["by"], row["vote"]) for row in votes)


def test_the_same_votes_come_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = made(tmp_path / "here")
    path, project = workspace.project(None)
    with workspace.open() as store:
        record_version(store, path, project, now=START)
        ids = add_items(store, project, 3)
        machine_says(store, project, {ids[0]: ["spam", "ham"]}, variants=("v0", "v1"))
        people_say(store, project, {ids[0]: {"Ann": "ham", "Bob": "ham"}, ids[1]: {"Bob": "spam"}})
    out, there = tmp_path / "out", made(tmp_path / "there").folder
    assert main(["export", "hf_dataset", "--dir", str(tmp_path / "here"), "-o", str(out)]) == 0
    told = []
    for _ in range(2):  # a second time changes nothing
        capsys.readouterr()
        assert main(["import", str(out), "--from", "hf_dataset", "--dir", str(there)]) == 0
        assert said(there) == [
            ("0", "model", "ham"),
            ("0", "model", "spam"),
            ("0", "person", "ham"),
            ("0", "person", "ham"),
            ("1", "person", "spam"),
        ]
        told.append(capsys.readouterr().out.splitlines())
    # five rows of votes about two items
    first, again = told
    assert first[0] == "2 items added, 0 were there already, 0 rows rejected"
    assert [line.split(":")[0] for line in first[1:]] == [
        "  3 answers of people",
        "  2 predictions of models",
    ]
    assert again == [
        "0 items added, 2 were there already, 0 rows rejected",
        "  5 answers or predictions there already",
    ]
    assert said(tmp_path / "here") == said(there)
