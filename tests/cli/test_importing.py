"""Moving in from another tool: one command makes the project, one brings what came since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from annotate.project import load_project
from annotate.store import open_store
from annotate.workflow.imports import importing
from app.cli import main
from tests.annotate.importers.exports import LABEL_STUDIO, as_json, choice


class Here(NamedTuple):
    """A workspace, and an export of Label Studio beside it."""

    folder: Path
    export: Path


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path / "workspace", as_json(tmp_path / "moods.json", LABEL_STUDIO))


def run(here: Here, *words: str) -> int:
    return main([*words, "--dir", str(here.folder)])


def test_one_command_from_an_export_to_a_project(
    here: Here, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(here, "create", str(here.export)) == 0
    told = capsys.readouterr()
    assert "moods.json is read as an export of Label Studio; else say --from" in told.err
    assert told.out.splitlines()[1:8] == [
        "3 items added",
        "  6 answers of people: 8 (Label Studio) 4, ann@example.org (Label Studio) 2",
        "  2 predictions of models: bert-2 2",
        "  left behind: 1 · skipped there",
        "  left behind: 1 · an answer of a kind that has no question here (rectanglelabels)",
        "  left behind: 1 · a draft, not handed in",
        "routing goes by the predictions that came along until a model of yours has answered: "
        "leave prelabel out to keep them",
    ]
    project = load_project(here.folder / "moods.task.yaml")
    assert [(one.name, one.type) for one in project.questions] == [
        ("sentiment", "single_label"),
        ("names", "spans"),
    ]


def test_the_next_export_brings_what_is_new(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    run(here, "create", str(here.export))
    answer = {"completed_by": 9, "result": [choice("Positive")]}
    wrong = {"completed_by": 10, "result": [choice("Mixed")]}
    more = [{**LABEL_STUDIO[1], "annotations": [answer, wrong]}, *LABEL_STUDIO]
    as_json(here.export, more)
    capsys.readouterr()
    assert run(here, "import", str(here.export)) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:3] == [
        "0 items added, 3 were there already, 0 rows rejected",
        "  3 answers of people: 9 (Label Studio) 2, 10 (Label Studio) 1",
        "  9 answers or predictions there already",
    ]
    rejects = here.folder / "rejects" / "moods.json.jsonl"
    [refused] = [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
    assert refused["row"] == {"question": "sentiment", "who": "10", "value": ["Mixed"]}
    assert f"  all of them, with line and reason: {rejects}" in told


def test_a_plain_project_is_told_what_a_file_looks_like(
    here: Here, capsys: pytest.CaptureFixture[str]
) -> None:
    here.folder.mkdir()
    (here.folder / "task.yaml").write_text(
        "project: moods\ntitle: Moods\nfields: [text]\nimport: {id: id}\nquestions:\n"
        "  - {name: sentiment, type: single_label, text: Which?,\n"
        "     labels: [{name: Positive}, {name: Negative}, {name: Neutral}]}\n",
        "utf-8",
    )
    assert run(here, "import", str(here.export)) == 1
    assert "--from label_studio brings its answers and predictions along" in capsys.readouterr().err
    assert run(here, "import", str(here.export), "--from", "label_studio") == 0
    with open_store(here.folder / "coannotate.db") as store:
        assert len(store.imported.people()) == 2


def test_a_rehearsal_tells_what_would_come_along(
    here: Here, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(here, "create", str(here.export), "--dry-run") == 0
    assert "  2 predictions of models: bert-2 2" in capsys.readouterr().out.splitlines()
    assert not here.folder.exists()


def test_what_went_in_before_a_file_breaks_off_is_told(
    here: Here, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    run(here, "create", str(here.export))
    more = [{"id": at, "data": {"text": f"mail {at}", "source": "web"}} for at in range(100, 105)]
    whole = as_json(here.export, more).read_text("utf-8")
    here.export.write_text(whole[:-20], "utf-8")
    capsys.readouterr()
    assert run(here, "import", str(here.export), "--from", "label_studio") == 1
    told = capsys.readouterr().err
    assert "line 1, row 5 of the array: not JSON" in told
    assert told.endswith("download it again. 4 items before that went in, and stay\n")


def test_rejects_that_cannot_be_listed(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    run(here, "create", str(here.export))
    (here.folder / "rejects").rmdir()
    (here.folder / "rejects").write_text("", "utf-8")
    assert run(here, "import", str(here.export)) == 1
    assert "rows that are left out cannot be listed in" in capsys.readouterr().err


def pairwise_tasks(path: Path, columns: tuple[str, str], tags: str) -> Path:
    """Of five, whose answers say left, right, left, right, left; the right texts come first."""
    left, right = columns
    tasks = []
    for at in range(5):
        value = {"selected": ("left", "right")[at % 2]}
        region = {"from_name": "better", "to_name": tags, "type": "pairwise", "value": value}
        data = {right: f"right {at}", left: f"left {at}", "question": f"Why {at}?"}
        said = [{"completed_by": 1, "result": [region]}]
        tasks.append({"id": at, "data": data, "annotations": said})
    return as_json(path, tasks)


def test_pairwise_tasks_become_pairs(here: Here) -> None:
    export = pairwise_tasks(here.folder.with_name("pairs.json"), ("answer1", "answer2"), "t1,t2")
    assert run(here, "create", str(export)) == 0
    [question] = load_project(here.folder / "pairs.task.yaml").questions
    assert question.model_dump(include={"type", "prompt", "responses"}) == {
        "type": "preference",
        "prompt": "question",
        "responses": ("answer1", "answer2"),
    }
    out = here.folder / "pairs.jsonl"
    assert run(here, "export", "preference_trl", "--echoes", "-o", str(out)) == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    pairs = [(one["chosen"][0]["content"], one["rejected"][0]["content"]) for one in rows]
    assert sorted(pairs) == [
        ("left 0", "right 0"), ("left 2", "right 2"), ("left 4", "right 4"),
        ("right 1", "left 1"), ("right 3", "left 3"),
    ]  # fmt: skip


def test_a_preference_goes_by_the_columns_not_by_their_order(here: Here) -> None:
    export = pairwise_tasks(here.folder.with_name("pairs.json"), ("answer1", "answer2"), "t1,t2")
    here.folder.mkdir()
    (here.folder / "task.yaml").write_text(
        "project: pairs\ntitle: Pairs\nfields: [q, second, first]\n"
        "import: {id: id, columns: {q: question, first: answer1, second: answer2}}\nquestions:\n"
        "  - {name: better, type: preference, text: Which?, prompt: q,\n"
        "     responses: [second, first]}\n",
        "utf-8",
    )
    assert run(here, "import", str(export), "--from", "label_studio") == 0
    out = here.folder / "votes.jsonl"
    assert run(here, "export", "votes", "-o", str(out)) == 0
    votes = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert sorted((one["q"], one["vote"]) for one in votes) == [
        ("Why 0?", "b"), ("Why 1?", "a"), ("Why 2?", "b"), ("Why 3?", "a"), ("Why 4?", "b"),
    ]  # fmt: skip


def test_preferences_come_back_from_our_own_export_as_preferences(here: Here) -> None:
    export = pairwise_tasks(here.folder.with_name("pairs.json"), ("answer1", "answer2"), "t1,t2")
    here.folder.mkdir()
    (here.folder / "pairs.task.yaml").write_text(
        "project: pairs\ntitle: Pairs\nfields: [question, answer1, answer2]\n"
        "import: {id: id}\nquestions:\n"
        "  - {name: better, type: preference, text: Which?, prompt: question,\n"
        "     responses: [answer2, answer1]}\n",
        "utf-8",
    )
    assert run(here, "import", str(export), "--from", "label_studio") == 0
    out = here.folder / "back.json"
    assert run(here, "export", "label_studio", "-o", str(out)) == 0
    tasks = json.loads(out.read_text("utf-8"))
    tied = next(task for task in tasks if task["data"]["question"] == "Why 0?")
    tied["annotations"][0]["result"][0]["value"]["choices"] = ["tie"]
    out.write_text(json.dumps(tasks), "utf-8")
    assert run(here, "create", str(out)) == 0
    [question] = load_project(here.folder / "back.task.yaml").questions
    assert question.model_dump(include={"type", "prompt", "responses"}) == {
        "type": "preference",
        "prompt": "question",
        "responses": ("answer2", "answer1"),
    }
    votes_out = here.folder / "votes.jsonl"
    assert run(here, "export", "votes", "--project", "back", "-o", str(votes_out)) == 0
    votes = [json.loads(line) for line in votes_out.read_text("utf-8").splitlines()]
    assert sorted((one["x_question"], one["vote"]) for one in votes) == [
        ("Why 0?", "tie"), ("Why 1?", "a"), ("Why 2?", "b"), ("Why 3?", "a"), ("Why 4?", "b"),
    ]  # fmt: skip


def test_no_project_is_made_of_pairs_whose_order_nothing_tells(
    here: Here, capsys: pytest.CaptureFixture[str]
) -> None:
    export = pairwise_tasks(here.folder.with_name("pairs.json"), ("new", "old"), "t1,t2")
    assert run(here, "create", str(export)) == 1
    assert "does not tell which of its columns stood left" in capsys.readouterr().err
    assert not here.folder.exists()
