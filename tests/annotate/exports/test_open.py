"""`annotate.open`: what notebooks and scripts read, from a real workspace."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

import annotate
from annotate.api.opened import OpenedProject
from annotate.errors import AnnotateError, NotFound, WorkspaceError
from annotate.model import Person
from annotate.store.migrations import migrations
from annotate.training.protocol import Rules
from annotate.workflow.exports.exporting import Request, export
from annotate.workspace import Workspace
from tests.annotate.support.answering import people_say
from tests.mails import mails_in
from tests.small import START, machine_says, someone


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four mails: two people agree on the first and differ on the second, one has the third."""
    with mails_in(tmp_path, 4, more="guideline: Read it.\n") as (store, project, ids):
        machine_says(store, project, {ids[0]: ["spam", "ham"]}, variants=("v0", "v1"))
        people_say(store, project, {ids[0]: {"Ann": "spam", "Bob": "spam"}})
        people_say(store, project, {ids[1]: {"Ann": "spam", "Bob": "ham"}}, minute=2)
        people_say(store, project, {ids[2]: {"Ann": "ham"}}, minute=3)
    return tmp_path


@pytest.fixture
def mails(folder: Path) -> OpenedProject:
    return annotate.open(folder).project()


def label(at: int, value: str, votes: int, soft: list[float]) -> dict[str, object]:
    return {
        "id": str(at), "text": f"mail {at}", "question": "mail", "label": value,
        "source": "person", "votes": votes, "agreement": 1.0, "posterior": None,
        "soft_label": soft,
    }  # fmt: skip


def test_it_tells_what_there_is(folder: Path) -> None:
    found = annotate.open(str(folder))
    assert repr(found) == f"annotate.open({str(folder)!r}): mails"
    assert found.projects() == ["mails"]
    assert repr(found.project("mails")) == "mails: Mails (questions: mail)"
    with pytest.raises(NotFound, match=r"no project 'x' in .*; there are: mails"):
        found.project("x")


def test_labels_are_rows_that_can_be_read_again(mails: OpenedProject) -> None:
    labels = mails.labels()
    expected = [label(0, "spam", 2, [1.0, 0.0]), label(2, "ham", 1, [0.0, 1.0])]
    assert list(labels) == expected
    assert list(labels) == expected
    assert labels.head(1) == expected[:1]
    assert labels.columns == tuple(expected[0])
    assert labels.report().dropped == {"not routed yet": 1, "people are tied": 1}


def test_they_are_what_an_export_writes(
    folder: Path, mails: OpenedProject, lead: Person, tmp_path: Path
) -> None:
    workspace = Workspace(folder)
    out = tmp_path / "labels.jsonl"
    with workspace.open() as store:
        request = Request("labels", passport=True)
        export(store, workspace.project(None)[1], request, out, actor=lead, now=START)
    written = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert list(mails.labels(passport=True)) == written
    assert [json.loads(row["meta"])["project"] for row in written] == ["mails", "mails"]


def test_votes_say_whose_they_are(mails: OpenedProject) -> None:
    rows = list(mails.votes())
    assert [(row["id"], row["by"], row["voter"], row["vote"]) for row in rows] == [
        ("0", "person", "Ann", "spam"),
        ("0", "person", "Bob", "spam"),
        ("0", "model", "made up", "spam"),
        ("0", "model", "made up", "ham"),
        ("1", "person", "Ann", "spam"),
        ("1", "person", "Bob", "ham"),
        ("2", "person", "Ann", "ham"),
    ]
    assert rows[0]["at"] == "2026-03-01T09:01:00.000000Z"


def test_training_data_follow_the_rules(mails: OpenedProject) -> None:
    [strict] = mails.sft()
    assert strict["messages"][-1] == {"role": "assistant", "content": "spam"}  # type: ignore[index]
    every = mails.sft(rules=Rules(sft_from=frozenset({"human"})))
    assert [row["messages"][-1]["content"] for row in every] == ["spam", "ham"]  # type: ignore[index]
    assert list(mails.preferences()) == []


def test_every_format_that_is_a_table_can_be_read(mails: OpenedProject) -> None:
    assert [row["output"] for row in mails.rows("alpaca")] == ["spam"]
    with pytest.raises(AnnotateError, match="hf_dataset is a folder of several tables: take one"):
        mails.rows("hf_dataset")
    with pytest.raises(NotFound, match="no export format 'excel'; there are: "):
        mails.rows("excel")
    with pytest.raises(NotFound, match="no question 'x' in 'mails'; there are: mail"):
        mails.labels("x")


def test_pandas_gets_a_frame(mails: OpenedProject) -> None:
    frame = mails.labels().to_pandas()
    assert frame["label"].tolist() == ["spam", "ham"]
    assert frame["soft_label"].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    types = frame.dtypes.astype(str).to_dict()
    assert (types["votes"], types["agreement"], types["posterior"]) == (
        "int64", "float64", "float64",
    )  # fmt: skip
    assert mails.preferences().to_pandas().columns.tolist() == ["prompt", "chosen", "rejected"]


def test_arrow_gets_typed_columns(mails: OpenedProject) -> None:
    table = mails.labels().to_arrow()
    assert table.num_rows == 2
    assert {field.name: str(field.type) for field in table.schema} == {
        "id": "string", "text": "string", "question": "string", "label": "string",
        "source": "string", "votes": "int64", "agreement": "double", "posterior": "double",
        "soft_label": "list<element: double>",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["pandas", "polars", "datasets"])
def test_what_is_missing_is_named(
    name: str, mails: OpenedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)  # as if it were not installed
    convert = {"pandas": "to_pandas", "polars": "to_polars", "datasets": "to_dataset"}[name]
    with pytest.raises(AnnotateError, match=f"{name} is not installed: `pip install {name}`"):
        getattr(mails.labels(), convert)()


def test_a_notebook_draws_the_first_rows(folder: Path, mails: OpenedProject) -> None:
    said = mails.labels()._repr_html_()
    assert said.count("<tr>") == 3
    assert "<th>soft_label</th></tr></thead><tbody><tr><td>0</td><td>mail 0</td>" in said
    assert mails.preferences()._repr_html_() == (
        "<p>0 rows from 4 items; left out: 2 no usable answer from the model, 1 people are tied, "
        "1 not routed yet</p>"
    )
    assert repr(mails.labels()).startswith("<mails: the labelled set: one row for each item")


def test_the_card_is_markdown(mails: OpenedProject) -> None:
    card = mails.card()
    assert card.startswith("# Mails\n")
    assert card._repr_markdown_() == card
    assert "Ann" not in card
    assert "| Ann | 3 |" in mails.card(names=True)
    assert "## 任务" in mails.card("zh")


# ---- nothing is changed


def test_nothing_is_written(folder: Path, mails: OpenedProject) -> None:
    database = Workspace(folder).database
    before = sha256(database.read_bytes()).hexdigest()
    list(mails.labels())
    mails.card()
    assert sha256(database.read_bytes()).hexdigest() == before
    with (
        Workspace(folder).read() as store,
        pytest.raises(WorkspaceError, match="readonly database"),
    ):
        someone(store, "Cyd")
    with Workspace(folder).read() as store:
        with store.snapshot():
            store.items.count("mails")
        with pytest.raises(WorkspaceError, match="readonly database"):
            someone(store, "Cyd")


def test_people_go_on_while_it_is_read(folder: Path, mails: OpenedProject) -> None:
    rows = iter(mails.labels())
    assert next(rows)["id"] == "0"
    workspace = Workspace(folder)
    with workspace.open() as store:
        project = workspace.project(None)[1]
        ids = store.items.ids("mails")
        people_say(store, project, {ids[3]: {"Ann": "spam"}}, minute=9)
    assert [row["id"] for row in rows] == ["2"]  # as it was when reading began
    assert [row["id"] for row in mails.labels()] == ["0", "2", "3"]


def test_where_there_is_no_database_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"has no coannotate\.db yet: `coannotate"):
        annotate.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_older_database_is_left_as_it_is(folder: Path) -> None:
    with Workspace(folder).open() as store:
        last = max(migrations.steps)
        store._engine.execute(f"delete from {migrations.table} where name = :name", {"name": last})
    with pytest.raises(WorkspaceError, match="older version of this program: `coannotate status`"):
        annotate.open(folder)


def test_importing_it_imports_nothing_else() -> None:
    told = "import sys, annotate; print([n for n in sys.modules if n.startswith('annotate')])"
    ended = subprocess.run(
        [sys.executable, "-c", told],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=True,
        text=True,
    )
    assert ended.stdout == "['annotate']\n"


def test_a_file_and_a_choice_are_told_as_they_are_written_in_python(mails: OpenedProject) -> None:
    folder = mails.workspace.folder
    with pytest.raises(WorkspaceError, match=f"is a file: open the folder that it is in, {folder}"):
        annotate.open(folder / "coannotate.db")
    first = next(folder.glob("*.yaml"))
    more = first.read_text("utf-8").replace("project: mails", "project: letters")
    (folder / "letters.task.yaml").write_text(more, "utf-8")
    with pytest.raises(NotFound, match=r"several projects .*: name one, as in project\('"):
        annotate.open(folder).project()
