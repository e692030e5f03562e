"""`coannotate team`: figures of people, and what is decided about them, from a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.cli import main
from app.services import Services
from tests.app.world import MAIL, mails, person, services_in, set_up
from tests.labelling import assign, submit
from tests.small import add_slots


class Office:
    """Six mails that Ann and Bob answer differently."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.services: Services = services_in(folder)
        set_up(self.services, MAIL, mails(6), upto="import")
        with self.services.open("mails") as (store, project):
            item_ids = [item.id for item in store.items.page("mails")]
            add_slots(store, project, item_ids, 2, question="topic")
        for name, label in (("Ann", "parcel"), ("Bob", "money")):
            self.answer(name, label, 3)

    def answer(self, name: str, label: str, count: int) -> None:
        who = person(self.services, name)
        now = self.services.now()
        with self.services.open("mails") as (store, project):
            for _ in range(count):
                task = assign(store, project, actor=who, now=now)
                assert task is not None
                submit(store, project, task, label, actor=who, now=now, seconds=4.0)
            assign(store, project, actor=who, now=now)  # one more in hand

    def run(self, *words: str) -> str:
        assert main([*words, "--dir", str(self.folder)]) == 0, self.capsys.readouterr().err
        return self.capsys.readouterr().out

    def fails(self, *words: str) -> str:
        assert main([*words, "--dir", str(self.folder)]) == 1
        return " ".join(self.capsys.readouterr().err.split())


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    return Office(tmp_path, capsys)


def test_everybody_and_one_person(office: Office) -> None:
    said = office.run("team")
    assert re.search(r"^Ann +working +0 +0 +3 +4\.0 s ", said, re.M)
    assert "agreement: how often they are right by the consensus" in said
    one = office.run("team", "show", "Bob")
    assert re.search(r"^money +100 % +0 %$", one, re.M)
    assert re.search(r"^parcel +0 % +100 %$", one, re.M)


def test_pause_resume_and_reassign(office: Office) -> None:
    assert office.run("team", "pause", "Bob", "--reason", "ill") == (
        "Bob is paused; 1 item back in the queue\n"
    )
    assert re.search(r"^Bob +paused \(by operator: ill\) ", office.run("team"), re.M)
    assert "paused here: Bob\n" in office.run("status")
    assert office.run("team", "resume", "Bob") == "Bob gets items again\n"
    taken = office.run("team", "reassign", "Ann", "--to", "Bob", "--reason", "she is away")
    assert taken == "1 item taken from Ann; 1 of them to Bob\n"
    decided = office.run("team", "show", "Ann").split("decided\n")[1]
    assert re.search(r"operator +1 item reassigned to Bob +she is away$", decided, re.M)
    assert office.run("team", "reassign", "Ann", "--undo") == "Ann may get 1 item again\n"


def test_what_cannot_be_done_says_why(office: Office) -> None:
    assert "whom? Write: coannotate team pause NAME" in office.fails("team", "pause")
    assert "Give a reason" in office.fails("team", "pause", "Ann")
    assert "Ann is not paused in 'mails'" in office.fails("team", "resume", "Ann")
    assert "'Zoe' does not work in 'mails'; here are: Ann, Bob" in office.fails(
        "team", "show", "Zoe"
    )
    assert "has no question 'tone', only topic" in office.fails("team", "--question", "tone")
