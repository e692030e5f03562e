"""`coannotate decide`: the queue, one case, and every word a lead can say of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.cli import main
from app.services import Services
from tests.app.world import mails, person, services_in, set_up
from tests.labelling import assign, submit
from tests.small import add_slots

TASK = """
project: mails
title: Mails
fields: [text]
import: {id: id}
questions:
  - {name: topic, type: single_label, text: Which?, labels: [{name: parcel}, {name: other}]}
"""


class Court:
    """Ann calls four mails a parcel; Bob calls the first three something else."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.services: Services = services_in(folder)
        self.before = 0
        set_up(self.services, TASK, mails(4), upto="import")
        self.answer("Ann", lambda at: "parcel")
        self.answer("Bob", lambda at: "parcel" if at == 3 else "other")

    def answer(self, name: str, says: object) -> None:
        who = person(self.services, name)
        now = self.services.now() + timedelta(minutes=self.before)
        self.before += 1
        with self.services.open("mails") as (store, project):
            ids = [item.id for item in store.items.page("mails")]
            add_slots(store, project, ids, 2, question="topic")
            for at in range(len(ids)):
                task = assign(store, project, actor=who, now=now + timedelta(seconds=at))
                assert task is not None
                said = says(task.item.position)  # type: ignore[operator]
                submit(store, project, task, said, actor=who, now=now + timedelta(seconds=at))

    def run(self, *words: str) -> str:
        assert main(["decide", *words, "--dir", str(self.folder)]) == 0
        return self.capsys.readouterr().out

    def refused(self, *words: str) -> str:
        assert main(["decide", *words, "--dir", str(self.folder)]) != 0
        return " ".join(self.capsys.readouterr().err.split())


@pytest.fixture
def court(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Court:
    return Court(tmp_path, capsys)


def test_a_lead_works_the_queue_off(court: Court) -> None:
    listed = court.run()
    assert listed.splitlines()[0] == "topic: 3 items to decide"
    assert listed.count("parcel, other") == 3
    assert court.run("--limit", "1").splitlines()[0] == ("topic: 3 items to decide, the first 1")
    said = court.run("--item", "m0", "--value", "parcel", "--comment", "the subject says so")
    assert said == "item m0 is decided: parcel\n"
    assert court.run("--item", "m1", "--ambiguous") == "item m1 is marked as ambiguous\n"
    person(court.services, "Cyd")
    words = ("--send-back", "--comment", "read it to the end")
    assert court.run("--item", "m2", *words) == "item m2 goes back to people\n"
    assert court.run() == "topic: people differ on nothing that is not decided\n"
    assert court.run("--item", "m1", "--take-back") == "item m1 is as it was before\n"
    assert court.run().splitlines()[0] == "topic: 1 item to decide"
    shown = court.run("--item", "m0")
    assert "Ann: parcel\nBob: other\n" in shown
    assert "decided parcel by operator, stands: the subject says so" in shown


def test_what_cannot_be_done_is_told(court: Court) -> None:
    assert "name the item that is meant with --item" in court.refused("--value", "parcel")
    assert "'spam' is" in court.refused("--item", "m0", "--value", "spam")
    assert "no item 'm9'" in court.refused("--item", "m9", "--value", "parcel")
    assert "is sent back with a comment" in court.refused("--item", "m0", "--send-back")
    assert "nobody here is called 'Zoe'; there are: Ann, Bob" in court.refused(
        "--item", "m0", "--send-back", "--comment", "again", "--to", "Zoe"
    )
    assert "everybody here has had this item" in court.refused(
        "--item", "m0", "--send-back", "--comment", "again"
    )
    assert "no question 'size'" in court.refused("--question", "size")
