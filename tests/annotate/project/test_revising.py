"""A project's file is changed as a version: who, when, why, what; and never over others' work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from annotate.errors import (
    AnnotateError,
    Conflict,
    InvalidProject,
    NotFound,
    NothingToDo,
    WorkspaceError,
)
from annotate.hashing import digest
from annotate.model import Person
from annotate.project import Project, load_project, parse_project
from annotate.project.editing import REMOVE
from annotate.store import Store, open_store
from annotate.store.migrations import migrations
from annotate.store.projects import Projects
from annotate.store.sqlite import SqliteEngine
from annotate.workflow.guideline.revising import (
    difference,
    plan,
    restore,
    revise,
    text_of,
    versions,
)
from annotate.workspace import read_text, record_version
from tests.small import Clock, someone

TASK = """\
# for the spring
project: mails
title: Mails
guideline: |
  Spam is unasked for.
fields: [text]
questions:
  - name: mail
    type: single_label
    text: What is it?
    labels:
      - {name: spam, description: Unasked for.}
      - {name: ham}      # all else
"""
GUIDELINE, SPAM = ("guideline",), ("questions", 0, "labels", 0, "description")


class Desk:
    """A task file, the store beside it, and Lea, who leads."""

    def __init__(self, folder: Path, store: Store, clock: Clock) -> None:
        self.path, self.store, self.clock = folder / "task.yaml", store, clock
        self.lea = someone(store, "Lea", "lead")
        self.path.write_text(TASK, "utf-8")
        self.note()

    @property
    def project(self) -> Project:
        return load_project(self.path)

    @property
    def text(self) -> str:
        return self.path.read_bytes().decode()

    def note(self) -> None:
        """What every command and page run does first."""
        record_version(self.store, self.path, self.project, now=self.clock())

    def revise(
        self,
        changes: dict[tuple[str | int, ...], object],
        reason: str = "clearer",
        *,
        project: Project | None = None,
        base: str | None = None,
    ) -> Project:
        return revise(
            self.store,
            self.path,
            project or self.project,
            changes,
            reason=reason,
            actor=self.lea,
            now=self.clock.forward(1),
            base=base,
        )

    def told(self) -> list[tuple[int, str, str | None, str | None, list[str]]]:
        return [
            (one.number, one.kind, one.person, one.reason, list(one.told or ()))
            for one in versions(self.store, self.project, actor=self.lea)
        ]


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    with open_store(tmp_path / "coannotate.db") as store:
        yield Desk(tmp_path, store, clock)


def test_a_change_is_in_the_file_and_in_the_versions(desk: Desk) -> None:
    new = desk.revise({GUIDELINE: "Spam is unasked for.\nNews is not.\n", SPAM: "Not asked for."})
    assert new.guideline == "Spam is unasked for.\nNews is not.\n"
    assert new == desk.project
    assert desk.text == TASK.replace("for.\nfields", "for.\n  News is not.\nfields").replace(
        "description: Unasked for.", "description: Not asked for."
    )
    assert desk.told() == [
        (
            2,
            "edited",
            "Lea",
            "clearer",
            ["guideline changed (line: 1 added)", "mail: 1 label's description changed (spam)"],
        ),
        (1, "first", None, None, []),
    ]
    newest = versions(desk.store, desk.project, actor=desk.lea)[0]
    assert (newest.hash, newest.created_at[:16]) == (
        digest(read_text(desk.path)),
        "2026-03-01T09:01",
    )
    assert list(desk.path.parent.glob(".task*")) == []


def test_opening_again_makes_no_version(desk: Desk) -> None:
    desk.revise({("title",): "Post"})
    desk.note()
    assert [one[0] for one in desk.told()] == [2, 1]


def test_a_change_by_hand_is_a_version_without_an_author(desk: Desk) -> None:
    desk.path.write_text(TASK.replace("Mails", "Post"), "utf-8")
    desk.note()
    assert desk.told()[0] == (2, "by hand", None, None, ["title: Mails → Post"])


def test_who_began_from_another_file_overwrites_nothing(desk: Desk) -> None:
    before = desk.project
    desk.path.write_text(TASK.replace("Mails", "Post"), "utf-8")
    with pytest.raises(Conflict, match=r"task.yaml has changed since you began \(on disk\)"):
        desk.revise({GUIDELINE: "Mine."}, project=before)
    assert desk.text == TASK.replace("Mails", "Post")
    assert desk.told()[0][1] == "by hand"  # kept, although nothing else came of it

    seen = desk.project
    desk.revise({("title",): "Letters"})
    with pytest.raises(Conflict, match=r"\(Lea, 2026-03-01 09:02 UTC\): look at it as it is"):
        desk.revise({GUIDELINE: "Mine."}, project=seen)


def test_a_comment_by_hand_stays_and_stops_nobody(desk: Desk) -> None:
    before = desk.project
    desk.path.write_text(TASK.replace("for the spring", "for the summer"), "utf-8")
    desk.revise({("title",): "Post"}, project=before)
    assert desk.text.startswith("# for the summer\nproject: mails\ntitle: Post\n")
    assert [(one[1], one[4]) for one in desk.told()] == [
        ("edited", ["title: Mails → Post"]),
        ("by hand", []),
        ("first", []),
    ]


def test_what_others_changed_elsewhere_stays(desk: Desk) -> None:
    began = digest(read_text(desk.path))
    desk.revise({("title",): "Post"})
    new = desk.revise({GUIDELINE: "Mine."}, base=began)
    assert (new.title, new.guideline) == ("Post", "Mine.")
    with pytest.raises(Conflict, match="guideline has changed since you began"):
        desk.revise({GUIDELINE: "Another one."}, base=began)
    desk.revise(
        {("questions", 0, "labels", 0): REMOVE, ("questions", 0, "labels", 1): {"name": "x"}}
    )
    with pytest.raises(Conflict, match=r"questions\[0\]\.labels\[1\]\.description has changed"):
        desk.revise({("questions", 0, "labels", 1, "description"): "All else."}, base=began)
    assert desk.project.questions[0].model_dump()["labels"][1]["description"] == ""


def test_a_bad_result_is_refused_with_its_line(desk: Desk) -> None:
    with pytest.raises(InvalidProject) as caught:
        desk.revise({("routing", "budget"): 3, ("questions", 0, "labels", 1, "name"): "Spam"})
    assert [(p.line, p.key) for p in caught.value.problems] == [
        (8, "questions[0]"),
        (15, "routing.budget"),
    ]
    assert desk.text == TASK
    with pytest.raises(AnnotateError, match="`project: mails` is the name of its items"):
        desk.revise({("project",): "letters"})


@pytest.mark.parametrize(
    ("reason", "says"),
    [("  ", "needs a reason"), ("x" * 501, "at most 500 characters, not 501")],
)
def test_a_change_has_a_reason(desk: Desk, reason: str, says: str) -> None:
    with pytest.raises(AnnotateError, match=says):
        desk.revise({("title",): "Post"}, reason)
    assert desk.text == TASK


def test_nothing_to_change(desk: Desk) -> None:
    with pytest.raises(NothingToDo, match=r"task\.yaml says that already"):
        desk.revise({("title",): "Mails"})
    assert len(desk.told()) == 1


def test_windows_files_stay_so(desk: Desk) -> None:
    desk.path.write_bytes(b"\xef\xbb\xbf" + TASK.replace("\n", "\r\n").encode())
    desk.note()
    new = desk.revise({GUIDELINE: "One\r\nTwo\r\n"})
    assert new.guideline == "One\nTwo\n"
    raw = desk.path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf# for the spring\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    restore(desk.store, desk.path, new, 1, reason="back", actor=desk.lea, now=desk.clock.forward(1))
    assert desk.path.read_bytes() == b"\xef\xbb\xbf" + TASK.replace("\n", "\r\n").encode()


def test_a_file_that_cannot_be_written(tmp_path: Path, clock: Clock) -> None:
    with open_store(tmp_path / "coannotate.db") as store:
        desk = Desk(tmp_path, store, clock)
        long = desk.path.with_name("x" * 242 + ".task.yaml")  # no name is left for a second file
        desk.path.rename(long)
        desk.path = long
        with pytest.raises(WorkspaceError, match=r"cannot be written .*: make the folder and the"):
            desk.revise({("title",): "Post"})
        assert desk.text == TASK
        assert [one[1] for one in desk.told()] == ["first"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the root user may write everywhere")
def test_a_folder_that_is_read_only(desk: Desk) -> None:
    desk.path.parent.chmod(0o555)
    try:
        with pytest.raises(WorkspaceError, match="cannot be written"):
            desk.revise({("title",): "Post"})
    finally:
        desk.path.parent.chmod(0o755)
    assert desk.text == TASK


def test_a_link_stays_one_and_so_do_modes(desk: Desk) -> None:
    real = desk.path.with_name("real.txt")
    desk.path.rename(real)
    real.chmod(0o640)
    desk.path.symlink_to(real)
    desk.revise({("title",): "Post"})
    assert desk.path.is_symlink()
    assert "title: Post" in real.read_text("utf-8")
    assert real.stat().st_mode & 0o777 == 0o640


def test_versions_are_compared_and_restored(desk: Desk) -> None:
    desk.revise({("title",): "Post"})
    desk.revise({("title",): "Letters"}, "as they say")
    assert difference(desk.store, desk.project, 1, 3, actor=desk.lea).splitlines() == [
        "--- version 1",
        "+++ version 3",
        "@@ -1,6 +1,6 @@",
        " # for the spring",
        " project: mails",
        "-title: Mails",
        "+title: Letters",
        " guideline: |",
        "   Spam is unasked for.",
        " fields: [text]",
    ]
    now = desk.clock.forward(1)
    new = restore(desk.store, desk.path, desk.project, 2, reason="better", actor=desk.lea, now=now)
    assert new.title == "Post"
    assert desk.text == TASK.replace("Mails", "Post")
    assert desk.told()[0] == (4, "restored", "Lea", "better", ["title: Letters → Post"])
    assert [one[0] for one in desk.told()] == [4, 3, 2, 1]
    assert difference(desk.store, desk.project, 2, 4, actor=desk.lea) == ""
    assert text_of(desk.store, desk.project, 1, actor=desk.lea) == TASK
    desk.note()
    assert len(desk.told()) == 4
    with pytest.raises(NotFound, match="mails has no version 9"):
        difference(desk.store, desk.project, 1, 9, actor=desk.lea)


def test_a_plan_writes_nothing(desk: Desk) -> None:
    found = plan(desk.store, desk.path, desk.project, {SPAM: "Not asked for."}, actor=desk.lea)
    assert found.told == ("mail: 1 label's description changed (spam)",)
    assert "-      - {name: spam, description: Unasked for.}" in found.difference.splitlines()
    assert "+      - {name: spam, description: Not asked for.}" in found.difference.splitlines()
    assert desk.text == TASK


def test_texts_recorded_by_an_older_program_are_versions(tmp_path: Path, lead: Person) -> None:
    early = SqliteEngine(tmp_path / "early.db")
    with early.transaction():
        migrations.apply(Database(early._connection), stop_before="m012_project_changes")
    for day, text in ((2, TASK.replace("Mails", "Post")), (1, TASK)):
        Projects(early).record("mails", text=text, hash=digest(text), now=f"2026-01-0{day}T00")
    early.close()
    with open_store(tmp_path / "early.db") as store:
        found = versions(store, parse_project(TASK), actor=lead)
    assert [(one.number, one.kind, one.person, one.told, one.created_at) for one in found] == [
        (2, "by hand", None, ("title: Mails → Post",), "2026-01-02T00"),
        (1, "first", None, None, "2026-01-01T00"),
    ]
