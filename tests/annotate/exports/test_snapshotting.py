"""Snapshots of labels that people and a lead gave: the same bytes again, compared."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from annotate.errors import AnnotateError, NotAllowed, NotFound, UnreadableFile
from annotate.snapshots.comparing import Difference
from annotate.snapshots.wording import sentences
from annotate.splits.plan import SplitPlan
from annotate.store import Store, open_store
from annotate.workflow.consensus import consenting
from annotate.workflow.exports import one_pass
from annotate.workflow.exports.exporting import Request, counts
from annotate.workflow.snapshots.snapshotting import Snapshot, create, diff, snapshots, verify
from annotate.workspace import add_version
from tests.annotate.support.court import Court
from tests.small import QUESTION, Clock, add_items

TEXTS = ("first text", "second text")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


@pytest.fixture
def court(store: Store, clock: Clock) -> Court:
    """Six mails, all answered by Ann, three by Bob as well; one of them otherwise."""
    found = Court(store, clock, guideline="Spam is what nobody asked for.")
    add_version(store, "mails", TEXTS[0], kind="first", person=None, reason=None, now=found.now())
    both = [{"Ann": "spam", "Bob": "spam"}, {"Ann": "ham", "Bob": "ham"}]
    found.given(*both, {"Ann": "spam", "Bob": "ham"})
    found.given({"Ann": "spam"}, {"Ann": "ham"}, {"Ann": "ham"})
    return found


def make(court: Court, folder: Path, name: str | None = None, **more: Any) -> Snapshot:
    given = {"actor": court.lead, "now": court.now(), "folder": folder} | more
    return create(court.store, court.project, name, **given)


def compared(court: Court, folder: Path, old: str, new: str | None = None) -> Difference:
    now = court.now()
    return diff(court.store, court.project, old, new, actor=court.lead, now=now, folder=folder)


def manifest(snapshot: Snapshot) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((snapshot.folder / "manifest.json").read_text("utf-8"))
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_what_is_in_a_snapshot(court: Court, folder: Path) -> None:
    made = make(court, folder, requests=[Request("labels", form="csv")])
    assert made.folder == folder / "mails" / "v1"
    assert sorted(files(made.folder)) == [
        "card.en.md", "card.zh.md", "guideline.md", "labels-2.csv", "labels.jsonl",
        "left_out.jsonl", "manifest.json", "project.yaml", "votes.jsonl",
    ]  # fmt: skip
    assert (made.folder / "project.yaml").read_text() == "first text"
    assert (made.folder / "guideline.md").read_text() == "Spam is what nobody asked for."
    lines = (made.folder / "left_out.jsonl").read_text("utf-8").splitlines()
    left_out = [json.loads(line) for line in lines]
    assert [(one["id"], one["reason"]) for one in left_out if one["format"] == "labels"] == [
        ("2", "people are tied"), ("2", "people are tied"),
    ]  # fmt: skip
    row = made.row
    assert (row.number, row.items, row.labels, row.files, row.person) == (1, 6, 5, 8, "Lea")
    assert row.bytes == sum(map(len, files(made.folder).values()))


def test_what_the_manifest_says(court: Court, folder: Path) -> None:
    made = make(court, folder)
    said = manifest(made)
    assert said["counts"] == {"items": 6, "labels": 5}
    question = said["questions"][QUESTION]
    assert question["sources"] == {"person": 5}
    assert question["distribution"] == {"ham": 3, "spam": 2}
    assert question["promise"] == {
        "sentence": "no promise is made about how many of these labels are wrong"
    }
    people = question["agreement"]["people"]
    assert (people["who"], people["items"]) == ("people with each other", 3)
    assert said["exports"]["labels"]["left_out"] == {"people are tied": 1}
    assert said["exports"]["labels"]["lengths"]["text"] == {
        "min": 6, "median": 6, "p95": 6, "max": 6,
    }  # fmt: skip
    assert said["project"]["version"] == 1
    for path, facts in said["files"].items():
        data = (made.folder / path).read_bytes()
        assert facts["sha256"] == hashlib.sha256(data).hexdigest()
        assert facts["bytes"] == len(data)
    assert said["files"]["votes.jsonl"]["rows"] == 9
    assert made.row.sha256 == hashlib.sha256(files(made.folder)["manifest.json"]).hexdigest()


def test_how_old_the_posterior_is(
    court: Court, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Soon made up, it is of the same moment; of many items it is what the worker stored last."""

    def told() -> tuple[object, dict[str, str]]:
        made = make(court, folder)
        labels = Request("labels")
        report = counts(court.store, court.project, labels, actor=court.lead)
        return manifest(made)["questions"][QUESTION]["posterior"], dict(report.posteriors)

    with monkeypatch.context() as large:
        large.setattr(consenting, "FEW", 0)
        said = "no posterior, since no consensus was made up yet: `coannotate consensus` does"
        assert told() == ({"of": "nothing"}, {QUESTION: said})
    assert told() == ({"of": "this state"}, {})
    at = court.store.consensus.run_of("mails", QUESTION)
    assert at is not None
    court.given({"Ann": "spam"})
    monkeypatch.setattr(consenting, "FEW", 0)
    of, sentences = told()
    assert of == {"of": "an earlier state", "at": at.at}
    assert sentences[QUESTION].startswith(
        f"the posterior is as it was made up at {at.at[:16].replace('T', ' ')} UTC, before the new"
    )


def test_one_state_makes_the_same_bytes(court: Court, folder: Path) -> None:
    requests = [Request("labels", form="parquet"), Request("sft_messages")]
    plan = SplitPlan.read("train=0.5,test=0.5")
    first = make(court, folder, requests=requests, splits=plan)
    court.clock.forward(60 * 24)
    second = make(court, folder, requests=requests, splits=plan)
    assert files(first.folder) == files(second.folder)
    assert (first.same_as, second.same_as) == (None, "v1")
    assert compared(court, folder, "v1", "v2").nothing
    assert sentences(compared(court, folder, "v1", "v2"), "v1", "v2") == [
        "v2 is the same as v1, to the byte"
    ]


def test_with_splits_every_export_is_split(court: Court, folder: Path) -> None:
    made = make(court, folder, splits=SplitPlan.read("train=0.5,test=0.5", near_duplicates=False))
    said = manifest(made)["exports"]
    assert said["labels"]["files"] == ["labels/train.jsonl", "labels/test.jsonl"]
    assert sum(said["labels"]["splits"].values()) == 5
    assert sum(said["votes"]["splits"].values()) == 9
    [moved] = manifest(made)["moved"]
    assert moved == {"seed": "0", "shares": [["train", 0.5], ["test", 0.5]], "moved": []}


def test_files_can_only_be_read_and_names_only_be_used_once(court: Court, folder: Path) -> None:
    made = make(court, folder, "first")
    modes = {stat.S_IMODE((made.folder / name).stat().st_mode) for name in files(made.folder)}
    assert modes == {0o444}
    with pytest.raises(AnnotateError, match="there is a snapshot 'first' already"):
        make(court, folder, "first")
    assert [one.row.name for one in listed(court, folder)] == ["first"]
    assert make(court, folder).row.name == "v2"


def listed(court: Court, folder: Path) -> list[Snapshot]:
    return snapshots(court.store, court.project, actor=court.lead, folder=folder)


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a b", "x" * 65, "now"])
def test_a_name_that_cannot_be_one(court: Court, folder: Path, name: str) -> None:
    if not name:
        assert make(court, folder, name).row.name == "v1"
        return
    with pytest.raises(AnnotateError, match="is no name for a snapshot"):
        make(court, folder, name)
    assert not folder.exists()


def test_nothing_is_left_of_one_that_failed(court: Court, folder: Path) -> None:
    with pytest.raises(NotFound):
        make(court, folder, requests=[Request("eggs")])
    assert [*(folder / "mails").iterdir()] == []
    assert listed(court, folder) == []


def test_what_a_killed_one_left_goes_after_a_day(court: Court, folder: Path) -> None:
    place = make(court, folder).folder
    old, new = (place.with_name(f".snapshot-{name}") for name in ("old", "new"))
    for left in (old, new):
        (left / "v2").mkdir(parents=True)
        (left / "v2" / "labels.jsonl").write_text("{}")
    os.utime(old, (0, 0))
    make(court, folder)
    assert sorted(path.name for path in place.parent.iterdir()) == [".snapshot-new", "v1", "v2"]


def test_of_two_at_once_each_has_its_own_name(
    court: Court, folder: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one begins while the first is being written, and is done before it."""
    monkeypatch.setattr(one_pass, "TELL", 6)
    others: list[str] = []

    def other(done: int) -> None:
        with open_store(database) as store:
            made = create(store, court.project, actor=court.lead, now=court.now(), folder=folder)
            others.append(made.row.name)

    first = make(court, folder, on_item=other)
    assert (others, first.row.name, first.folder.name) == (["v1"], "v2", "v2")
    assert first.same_as == "v1"
    assert problems(court, folder, "v2") == ()


def test_a_folder_that_cannot_be_written_is_said(court: Court, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AnnotateError, match="cannot be written"):
        make(court, tmp_path / "file")


def test_newest_first_and_whether_the_files_are_there(court: Court, folder: Path) -> None:
    gone = make(court, folder, comment="before the review")
    make(court, folder)
    shutil.rmtree(gone.folder)
    found = [(one.row.name, one.row.comment, one.here) for one in listed(court, folder)]
    assert found == [("v2", None, True), ("v1", "before the review", False)]
    with pytest.raises(NotFound, match="the files of snapshot 'v1' are not in"):
        verify(court.store, court.project, "v1", actor=court.lead, folder=folder)


def problems(court: Court, folder: Path, reference: str = "v1") -> tuple[str, ...]:
    return verify(court.store, court.project, reference, actor=court.lead, folder=folder).problems


def test_what_was_changed_is_told_by_name(court: Court, folder: Path) -> None:
    place = make(court, folder).folder
    assert problems(court, folder) == ()
    votes = place / "votes.jsonl"
    votes.chmod(0o644)
    votes.write_bytes(votes.read_bytes().replace(b"spam", b"ham!", 1))
    (place / "guideline.md").unlink()
    (place / "more.txt").write_text("x")
    found = problems(court, folder)
    assert [one.split(":")[0] for one in found] == [
        "guideline.md is missing", "votes.jsonl was changed", "more.txt is not of this snapshot",
    ]  # fmt: skip


def test_a_manifest_that_was_written_anew_is_told(court: Court, folder: Path) -> None:
    path = make(court, folder).folder / "manifest.json"
    path.chmod(0o644)
    path.write_text(path.read_text("utf-8").replace('"ham": 3', '"ham": 4'), "utf-8")
    [found] = problems(court, folder)
    assert found.startswith("manifest.json was changed: its SHA-256 is ")


def test_a_copy_elsewhere_is_verified_and_compared_by_its_folder(
    court: Court, folder: Path, tmp_path: Path
) -> None:
    place = make(court, folder).folder
    copy = tmp_path / "copy"
    shutil.copytree(place, copy)
    assert problems(court, folder, str(copy)) == ()
    assert compared(court, folder, str(copy), "v1").nothing
    with pytest.raises(NotFound, match="no snapshot 'v7' of 'mails'; there are: v1"):
        problems(court, folder, "v7")
    (copy / "manifest.json").unlink()
    (copy / "manifest.json").write_text('{"format": 9}')
    with pytest.raises(UnreadableFile, match="is of format 9, and this version reads 1"):
        problems(court, folder, str(copy))


def test_before_the_first_there_is_none(court: Court, folder: Path) -> None:
    with pytest.raises(NotFound) as caught:
        compared(court, folder, "v1")
    assert str(caught.value) == (
        "no snapshot 'v1' of 'mails'; there is none yet: `coannotate snapshot create` makes one"
    )


def test_changed_labels_and_why(court: Court, folder: Path) -> None:
    """Of six labels: one is new by a decision, one was decided, one changed with the guideline,
    one was taken away."""
    store, lead = court.store, court.lead
    ids = store.items.ids("mails")
    make(court, folder, "v3")
    add_version(store, "mails", TEXTS[1], kind="edited", person="Lea", reason=None, now=court.now())
    court.decide(ids[0], "ham")
    court.decide(ids[2], "ham")
    court.send_back(ids[3], to=court.person("Ann").id)
    task = court.task("Ann")
    assert task is not None
    court.answer("Ann", task, "ham")
    court.ambiguous(ids[4])
    add_items(store, court.project, 2)
    found = compared(court, folder, "v3")
    assert found.changed == {"adjudicated": 1, "by guideline version 2": 1}
    assert (found.added, found.gone) == ({"adjudicated": 1}, {"marked as ambiguous": 1})
    assert [(one.id, one.before, one.after, one.why) for one in found.shown] == [
        ("0", "spam", "ham", "adjudicated"),
        ("3", "spam", "ham", "by guideline version 2"),
    ]
    assert sentences(found, "v3")[:5] == [
        "2 labels changed since v3: 1 adjudicated, 1 by guideline version 2",
        "1 label is new: 1 from a lead",
        "1 label is gone: 1 marked as ambiguous",
        "2 items are new",
        "the project file is version 2: the file changed (lines: 1 added, 1 removed)",
    ]
    make(court, folder, "v4", actor=lead)
    assert compared(court, folder, "v3", "v4").changed == found.changed


def test_a_decision_that_changes_nothing_changes_whose_word_it_is(
    court: Court, folder: Path
) -> None:
    make(court, folder)
    court.decide(court.store.items.ids("mails")[1], "ham")
    found = compared(court, folder, "v1")
    assert found.resting == {("person", "adjudicated"): 1}
    assert sentences(found, "v1")[:2] == [
        "no label changed since v1",
        "1 label is the same and now on the word of a lead instead of people",
    ]


def test_the_present_state_is_compared_in_the_splits_of_the_snapshot(
    court: Court, folder: Path
) -> None:
    plan = SplitPlan.read("train=0.5,test=0.5", near_duplicates=False)
    make(court, folder, splits=plan)
    make(court, folder, splits=replace(plan, seed="other"))
    assert compared(court, folder, "v1").moved == 0
    assert compared(court, folder, "v1", "v2").moved > 0


def test_who_may_not_export_makes_none(court: Court, folder: Path) -> None:
    with pytest.raises(NotAllowed):
        make(court, folder, actor=court.person("Ann"))


def test_without_items_there_is_nothing_to_keep(store: Store, clock: Clock, folder: Path) -> None:
    with pytest.raises(AnnotateError, match="has no items yet"):
        make(Court(store, clock), folder)
