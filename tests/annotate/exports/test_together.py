"""Several processes write what one would have written, of one moment, or nothing."""

from __future__ import annotations

import io
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from annotate.errors import AnnotateError, WorkspaceError
from annotate.people import operator
from annotate.splits.plan import SplitPlan
from annotate.store import Store, open_store
from annotate.training.protocol import Rules, SftFrom
from annotate.workflow.exports import together
from annotate.workflow.exports.exporting import (
    ExportReport,
    Request,
    counts,
    export,
    write_reports,
)
from tests.annotate.exports.anything import PROJECT, Chance
from tests.small import START

ITEMS = 250
EVERY: frozenset[SftFrom] = frozenset({"agreed", "confirmed", "adjudicated", "human", "model"})
LOOSE = Rules(sft_from=EVERY, echoes=True)
REQUESTS: Mapping[str, Request] = {
    "lines": Request("labels", passport=True),
    "table": Request("labels", form="csv", guard_formulas=True),
    "columns": Request("labels", form="parquet"),
    "split": Request("sft_messages", rules=LOOSE, splits=SplitPlan(by=("prompt",))),
    "folder": Request("hf_dataset", rules=LOOSE),
    "list": Request("llamafactory", rules=LOOSE, question="better"),
    "text": Request("conll", question="names"),
    "pairs": Request("preference_trl", rules=LOOSE),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that is filled once."""
    path = tmp_path_factory.mktemp("made") / "made.db"
    with open_store(path) as store:
        Chance(store, 5, plain=0.6).fill(ITEMS)
        store.copy_to(path.with_name("whole.db"))
    return path.with_name("whole.db")


@pytest.fixture
def filled(made: Path, database: Path) -> Iterator[Store]:
    shutil.copy(made, database)
    with open_store(database) as store:
        yield store


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes, and ranges of a hundred items."""
    monkeypatch.setattr(together, "MANY", 1)
    monkeypatch.setattr(together, "LONGEST", 100)
    monkeypatch.setattr(together, "processors", lambda: 2)


def test_several_processes_write_the_same(
    filled: Store, tmp_path: Path, several: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    shared = all_of(filled, tmp_path / "shared", on_item=seen.append)
    assert seen == [100, 200, 250]
    monkeypatch.setattr(together, "MANY", 10**9)
    alone = all_of(filled, tmp_path / "alone")
    assert shared == alone
    assert all(report.rows and report.dropped for report in alone[1].values())


def all_of(
    store: Store, folder: Path, **more: Any
) -> tuple[dict[str, bytes], dict[str, ExportReport], str]:
    """Every byte of the files, the reports, and every drop."""
    folder.mkdir()
    drops = io.StringIO(newline="")
    with together.of_one_moment(store, PROJECT, REQUESTS.values()) as crew:
        reports = write_reports(
            store, PROJECT, REQUESTS, folder, actor=operator(START), now=START, drops=drops,
            crew=crew, **more,
        )  # fmt: skip
    files = (path for path in folder.rglob("*") if path.is_file())
    found = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    return found, reports, drops.getvalue()


def test_counting_takes_the_same_way(filled: Store, several: None) -> None:
    seen: list[int] = []
    report = counts(filled, PROJECT, Request("labels"), actor=operator(START), on_item=seen.append)
    assert seen == [100, 200, 250]
    assert report.items == ITEMS


def write(store: Store, out: Path, **more: Any) -> bytes:
    request, actor = Request("labels"), operator(START)
    export(store, PROJECT, request, out, actor=actor, now=START, **more)
    return out.read_bytes()


def test_what_is_said_meanwhile_is_not_in_it(
    filled: Store,
    database: Path,
    tmp_path: Path,
    several: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, changed = tmp_path / "labels.jsonl", []
    with monkeypatch.context() as alone:
        alone.setattr(together, "MANY", 10**9)
        before = write(filled, out)

    def change(items: int) -> None:
        """While the first hundred are written; the last may not have been read."""
        if not changed:
            with open_store(database) as other:
                sql = "update annotations set value = null"
                changed.append(other._engine.execute(sql))

    during = write(filled, out, on_item=change)
    assert changed[0] > ITEMS
    assert during == before
    monkeypatch.setattr(together, "MANY", 10**9)
    assert write(filled, out) != before


def test_a_process_that_is_killed_leaves_the_old_file(
    filled: Store, tmp_path: Path, several: None
) -> None:
    out = tmp_path / "labels.jsonl"
    out.write_bytes(b"{}")

    def kill(items: int) -> None:
        for pid in children():
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(WorkspaceError, match="signal 9"):
        write(filled, out, on_item=kill)
    assert out.read_bytes() == b"{}"
    assert [path.name for path in tmp_path.glob("*labels*")] == ["labels.jsonl"]
    assert not children()


def test_who_stops_an_export_ends_its_processes(
    filled: Store, tmp_path: Path, several: None
) -> None:
    def stop(items: int) -> None:
        assert len(children()) == 2
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(filled, tmp_path / "labels.jsonl", on_item=stop)
    assert not children()
    assert not list(tmp_path.glob("*labels*"))


def children() -> list[int]:
    """The processes of an export."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    line = "annotate.workflow.exports.hand"
    return [int(pid) for pid in found if line in Path(f"/proc/{pid}/cmdline").read_text()]


def test_a_process_says_why_it_cannot(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database at all " * 100)
    with together._hand(str(broken)) as hand, pytest.raises(AnnotateError, match="is damaged"):
        hand.get()


@pytest.mark.parametrize(
    "rules", [Rules(per_prompt=1), Rules(truth="consensus"), Rules(min_posterior=0.5)]
)
def test_what_hangs_on_other_items_is_read_by_one(
    filled: Store, several: None, rules: Rules
) -> None:
    with together.of_one_moment(filled, PROJECT, [Request("sft_messages", rules=rules)]) as crew:
        assert crew is None


def test_who_may_only_read_asks_nobody_else(filled: Store, database: Path, several: None) -> None:
    with (
        open_store(database, read_only=True) as store,
        together.of_one_moment(store, PROJECT, [Request("labels")]) as crew,
    ):
        assert crew is None


def test_a_folder_of_a_question_that_is_asked_after_another(filled: Store, tmp_path: Path) -> None:
    """Its data card needs the answers to the other one."""
    request, out = Request("hf_dataset", question="about"), tmp_path / "folder"
    report = export(filled, PROJECT, request, out, actor=operator(START), now=START)
    assert report.rows
    readme = (out / "README.md").read_text("utf-8")
    assert "What about?" in readme
    assert "Which topic?" not in readme
