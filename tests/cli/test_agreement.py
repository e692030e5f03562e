"""`coannotate agreement` as somebody in a terminal meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from tests.app.world import MAIL, mails, person, services_in, set_up
from tests.labelling import assign, submit

TASK = MAIL + "people: {per_item: 2}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    services = services_in(tmp_path)
    set_up(services, TASK, mails(4), says="money")
    with services.open("mails") as (store, project):
        for name in ("Ann", "Bob"):
            who = person(services, name)
            for _ in range(4):
                task = assign(store, project, actor=who, now=services.now())
                assert task is not None
                said = "money" if int(task.item.key[-1]) < 3 - (name == "Bob") else "parcel"
                submit(store, project, task, said, actor=who, now=services.now(), seconds=3.0)
    return tmp_path


def test_it_tells_who_agrees_with_whom(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreement", "--dir", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "topic: Krippendorff's alpha (nominal distance)"
    assert lines[1].startswith("The model agrees with people (")
    assert any(line.startswith("people with each other  4      8") for line in lines)
    assert "pairs of people (Cohen's kappa)" in lines
    assert any(line.startswith("Ann  Bob    4      75 % (") for line in lines)
    assert any(
        line.startswith("not defined: wordings of the model: every answer is 'money'")
        for line in lines
    )


def test_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreement", "--dir", str(folder), "--json", "--question", "topic"]) == 0
    told = json.loads(capsys.readouterr().out)
    [found] = told["questions"]
    assert told["project"] == "mails"
    assert found["people"]["measures"]["same answer"]["value"] == 0.75
    assert found["wordings"][0]["measures"]["alpha, nominal"]["undefined"].startswith("every")


def test_an_unknown_question(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreement", "--dir", str(folder), "--question", "colour"]) == 1
    assert "colour" in capsys.readouterr().err
