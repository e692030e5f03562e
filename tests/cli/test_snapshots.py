"""`coannotate snapshot`: made, listed, compared and verified from a terminal."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from app.cli import main
from app.services import Services
from tests.app.world import MAIL, mails, person, services_in, set_up
from tests.labelling import assign, submit
from tests.small import add_slots

HALF_SAID: tuple[dict[str, object], ...] = (
    {},
    {"files": {"labels.jsonl": {"sha256": "00"}}, "exports": {}},
    {"files": {"labels.jsonl": {}}, "exports": {"labels": {"files": ["labels.jsonl"]}}},
    {"files": {}, "exports": {"labels": {"files": ["labels.jsonl"]}}},
)
"""What is left of a manifest that was cut and mended by hand."""


class Desk:
    """Six mails, of which Ann answers some."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.services: Services = services_in(folder)
        set_up(self.services, MAIL, mails(6), upto="import")
        with self.services.open("mails") as (store, project):
            item_ids = [item.id for item in store.items.page("mails")]
            add_slots(store, project, item_ids, 1, question="topic")

    def answer(self, *labels: str) -> None:
        ann, now = person(self.services, "Ann"), self.services.now()
        with self.services.open("mails") as (store, project):
            for label in labels:
                task = assign(store, project, actor=ann, now=now)
                assert task is not None
                submit(store, project, task, label, actor=ann, now=now, seconds=4.0)

    def run(self, *words: str, code: int = 0) -> str:
        assert main(["snapshot", *words, "--dir", str(self.folder)]) == code
        return self.capsys.readouterr().out

    def fails(self, *words: str) -> str:
        assert main(["snapshot", *words, "--dir", str(self.folder)]) == 1
        return " ".join(self.capsys.readouterr().err.split())


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    found = Desk(tmp_path, capsys)
    found.answer("parcel", "money")
    return found


def test_a_day_with_snapshots(desk: Desk) -> None:
    assert desk.run() == "none yet: `coannotate snapshot create` makes one\n"
    said = desk.run("create", "--comment", "two labels", "--with", "sft_messages")
    place = desk.folder / "snapshots" / "mails" / "v1"
    assert said.startswith(f"{place}: 2 labels of 6 items in ")
    assert "  sft_messages: 0 rows; left out: " in said
    assert (place / "sft_messages.jsonl").read_bytes() == b""
    desk.answer("money", "parcel")
    diff = desk.run("diff").splitlines()
    assert diff[:2] == ["no label changed since v1", "2 labels are new: 2 from people"]
    again = desk.run("create", "later")
    assert "4 labels of 6 items" in again
    assert "nothing has changed: every file is the same as in later" in desk.run("create")
    assert desk.run("diff", "later", "v3") == "v3 is the same as later, to the byte\n"
    listed = desk.run("list").splitlines()
    assert [line.split()[0] for line in listed] == ["snapshot", "v3", "later", "v1"]
    assert listed[1].endswith("same as later")
    assert listed[3].endswith("two labels")
    assert re.findall(
        r"^(\w+): (\d+) files and the manifest are as written$", desk.run("verify"), re.M
    )
    votes = place / "votes.jsonl"
    votes.chmod(0o644)
    votes.write_text("")
    assert "v1: take another copy of the files" in desk.fails("verify")
    assert desk.run("verify", "v3").startswith("v3: ")


def test_what_was_changed_is_compared_with_nothing(desk: Desk) -> None:
    desk.run("create")
    desk.run("create")
    first, second = (desk.folder / "snapshots" / "mails" / name for name in ("v1", "v2"))
    labels, manifest = first / "labels.jsonl", second / "manifest.json"
    labels.chmod(0o644)
    labels.write_bytes(labels.read_bytes().replace(b'"question":', b'"questiox":', 1))
    for words in (("v1",), ("v2", "v1")):
        assert "labels.jsonl was changed: its SHA-256 is " in desk.fails("diff", *words)
    manifest.chmod(0o644)
    manifest.write_text("{")
    assert "v2, v1: take another copy of the files" in desk.fails("verify")  # of both
    assert "cannot be read" in desk.fails("diff", "v2")
    for said in HALF_SAID:
        manifest.write_text(json.dumps({"format": 1, **said}))
        for action in ("diff", "verify"):
            assert "does not say what is in the snapshot" in desk.fails(action, "v2")
    shutil.rmtree(second)
    assert "put the folder back" in desk.fails("diff", "v2")
    assert "v2, v1: take another copy" in desk.fails("verify")


def test_for_programs(desk: Desk) -> None:
    desk.run("create", "--splits", "train=0.5,test=0.5")
    desk.answer("money")
    [row] = json.loads(desk.run("list", "--json"))
    assert (row["name"], row["labels"], row["here"], row["same_as"]) == ("v1", 2, True, None)
    found = json.loads(desk.run("diff", "v1", "--json"))
    assert (found["old"], found["new"], found["added"]) == ("v1", "now", {"person": 1})
    assert json.loads(desk.run("verify", "--json")) == {"v1": []}
    manifest = json.loads(Path(row["folder"], "manifest.json").read_text("utf-8"))
    assert manifest["exports"]["labels"]["request"]["splits"]["shares"] == [
        ["train", 0.5], ["test", 0.5],
    ]  # fmt: skip


def test_what_means_nothing_is_refused(desk: Desk) -> None:
    assert "there is no snapshot to compare with" in desk.fails("diff")
    assert "does not know what 'v1' means: leave it out" in desk.fails("list", "v1")
    assert "`diff` makes none: leave it out" in desk.fails("diff", "--comment", "x")
    assert "`verify` makes none" in desk.fails("verify", "--echoes")
    assert "no export format 'eggs'" in desk.fails("create", "--with", "eggs")
    assert "no snapshot 'v9' of 'mails'" in desk.fails("verify", "v9")
    assert desk.run("create", "v2").startswith(str(desk.folder))
    assert "there is a snapshot 'v2' already" in desk.fails("create", "v2")
