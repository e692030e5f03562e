"""`coannotate consensus` as somebody types it, and the worker that keeps it current."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotate.workspace import record_version
from app.cli import main
from app.config import from_environment
from app.live import LiveConsensus, LiveRouter, keep_current
from app.services import Services
from tests.annotate.support.answering import people_say
from tests.mails import MAILS
from tests.small import QUESTION, START, add_items, machine_says

TASK = MAILS + "routing: {live: false}\n"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """Twelve mails: the machine has answered ten; people nine, and differ on one."""
    (tmp_path / "task.yaml").write_text(TASK, "utf-8")
    made = Services(from_environment(tmp_path), now=lambda: START)
    path, project = made.workspace.project(None)
    with made.workspace.open() as store:
        record_version(store, path, project, now=START)
        ids = add_items(store, project, 12)
        machine_says(store, project, {i: ["spam"] * 5 for i in ids[:10]})
        people_say(store, project, {i: {"Ann": "spam", "Bob": "spam"} for i in ids[:8]})
        people_say(store, project, {ids[8]: {"Ann": "spam", "Cyd": "ham"}})
    return made


def test_it_tells_who_an_answer_is_from_and_how_good_people_are(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["consensus", "--dir", str(services.config.folder)]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "mail: 12 items by joint, 10 changed since last time"
    assert lines[1:6] == [
        "items  who",
        "8      two people or more agree",
        "1      people differ",
        "1      the model alone",
        "2      nobody yet",
    ]
    assert lines[7] == (
        "how often people are right, by what everybody else said of the same items:"
    )
    assert lines[8].split() == ["person", "answers", "right", "95", "%"]
    people = {line.split()[0]: line.split() for line in lines[9:12]}
    assert [people[name][1] for name in ("Ann", "Bob", "Cyd")] == ["9", "8", "1"]
    right = {name: int(cells[2].rstrip("%")) for name, cells in people.items()}
    assert right["Ann"] > 80 > right["Cyd"]
    assert main([*words, "--question", "mail"]) == 0
    assert "12 items by joint, 0 changed since last time" in capsys.readouterr().out


def test_the_worker_makes_it_up_anew_when_something_was_said(services: Services) -> None:
    seconds = [0.0]
    consensus = LiveConsensus(services, every_s=5.0, clock=lambda: seconds[0])
    router = LiveRouter(services)

    def stored() -> int:
        with services.open() as (store, project):
            run = store.consensus.run_of(project.project, QUESTION)
            return -1 if run is None else run.answers

    def answer(at: int) -> None:
        with services.open() as (store, project):
            item = store.items.ids(project.project)[at]
            people_say(store, project, {item: {"Dee": "ham"}}, minute=at)

    keep_current(router)
    assert stored() == -1
    keep_current(router, consensus)
    assert stored() == 18
    answer(9)
    keep_current(router, consensus)  # so soon after the last it is not due
    assert stored() == 18
    seconds[0] = 5.0
    keep_current(router, consensus)
    assert stored() == 19


def test_before_anything_is_said_the_worker_does_nothing(tmp_path: Path) -> None:
    (tmp_path / "task.yaml").write_text(TASK, "utf-8")
    services = Services(from_environment(tmp_path), now=lambda: START)
    with services.open() as (store, project):
        add_items(store, project, 3)
        assert LiveConsensus(services).step(store, project) == []
        assert store.consensus.run_of(project.project, QUESTION) is None
