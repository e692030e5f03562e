"""The commands as somebody types them: exit codes, output, what is on disk afterwards."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from annotate.people import add_person, operator
from annotate.questions import QUESTION_TYPES
from app.cli import main
from app.services import services_for
from tests.labelling import assign, submit

Run = tuple[int, str, str]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Runs a command in an empty folder; gives exit code, output, errors."""
    monkeypatch.chdir(tmp_path)

    def command(*words: str) -> Run:
        capsys.readouterr()
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return command


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared demo: setting it up takes the longest, so it is done once."""
    folder = tmp_path_factory.mktemp("demo") / "work"
    assert main(["demo", "--no-serve", "--dir", str(folder)]) == 0
    return folder


def write_items(path: Path, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "source"])
        for n in range(count):
            word = "wonderful" if n % 2 else "broken"
            writer.writerow([f"The {word} lamp number {n} came in, complaints or praise?", "mail"])


def test_from_a_file_to_an_export(run, tmp_path: Path) -> None:
    write_items(tmp_path / "items.csv", 20)
    assert run("init", "--dir", "work")[0] == 0
    code, out, _ = run("check", "--dir", "work")
    assert (code, "task.yaml: fine. Project my-task: topic (single_label)" in out) == (0, True)
    assert "20 items added" in run("import", "items.csv", "--dir", "work")[1]
    assert "0 items added, 20 were there already" in run("import", "items.csv", "--dir", "work")[1]
    code, out, err = run("prelabel", "--dir", "work")
    assert code == 0
    assert "20 items, 180 answers (180 parsed)" in out
    assert "statistical model" in err or "not from a large language model" in err
    assert "every item has its answers" in run("prelabel", "--dir", "work")[1]
    code, out, _ = run("route", "--dir", "work")
    assert (code, "6 go to people" in out) == (0, True)
    assert "(0 decisions new)" in run("route", "--dir", "work")[1]
    found = json.loads(run("status", "--dir", "work", "--json")[1])
    assert found["project"] == "my-task"
    [question] = found["questions"]
    assert question["items"] == question["prelabelled"] == 20
    assert question["slots_waiting"] == 20 - question["destinations"]["auto"]
    code, out, _ = run("export", "labels", "-o", "out.jsonl", "--dir", "work")
    rows = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == question["destinations"]["auto"]
    assert out.startswith(f"out.jsonl: {len(rows)} rows from 20 items; left out: ")
    assert "waiting for people" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["status"], "has no task.yaml: `coannotate init` writes one"),
        (["status", "--dir", "nowhere"], "nowhere is no folder"),
        (["serve"], "has no task.yaml"),
        (["check", "missing.yaml"], "missing.yaml: cannot be read"),
    ],
)
def test_a_command_without_its_input_says_what_comes_first(run, words, said) -> None:
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert err.startswith("coannotate: ")
    assert said in err
    assert "Traceback" not in err


def test_verbs_in_the_wrong_order_say_the_right_one(run, tmp_path: Path) -> None:
    run("init")
    assert "`coannotate import FILE` brings them" in run("prelabel")[2]
    write_items(tmp_path / "items.csv", 2)
    run("import", "items.csv")
    assert "`coannotate prelabel` comes first" in run("route")[2]


def test_init_leaves_an_existing_file_alone(run) -> None:
    run("init")
    Path("task.yaml").write_text("mine", "utf-8")
    code, _, err = run("init")
    assert (code, "is there already" in err) == (1, True)
    assert Path("task.yaml").read_text("utf-8") == "mine"


@pytest.mark.parametrize("kind", list(QUESTION_TYPES))
def test_first_project_files_are_valid_and_name_their_schema(run, kind: str) -> None:
    assert run("init", "--type", kind)[0] == 0
    assert run("check")[0] == 0
    assert "$schema=task.schema.json" in Path("task.yaml").read_text("utf-8")
    assert json.loads(Path("task.schema.json").read_text("utf-8"))["title"] == "Project"


def test_check_prints_the_schema(run) -> None:
    assert "guideline" in json.loads(run("check", "--schema")[1])["properties"]


def test_check_names_every_problem_with_its_line(run) -> None:
    run("init")
    text = Path("task.yaml").read_text("utf-8").replace("policy:", "polcy:")
    Path("task.yaml").write_text(text.replace("per_item: 1", "per_item: 0"), "utf-8")
    code, _, err = run("check")
    assert code == 1
    assert "routing.polcy: is not a known key. Did you mean `policy`?" in err
    assert "people.per_item" in err


def test_columns_are_mapped_on_the_command_line(run, tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("nr,message\n7,hello\n8,bye\n", "utf-8")
    run("init")
    code, _, err = run("import", "items.csv")
    assert (code, "no column 'text'; it has 'nr', 'message'" in err) == (1, True)
    code, out, _ = run("import", "items.csv", "--column", "text=message", "--id", "nr")
    assert (code, "2 items added" in out) == (0, True)
    assert "write FIELD=COLUMN" in run("import", "items.csv", "--column", "message")[2]


def test_rejected_rows_are_kept_with_line_and_reason(run, tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_bytes(b"text\ngood\n\xff\xfe bad\n  \nfine\n")
    run("init")
    code, out, _ = run("import", "items.csv")
    assert code == 0
    assert "2 items added, 0 were there already, 2 rows rejected" in out
    kept = Path("rejects/items.csv.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["line"] for line in kept] == [3, 4]
    assert list(Path("rejects").iterdir()) == [Path("rejects/items.csv.jsonl")]


def test_several_projects_ask_which(run, demo: Path) -> None:
    code, _, err = run("status", "--dir", str(demo))
    assert code == 1
    assert "several projects (replies, topics, zh_intents): choose with --project" in err
    code, out, _ = run("status", "--dir", str(demo), "--project", "zh_intents")
    assert (code, "意图" in out) == (0, True)


def test_the_demo_learns_from_what_people_answer(run, demo: Path) -> None:
    """Items with a known answer are no examples, so that not all of them may have one."""
    services = services_for(demo)
    now = services.now()
    with services.open("zh_intents") as (store, project):
        ann = add_person(store, "Ann", "annotator", actor=operator(now), now=now)
        for _ in range(9):
            task = assign(store, project, actor=ann, now=now)
            assert task is not None
            submit(store, project, task, "借阅", actor=ann, now=now)
    out = run("prelabel", "--dir", str(demo), "--project", "zh_intents")[1]
    shown = re.search(r"with (\d+) human-labelled examples", out)
    assert shown is not None
    assert 0 < int(shown.group(1)) < 9


def test_a_second_demo_start_keeps_everything(run, demo: Path) -> None:
    where = ("--dir", str(demo))
    before = json.loads(run("status", *where, "--project", "topics", "--json")[1])
    assert run("demo", "--no-serve", *where)[0] == 0
    after = json.loads(run("status", *where, "--project", "topics", "--json")[1])
    assert before == after
    assert after["questions"][0]["items"] == 300


def test_only_one_prelabelling_at_a_time(run, tmp_path: Path) -> None:
    from annotate.workspace import Workspace

    write_items(tmp_path / "items.csv", 2)
    run("init")
    run("import", "items.csv")
    with Workspace(Path()).alone("prelabel-my-task"):
        code, _, err = run("prelabel")
    assert (code, "another program is busy with prelabel-my-task" in err) == (1, True)
    assert run("prelabel")[0] == 0


def test_openai_without_a_key_says_where_to_put_it(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    write_items(tmp_path / "items.csv", 2)
    run("init")
    text = Path("task.yaml").read_text("utf-8")
    Path("task.yaml").write_text(
        text.replace("provider: local  ", "provider: openai\n  model: m #"), "utf-8"
    )
    run("import", "items.csv")
    code, _, err = run("prelabel")
    assert (code, "put it in the environment variable OPENAI_API_KEY" in err) == (1, True)


def test_help_of_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("init", "check", "import", "prelabel", "route", "serve", "status", "export"):
        with pytest.raises(SystemExit) as stopped:
            main([verb, "--help"])
        assert stopped.value.code == 0
        assert "--dir DIR" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stopped:
        main(["exprot"])
    assert stopped.value.code == 2
