"""A project from a data file, backup and restore, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotate.project import Project, load_project
from annotate.questions.preference import PreferenceSettings
from annotate.questions.single_label import SingleLabelSettings
from tests.cli.terminal import Command


@pytest.fixture
def run(command: Command) -> Command:
    return command


def labels_of(project: Project) -> list[str]:
    question = project.questions[0]
    assert isinstance(question, SingleLabelSettings)
    return [label.name for label in question.labels]


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """A table as a spreadsheet of western Europe writes it, with known answers and blank rows."""
    path = tmp_path / "Mails 2026.csv"
    rows = [f"k{n};Päckchen {n} kam nie;web;{'lost' if n % 2 else 'late'}" for n in range(6)]
    path.write_bytes("\r\n".join(["Key;Body;From;Label", *rows, ";;;", ""]).encode("cp1252"))
    return path


def test_a_project_is_made_of_a_table_and_its_items_are_there(run: Command, mails: Path) -> None:
    code, out, err = run("create", mails.name, "--dir", "work", "--people", "2")
    assert code == 0
    assert "it is read as cp1252" in err
    assert "6 items added; 1 row left out" in out
    assert "then: coannotate prelabel --dir work" in out
    project = load_project(Path("work/mails-2026.task.yaml"))
    assert project.title == "Mails 2026"
    assert (project.import_.id, project.import_.gold) == ("Key", {"label": "Label"})
    assert project.import_.columns == {"Body": "Body"}
    assert labels_of(project) == ["late", "lost"]
    assert project.people.per_item == 2
    assert run("check", "--dir", "work")[0] == 0
    assert '"items": 6' in run("status", "--dir", "work", "--json")[1]
    assert run("create", mails.name, "--dir", "work")[0] == 1


def test_what_is_said_goes_before_what_is_guessed(run: Command, mails: Path) -> None:
    words = ["--title", "Wo?", "--name", "wo", "--field", "Body", "--field", "From", "--no-id"]
    words += ["--question", "Where from?", "--labels", "web, mail ,", "--language", "en"]
    words += ["--base-url", "http://localhost:9/v1", "--model", "m", "--budget", "0.5"]
    assert run("create", mails.name, "--no-import", *words)[0] == 0
    project = load_project(Path("wo.task.yaml"))
    assert project.fields == ("Body", "From")
    assert project.questions[0].name == "where_from"
    assert labels_of(project) == ["web", "mail"]
    assert (project.import_.id, project.llm.model, project.routing.budget) == (None, "m", 0.5)


def test_a_dry_run_shows_all_and_writes_nothing(run: Command, mails: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    words = ["--base-url", "http://localhost:9/v1", "--model", "m", "--api-key-env", "NO_SUCH_KEY"]
    code, out, _ = run("create", mails.name, "--dir", "work", "--dry-run", *words)
    assert code == 0
    assert "project: mails-2026 " in out
    assert "Of 7 rows, 6 become items, 1 is left out." in out
    assert "<<<Päckchen 0 kam nie>>>" in out
    assert "m: 6 items, 30 calls" in out
    assert "the environment variable NO_SUCH_KEY is not set here" in out
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--gold", "Topic"], "no column 'Topic'; there are: Key, Body, From, Label"),
        (["--labels", "one"], "a single_label question needs labels"),
        (["--api-key-env", "sk-proj-abcdefgh1234", "--model", "m"], "hidden here, it may be a key"),
    ],
)
def test_a_mistake_leaves_nothing_behind(
    run: Command, mails: Path, tmp_path: Path, words: list[str], why: str
) -> None:
    code, _, err = run("create", mails.name, "--dir", "work", *words)
    assert (code, why in err, "sk-proj" in err) == (1, True, False)
    assert [path.name for path in tmp_path.iterdir()] == [mails.name]


@pytest.mark.parametrize("kind", ["multi_label", "rating", "spans", "text"])
def test_other_kinds_of_question(run: Command, mails: Path, kind: str) -> None:
    assert run("create", mails.name, "--type", kind, "--name", kind, "--no-import")[0] == 0
    assert load_project(Path(f"{kind}.task.yaml")).questions[0].type == kind


def test_replies_are_compared(run: Command, tmp_path: Path) -> None:
    row = {"prompt": "Say hi", "response_a": "Hi.", "response_b": "Hello!"}
    (tmp_path / "replies.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    assert run("create", "replies.jsonl")[0] == 0
    assert run("create", "replies.jsonl", "--type", "ranking", "--name", "order")[0] == 0
    question = load_project(tmp_path / "replies.task.yaml").questions[0]
    assert isinstance(question, PreferenceSettings)
    assert question.responses == ("response_a", "response_b")


def test_a_backup_goes_into_a_new_folder(run: Command, mails: Path, tmp_path: Path) -> None:
    run("create", mails.name, "--dir", "work")
    assert run("backup", "safe.zip", "--dir", "empty")[0] == 1
    code, out, _ = run("backup", "safe.zip", "--dir", "work")
    assert (code, "6 items, 0 people" in out, "keys and secrets" in out) == (0, True, True)
    assert run("backup", "safe.zip", "--dir", "work")[0] == 1
    assert run("restore", "safe.zip")[0] == 1
    code, out, _ = run("restore", "safe.zip", "--dir", "new")
    assert (code, "6 items and 0 people" in out) == (0, True)
    assert '"items": 6' in run("status", "--dir", "new", "--json")[1]
    assert "not empty" in run("restore", "safe.zip", "--dir", "new")[2]
