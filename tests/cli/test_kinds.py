"""A project of every kind of question at the terminal: what is asked of a model, and what not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from annotate.people import operator
from annotate.workflow.projects.jobs import enqueue
from app.cli import main
from app.services import services_for

KINDS = Path(__file__).parents[2] / "data" / "kinds"
ALONE = (
    "people alone answer flaws (multi_label), errors (spans), quality (rating), better (preference "
    "with `strength`), order (ranking), rewritten (text): such questions take a model that writes, "
    "and `llm.provider` names none\n"
)

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs a command in a folder with the sample project; gives exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(KINDS / "task.yaml", tmp_path)

    def command(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    assert command("import", str(KINDS / "items.jsonl"))[0] == 0
    return command


def only_people(folder: Path) -> None:
    """Take the one question out that a model answers."""
    task = folder / "task.yaml"
    head, _, rest = task.read_text("utf-8").partition("  - name: request")
    task.write_text(head + rest[rest.index("  - name: flaws") :], "utf-8")


def test_a_model_is_asked_what_it_can_be_asked(run: Command) -> None:
    code, out, err = run("prelabel")
    assert (code, ALONE in err) == (0, True)
    assert out.startswith("request: 10 items, ")
    assert "flaws" not in out
    code, out, _ = run("route")
    assert code == 0
    assert "request: 0 stay with the model, 10 go to people" in out
    assert out.count("10 items are with people (10 of them new)") == 6
    for words in (
        ["plan"], ["prompts", "show"], ["prompts", "validate"], ["route", "--explain", "k01"],
        ["route", "--report"],
    ):  # fmt: skip
        code, out, err = run(*words)
        assert (code, ALONE in err) == (0, words != ["route", "--report"])
    code, out, _ = run("status", "--json")
    found = {one["question"]: one for one in json.loads(out)["questions"]}
    assert found["errors"]["destinations"] == {"annotate": 10}
    assert found["errors"]["slots_waiting"] == 10


def test_nothing_is_asked_where_people_answer_everything(run: Command, tmp_path: Path) -> None:
    only_people(tmp_path)
    assert run("check")[0] == 0
    assert run("prelabel") == (0, "", ALONE)
    assert run("prelabel", "--batch") == (0, "", ALONE)
    assert run("plan") == (0, "", ALONE)
    code, out, _ = run("route")
    assert (code, out.count("10 items are with people (10 of them new)")) == (0, 6)
    code, _, err = run("promise", "start", "--question", "order", "--error", "0.1")
    assert code == 1
    assert err == (
        "coannotate: question 'order': people answer it: no model is asked questions of type "
        "ranking, because `llm.provider: local` cannot write. `coannotate route` gives them its "
        "items\n"
    )


def test_a_job_gives_people_their_questions(run: Command, tmp_path: Path) -> None:
    only_people(tmp_path)
    services = services_for(tmp_path)
    with services.open() as (store, project):
        enqueue(
            store,
            project,
            "prelabel",
            {},
            actor=operator(services.now()),
            now=services.now(),
            new_id=services.new_id,
        )
    code, out, _ = run("work", "--once")
    assert code == 0
    assert out.startswith(
        "kinds: prelabel done. flaws: people answer it: no model is asked questions of type "
        "multi_label, because `llm.provider: local` cannot write; errors: people answer it: "
    )
    with services.open() as (store, _):
        assert store.progress.slots("kinds", "rewritten") == {"open": 10}


def test_exclude_does_not_miss_variants_of_people_s_questions(run: Command, tmp_path: Path) -> None:
    task = tmp_path / "task.yaml"
    text = task.read_text("utf-8")
    task.write_text(text.replace("provider: local", "provider: local\n  exclude: [wording_1]"))
    assert run("check")[0] == 0
