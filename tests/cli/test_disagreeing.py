"""`coannotate disagreements` and `coannotate item` as somebody types them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from annotate.workspace import record_version
from app.cli import main
from app.config import from_environment
from app.services import Services
from tests.annotate.support.answering import people_say
from tests.mails import MAILS
from tests.small import START, add_items, machine_says


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """Five mails, spam to the machine; on the second people say ham, on the third they differ."""
    (tmp_path / "task.yaml").write_text(MAILS + "routing: {live: false}\n", "utf-8")
    made = Services(from_environment(tmp_path), now=lambda: START)
    path, project = made.workspace.project(None)
    with made.workspace.open() as store:
        record_version(store, path, project, now=START)
        ids = add_items(store, project, 5)
        machine_says(store, project, {i: ["spam"] * 5 for i in ids})
        said = [("spam", "spam"), ("ham", "ham"), ("spam", "ham")]
        both = zip(ids, said, strict=False)
        people_say(store, project, {i: {"Ann": a, "Bob": b} for i, (a, b) in both})
    return made


def run(services: Services, *words: str) -> int:
    return main([*words, "--dir", str(services.config.folder)])


def test_matrices_and_items_are_listed(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(services, "disagreements") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0][:5] == ["2", "of", "3", "answered", "items,"]
    assert ["the", "same", "in", "2", "of", "4", "cases", "(50%)"] in lines
    assert ["spam", "2", "0", "0"] in lines
    assert ["ham", "2", "0", "0"] in lines
    assert ["ham", "1", "1"] in lines
    assert {line[0] for line in lines[-2:]} == {"1", "2"}


def test_filters_narrow_the_list(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--annotator", "Bob", "--people", "ham", "--search", "mail"]
    assert run(services, "disagreements", "--csv", *words) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["item"] for row in rows} == {"1", "2"}
    given = {frozenset(row["people"].split(" | ")) for row in rows}
    assert given == {frozenset({"Ann: ham", "Bob: ham"}), frozenset({"Ann: spam", "Bob: ham"})}
    assert run(services, "disagreements", "--csv", "--all", "--limit", "2") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert run(services, "disagreements", "--limit", "1") == 0
    said = capsys.readouterr()
    assert "1 more: --after" in said.err
    assert run(services, "disagreements", "--after", said.err.split()[-1]) == 0
    assert len([x for x in capsys.readouterr().out.splitlines() if "Ann: " in x]) == 1
    assert run(services, "disagreements", "--annotator", "Zoe") == 1
    assert "there are: Ann, Bob" in capsys.readouterr().err


def test_an_item_tells_its_story(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(services, "item", "2") == 0
    out = capsys.readouterr().out
    assert "text: mail 2" in out
    assert "disputed, 2 answers" in out
    assert out.count(" model     made up: mail: spam") == 5
    assert "answer    Bob: mail: ham" in out
    assert run(services, "item", "2", "--prompts") == 0
    assert "part of this program: nothing is sent" in capsys.readouterr().out
    assert run(services, "item", "nine") == 1
    assert "has no item 'nine'" in capsys.readouterr().err
