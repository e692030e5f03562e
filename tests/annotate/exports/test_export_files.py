"""How an export is written: complete or not at all, of one moment, in little memory."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZipFile

import pytest

from annotate.errors import AnnotateError, WorkspaceError
from annotate.importers import Record
from annotate.model import Prelabel, Round
from annotate.people import operator
from annotate.project.file import parse_project
from annotate.splits.plan import SplitPlan
from annotate.store import Store, open_store
from annotate.training.protocol import Rules
from annotate.workflow.exports.exporting import ExportReport, Request, export, write_folder
from annotate.workflow.exports.report import Lengths, measure
from annotate.workflow.imports.importing import import_items
from annotate.workflow.routes.routing import route
from tests.labelling import assign, submit

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
BOSS = operator(NOW)

PROJECT = parse_project("""
project: p
title: P
fields: [body]
import: {id: id}
questions:
  - {name: q, type: single_label, text: Which?, labels: [{name: a}, {name: b}]}
routing: {signal: entropy, policy: random, budget: 0.2, audit: 0}
""")
QUESTION = PROJECT.questions[0]


def fill(store: Store, items: int) -> None:
    """So many routed items with a model answer; about a fifth wait for people."""
    store.projects.record("p", text="", hash="h", now="t")
    bring(store, range(items))
    ids = [item.id for item in store.items.all("p")]
    with store.transaction():
        store.prelabels.start_round(
            Round("r", "p", "q", "s", "m", ("v",), (), "missing", "t", None)
        )
        store.prelabels.add(map(call, ids))
        for item_id in ids:
            store.prelabels.finish_item("r", item_id, errors=0, now="t")
    route(store, PROJECT, QUESTION, actor=BOSS, now=NOW, new_id=lambda: "first")


def bring(store: Store, numbers: range) -> None:
    rows = (Record(at, {"id": f"{at:05}", "body": f"text {at} " * 20}) for at in numbers)
    import_items(store, PROJECT, rows, io.StringIO(), actor=BOSS, now=NOW)


def call(item_id: str) -> Prelabel:
    return Prelabel(
        f"call {item_id}", "p", item_id, "q", "r", "v", 0, "m", "t.v1", "hash", "parsed",
        "a", None, 0.9, None, "a", "stop", 10, 1, 0.1, "2026-03-01T09:00:00.000000Z",
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "db") as opened:
        fill(opened, 300)
        yield opened


LABELS = Request("labels")


def run(store: Store, out: Path | BinaryIO, request: Request = LABELS) -> ExportReport:
    return export(store, PROJECT, request, out, actor=BOSS, now=NOW)


def test_one_state_gives_one_file(store: Store, tmp_path: Path) -> None:
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    report = run(store, first, Request("labels", passport=True))
    run(store, second, Request("labels", passport=True))
    assert first.read_bytes() == second.read_bytes()
    assert report.rows + report.dropped["waiting for people"] == report.items == 300
    ids = [json.loads(line)["id"] for line in first.read_text("utf-8").splitlines()]
    assert ids == sorted(ids)
    assert report.path == first
    assert report.at == "2026-03-01T10:00:00.000000Z"


def test_an_interrupted_export_leaves_the_old_file(store: Store, tmp_path: Path) -> None:
    class Pulled(BaseException):
        pass

    def pull(items: int) -> None:
        if items == 200:
            raise Pulled

    out = tmp_path / "out.jsonl"
    out.write_text("old")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Pulled):
        export(store, PROJECT, LABELS, out, actor=BOSS, now=NOW, on_item=pull)
    assert out.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == before
    assert run(store, out).rows > 200  # the connection is as good as before
    assert sorted(tmp_path.iterdir()) == before


def test_progress(store: Store) -> None:
    seen: list[int] = []
    export(store, PROJECT, LABELS, io.BytesIO(), actor=BOSS, now=NOW, on_item=seen.append)
    assert seen == [100, 200, 300]


def test_others_can_read_the_file_and_a_link_stays(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    plain, link = folder / "plain.jsonl", tmp_path / "link.jsonl"
    plain.write_text("old")
    usual = stat.S_IMODE(plain.stat().st_mode)
    link.symlink_to(plain)
    run(store, link)
    assert link.is_symlink()
    assert plain.read_bytes()[:1] == b"{"
    assert stat.S_IMODE(plain.stat().st_mode) == usual


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (lambda tmp: tmp, "is a folder: name a file, as in .*export.jsonl"),
        (lambda tmp: tmp / "no" / "out.jsonl", "out.jsonl: there is no folder .*no. Make it first"),
        (lambda tmp: tmp / "db", "already there and is no .jsonl file: choose a name that ends"),
        (lambda tmp: tmp / "db" / "out.jsonl", "cannot be written .Not a directory."),
        (lambda tmp: tmp / "a\0.jsonl", "is no name of a file: leave out the NUL"),
    ],
)
def test_places_that_cannot_be_written(
    store: Store, tmp_path: Path, place: Callable[[Path], Path], why: str
) -> None:
    with pytest.raises(AnnotateError, match=why):
        run(store, place(tmp_path))
    assert store.items.count("p") == 300


class Meddling(io.BytesIO):
    """While an export writes its first row, somebody else answers an item and brings another."""

    def __init__(self, database: Path) -> None:
        super().__init__()
        self._database, self.answered = database, 0

    def write(self, data: Any, /) -> int:
        if not self.answered:
            with open_store(self._database) as other:
                self.answered = answer_one(other)
                bring(other, range(9_000, 9_001))
        return super().write(data)


def answer_one(store: Store) -> int:
    store.people.add(BOSS)
    task = assign(store, PROJECT, actor=BOSS, now=NOW)
    assert task is not None
    submit(store, PROJECT, task, "b", actor=BOSS, now=NOW)
    return 1


def test_an_export_is_of_one_moment_and_nobody_waits(store: Store, tmp_path: Path) -> None:
    before = io.BytesIO()
    rows = run(store, before).rows
    out = Meddling(tmp_path / "db")
    report = run(store, out)
    assert (report.items, report.rows) == (300, rows)
    assert out.answered == 1
    assert out.getvalue() == before.getvalue()
    after = io.BytesIO()
    report = run(store, after)
    assert (report.items, report.rows) == (301, rows + 1)
    assert after.getvalue().count(b'"source":"person"') == 1


def test_a_snapshot_cannot_be_written_in_and_ends(store: Store) -> None:
    with store.snapshot():
        assert store.items.count("p") == 300
        with pytest.raises(WorkspaceError, match="readonly"):
            store.people.add(BOSS)
    assert store.people.all() == []
    store.people.add(BOSS)
    assert [person.name for person in store.people.all()] == ["operator"]
    with store.transaction(), store.snapshot():  # inside a transaction it is that one
        assert len(store.people.all()) == 1


def test_a_snapshot_that_was_left_half_read_lets_go(store: Store, tmp_path: Path) -> None:
    with store.snapshot():
        rows = store.decisions.current("p", "q")
        assert len(list(islice(rows, 3))) == 3
        del rows
    with open_store(tmp_path / "db") as other:
        answer_one(other)
    assert store.progress.answered_items("p", "q") == 1


def test_memory_does_not_grow_with_the_items(tmp_path: Path) -> None:
    peaks = {}

    def note(items: int) -> None:
        if items in (2_000, 4_000):
            peaks[items] = tracemalloc.get_traced_memory()[1]

    with open_store(tmp_path / "db") as opened:
        fill(opened, 4_000)
        tracemalloc.start()
        report = export(
            opened, PROJECT, LABELS, tmp_path / "o.csv", actor=BOSS, now=NOW, on_item=note
        )
        tracemalloc.stop()
    assert report.items == 4_000
    assert 2_800 < report.rows < 3_600
    assert peaks[4_000] < peaks[2_000] + 300_000
    assert peaks[4_000] < 5_000_000


# several files


FOLDER = Request("llamafactory", rules=Rules(sft_from=frozenset({"model"})))
SPLIT = Request("labels", splits=SplitPlan(near_duplicates=False))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_a_folder_appears_complete_and_takes_the_place_of_one_of_ours(
    store: Store, tmp_path: Path
) -> None:
    out = tmp_path / "data"
    report = run(store, out, FOLDER)
    assert sorted(contents(out)) == ["dataset_info.json", "sft.jsonl"]
    assert {file.path: file.sha256 for file in report.files} == {
        name: hashlib.sha256(data).hexdigest() for name, data in contents(out).items()
    }
    [sft, _] = sorted(report.files, key=lambda file: -file.rows)
    assert (sft.rows, sft.bytes) == (report.rows, len((out / "sft.jsonl").read_bytes()))
    first = contents(out)
    run(store, out, SPLIT)
    assert sorted(contents(out)) == ["test.jsonl", "train.jsonl"]
    run(store, out, FOLDER)
    assert contents(out) == first
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["data"]


def test_a_folder_that_holds_anything_else_stays(store: Store, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    run(store, ours, FOLDER)
    (ours / "notes.txt").write_text("mine")
    theirs.mkdir()
    (theirs / "sft.jsonl").write_text("mine")
    for out in (ours, theirs):
        before = contents(out)
        with pytest.raises(AnnotateError, match="is of no export: choose a new folder"):
            run(store, out, FOLDER)
        assert contents(out) == before
    empty = tmp_path / "empty"
    empty.mkdir()
    run(store, empty, FOLDER)
    assert "sft.jsonl" in contents(empty)
    with pytest.raises(AnnotateError, match="is a file, and this export is a folder"):
        run(store, tmp_path / "db", FOLDER)


def test_an_interrupted_folder_leaves_the_old_one(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "data"
    run(store, out, FOLDER)
    before, beside = contents(out), sorted(tmp_path.iterdir())

    def stop(items: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(store, PROJECT, SPLIT, out, actor=BOSS, now=NOW, on_item=stop)
    assert (contents(out), sorted(tmp_path.iterdir())) == (before, beside)


def test_a_stream_gets_a_zip_and_the_same_state_the_same_bytes(
    store: Store, tmp_path: Path
) -> None:
    first, second, path = io.BytesIO(), io.BytesIO(), tmp_path / "data.zip"
    run(store, first, SPLIT)
    run(store, second, SPLIT)
    run(store, path, SPLIT)
    run(store, tmp_path / "data", SPLIT)
    assert first.getvalue() == second.getvalue() == path.read_bytes()
    with ZipFile(first) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == contents(
            tmp_path / "data"
        )


def test_splits_divide_the_rows_of_the_one_file(store: Store, tmp_path: Path) -> None:
    whole = io.BytesIO()
    run(store, whole)
    report = run(store, tmp_path / "data", SPLIT)
    parts = contents(tmp_path / "data")
    lines = [line for data in parts.values() for line in data.splitlines()]
    assert sorted(lines) == sorted(whole.getvalue().splitlines())
    counted = {name.removesuffix(".jsonl"): data.count(b"\n") for name, data in parts.items()}
    assert report.splits == counted
    assert all(count > 10 for count in counted.values())
    assert f"(train {counted['train']}, test {counted['test']})" in report.summary()


def test_several_exports_are_of_one_moment(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    requests = {"labels": LABELS, "train": FOLDER, "split": SPLIT, "votes": Request("votes")}
    met: list[int] = []

    def meddle(items: int) -> None:
        if not met:
            with open_store(tmp_path / "db") as other:
                met.append(answer_one(other))

    alone = io.BytesIO()
    run(store, alone)
    files = write_folder(store, PROJECT, requests, folder, actor=BOSS, now=NOW, on_item=meddle)
    assert met == [1]
    assert (folder / "labels.jsonl").read_bytes() == alone.getvalue()
    assert [file.path for file in files] == [
        "labels.jsonl", "train/sft.jsonl", "train/dataset_info.json",
        "split/train.jsonl", "split/test.jsonl", "votes.jsonl",
    ]  # fmt: skip
    assert json.loads((folder / "train/dataset_info.json").read_text())["p_sft"]["file_name"] == (
        "sft.jsonl"
    )


# how long the texts are


def test_lengths_are_exact_where_texts_are_short() -> None:
    found = Lengths()
    for length in range(1, 1001):
        found.add([length])
    assert found.result() == (1, 500, 950, 1000)
    assert Lengths().result() is None


def test_lengths_of_long_texts_are_within_a_hundredth() -> None:
    found = Lengths()
    found.add([1_000_000] * 94 + [3_000_000] * 6)
    result = found.result()
    assert result is not None
    assert (result.min, result.max) == (1_000_000, 3_000_000)
    assert result.median == pytest.approx(1_000_000, rel=0.01)
    assert result.p95 == pytest.approx(3_000_000, rel=0.01)


def test_lists_of_numbers_have_no_length() -> None:
    document = {
        "text": "Ada met",
        "tokens": [{"id": 0, "start": 0, "end": 3}, {"id": 1, "start": 4, "end": 7}],
        "ents": [{"start": 0, "end": 3, "label": "person"}],
    }
    lengths: dict[str, Lengths] = {}
    nothing_yet = document | {"ents": []}
    measure(lengths, list(document), [nothing_yet, document])
    assert {name: found.result() for name, found in lengths.items()} == {
        "text": (7, 7, 7, 7),
        "ents": (0, 0, 6, 6),
    }


def test_lengths_are_told_for_each_column(store: Store) -> None:
    bodies = [item.fields["body"] for item in store.items.all("p")]
    report = run(store, io.BytesIO(), Request("votes"))
    assert report.lengths["body"].min == min(map(len, bodies))
    assert report.lengths["body"].max == max(map(len, bodies))
    assert "soft_label" not in run(store, io.BytesIO()).lengths
