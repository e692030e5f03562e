"""What a lead types while people label: pause, freeze, what waits, skills and training."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from annotate.workflow.labelling.syncing import sync
from app.cli import main
from app.services import Services
from tests.app.world import mails, person, services_in, set_up
from tests.small import add_slots

TASK = """
project: mails
title: Mails
fields: [text]
import: {id: id, gold: {topic: known}}
questions:
  - {name: topic, type: single_label, text: Which?, labels: [{name: parcel}, {name: other}]}
people: {training: {items: 2, pass: 1.0}, mode: suggest}
"""


class Office:
    """A workspace with four items to label, three with a known answer, and Ann."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.services: Services = services_in(folder)
        rows = [row | {"known": "parcel" if at < 3 else ""} for at, row in enumerate(mails(7))]
        set_up(self.services, TASK, rows, upto="import")
        with self.services.open("mails") as (store, project):
            add_slots(
                store, project, [i.id for i in store.items.page("mails")][3:], question="topic"
            )
        self.ann = person(self.services, "Ann")

    def run(self, *words: str) -> str:
        assert main([*words, "--dir", str(self.folder)]) == 0, self.capsys.readouterr().err
        return self.capsys.readouterr().out

    def sync(self, *ops: dict[str, Any], want: int = 0) -> dict[str, Any]:
        request = {"request": "r", "ops": list(ops), "want": want}
        with self.services.open("mails") as (store, project):
            return sync(store, project, request, actor=self.ann, now=self.services.now())

    def answer(self, task: dict[str, Any], value: str, **more: Any) -> dict[str, Any]:
        op = {"op": "answer", "id": f"a{task['id'][:9]}", "task": task["id"], "attempt": 0}
        return self.sync(op | {"answers": {"topic": value}} | more)


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    return Office(tmp_path, capsys)


def test_pause_freeze_and_reopen(office: Office) -> None:
    assert "is paused: nothing new is given out" in office.run("pause", "--reason", "lunch")
    assert office.sync(want=1)["tasks"] == []
    assert re.search(r"^paused by operator at 20\S+ \(lunch\)$", office.run("status"), re.M)
    assert "is frozen: no answer is taken" in office.run("freeze")
    assert office.sync(want=1)["state"] == "frozen"
    assert "is open: people get items" in office.run("reopen")
    assert len(office.sync(want=1)["tasks"]) == 1
    assert "operator" not in office.run("status")


def test_training_and_what_waits_for_a_lead(office: Office) -> None:
    assert "nobody has finished a training yet" in office.run("training")
    assert office.run("inbox") == "nothing waits\n"
    for task in office.sync(want=2)["tasks"]:
        office.answer(task, "other")
    assert "training: Ann did not pass\ndetails: coannotate inbox" in office.run("status")
    assert "Ann     failed  0 of 2" in office.run("training")
    assert "Ann     excused  -" in office.run("training", "--excuse", "Ann")
    [task] = office.sync(want=1)["tasks"]
    flag = {"op": "flag", "id": "f1", "task": task["id"], "attempt": 0, "comment": "two\nlanguages"}
    office.sync(flag)
    assert office.answer(task, "eggs")["results"][0]["status"] == "refused"
    told = office.run("inbox")
    assert "flags: 1 that nobody has seen to" in told
    assert "not taken: 1 answers or changes, kept as they were sent" in told
    assert "m3    Ann     2026-03-01T09:00  two languages" in told
    assert "answer {'topic': 'eggs'}  single_label: 'eggs' is not one of parcel, other" in told
    assert "item m3: 1 flags closed" in office.run("inbox", "--close", "m3")
    assert "flags" not in office.run("inbox")
    assert "topic: the model's answer was in sight of 0 first answers" in office.run("status")


def test_skills(office: Office) -> None:
    assert "Ann     fr, zh" in office.run("skills", "Ann", "zh", "fr")
    assert "Ann     fr, zh" in office.run("skills")
    assert main(["skills", "Zoe", "zh", "--dir", str(office.folder)]) != 0
    assert "nobody here is called 'Zoe'; there are: Ann" in office.capsys.readouterr().err
