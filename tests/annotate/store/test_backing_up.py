"""A backup holds one moment and no secret, checks itself, and overwrites nothing."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annotate.accounts import set_password
from annotate.errors import AnnotateError, NotAllowed, UnreadableFile
from annotate.model import Person
from annotate.people import operator
from annotate.sessions import Lifetime, start_session
from annotate.store import open_store
from annotate.workflow.projects.backing_up import MANIFEST, back_up, restore
from annotate.workflow.projects.jobs import enqueue
from annotate.workspace import Workspace
from tests.small import add_items, small_project, someone

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
BOSS = operator(NOW)
PROJECT = small_project()
TASK = "project: mails\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Three items, two people one of whom is signed in, a job that waits, and secrets around."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "mails.task.yaml").write_text(TASK, "utf-8")
    (folder / ".coannotate-key").write_text("the workspace's own secret", "utf-8")
    (folder / "notes.txt").write_text("none of ours", "utf-8")
    workspace = Workspace(folder)
    with workspace.open() as store:
        add_items(store, PROJECT, 3)
        lea = someone(store, "Lea", "lead")
        someone(store, "Ann")
        start_session(store, lea, "name", secret="of the cookie", lifetime=Lifetime(), now=NOW)
        enqueue(store, PROJECT, "prelabel", {}, actor=BOSS, now=NOW, new_id=lambda: "waits")
    return workspace


@pytest.fixture
def packed(workspace: Workspace, tmp_path: Path) -> Path:
    out = tmp_path / "backup.zip"
    with workspace.open() as store:
        report = back_up(workspace, store, out, actor=BOSS, now=NOW)
    assert report is not None
    assert report.counts == {"items": 3, "people": 2}
    return out


def test_what_is_in_it_and_what_is_not(packed: Path, workspace: Workspace, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        assert sorted(archive.namelist()) == ["coannotate.db", "mails.task.yaml", MANIFEST]
        manifest = json.loads(archive.read(MANIFEST))
        database = archive.read("coannotate.db")
    assert manifest["files"]["mails.task.yaml"] == {
        "bytes": len(TASK),
        "sha256": hashlib.sha256(TASK.encode()).hexdigest(),
    }
    assert manifest["made_at"] == "2026-03-01T10:00:00.000000Z"
    with workspace.open() as store:
        [session] = store.sessions.live_of(now="", idle_since="")
        secret = hashlib.sha256(b"of the cookie").hexdigest().encode()
        assert secret in workspace.database.read_bytes() + _log(workspace)
        assert session in {person.id for person in store.people.all()}
    assert secret not in database
    assert packed.stat().st_mode & 0o777 == 0o600


def _log(workspace: Workspace) -> bytes:
    log = workspace.database.with_name("coannotate.db-wal")
    return log.read_bytes() if log.exists() else b""


def test_it_is_put_back_whole_and_nothing_runs_twice(packed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "again"
    manifest = restore(packed, folder, actor=BOSS)
    assert manifest["items"] == 3
    assert (folder / "mails.task.yaml").read_text("utf-8") == TASK
    with open_store(folder / "coannotate.db") as store:
        assert [item.fields["text"] for item in store.items.all("mails")] == [
            "mail 0", "mail 1", "mail 2",
        ]  # fmt: skip
        assert {person.name for person in store.people.all()} == {"Lea", "Ann"}
        assert store.sessions.live_of(now="", idle_since="") == {}
        job = store.jobs.get("waits")
    assert job is not None
    assert (job.state, job.message) == ("cancelled", "this is a copy: queue it again")
    assert [path.name for path in tmp_path.joinpath("elsewhere").iterdir()] == ["again"]


def test_people_with_passwords_keep_them(workspace: Workspace, tmp_path: Path) -> None:
    with workspace.open() as store:
        lea = store.people.named("Lea")
        assert lea is not None
        set_password(store, lea, "correct horse battery", now=NOW)
        back_up(workspace, store, tmp_path / "b.zip", actor=BOSS, now=NOW)
    restore(tmp_path / "b.zip", tmp_path / "new", actor=BOSS)
    with open_store(tmp_path / "new" / "coannotate.db") as store:
        assert store.accounts.any_password()


def test_it_is_of_one_moment_while_people_work(workspace: Workspace, tmp_path: Path) -> None:
    """Items added while it is packed are not in it, and nobody waited to add them."""

    def going(done: int, total: int) -> bool:
        with workspace.open() as other:
            add_items(other, PROJECT, 1)
        return True

    with workspace.open() as store:
        back_up(workspace, store, tmp_path / "b.zip", actor=BOSS, now=NOW, going=going)
        assert store.items.count("mails") > 3
    restore(tmp_path / "b.zip", tmp_path / "new", actor=BOSS)
    with open_store(tmp_path / "new" / "coannotate.db") as store:
        assert store.items.count("mails") == 3


def test_one_that_is_stopped_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "b.zip"
    with workspace.open() as store:
        stopped = back_up(
            workspace, store, out, actor=BOSS, now=NOW, going=lambda done, total: False
        )
    assert stopped is None
    assert [path.name for path in tmp_path.iterdir()] == ["work"]


def test_nothing_is_overwritten(workspace: Workspace, packed: Path, tmp_path: Path) -> None:
    before = packed.read_bytes()
    with workspace.open() as store, pytest.raises(AnnotateError, match="is there already and is"):
        back_up(workspace, store, packed, actor=BOSS, now=NOW)
    assert packed.read_bytes() == before
    with pytest.raises(AnnotateError, match="not empty: a backup goes into a new folder"):
        restore(packed, workspace.folder, actor=BOSS)
    assert (workspace.folder / "notes.txt").exists()


def rewritten(packed: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """The backup with other files in it."""
    with zipfile.ZipFile(packed) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    other = packed.with_name("other.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return other


def told(files: dict[str, bytes], name: str, content: bytes) -> None:
    """Put a file in, and into the manifest."""
    manifest = json.loads(files[MANIFEST])
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest()}
    files |= {name: content, MANIFEST: json.dumps(manifest).encode()}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda f: f.update({"mails.task.yaml": b"project: other\n"}), "not as it was written"),
        (lambda f: f.pop(MANIFEST), "is no backup of a workspace"),
        (lambda f: f.update({MANIFEST: b"[]"}), "is no backup of a workspace"),
        (lambda f: f.update({"more.txt": b""}), "files that its manifest does not name"),
        (lambda f: told(f, "../evil.task.yaml", b"x"), r"holds ../evil.task.yaml, which no"),
        (lambda f: told(f, ".coannotate-key", b"x"), r"holds .coannotate-key, which no"),
        (lambda f: told(f, "coannotate.db", b"no database"), "its database cannot be used"),
    ],
)
def test_what_is_not_as_it_was_written_is_refused(
    packed: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], object], why: str
) -> None:
    other = rewritten(packed, change)
    with pytest.raises(UnreadableFile, match=why):
        restore(other, tmp_path / "new", actor=BOSS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.zip", "other.zip", "work"]


def test_half_a_backup_is_refused(packed: Path, tmp_path: Path) -> None:
    packed.write_bytes(packed.read_bytes()[:1000])
    with pytest.raises(UnreadableFile, match="is no whole zip file"):
        restore(packed, tmp_path / "new", actor=BOSS)


@pytest.mark.parametrize("role", ["annotator", "lead"])
def test_only_admins_back_up(workspace: Workspace, tmp_path: Path, role: str) -> None:
    with workspace.open() as store:
        somebody: Person = next(p for p in store.people.all() if p.role == role)
        with pytest.raises(NotAllowed, match="may not back up: ask an admin"):
            back_up(workspace, store, tmp_path / "b.zip", actor=somebody, now=NOW)
    with pytest.raises(NotAllowed):
        restore(tmp_path / "b.zip", tmp_path / "new", actor=somebody)
