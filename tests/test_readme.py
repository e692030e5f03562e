"""What the written pages say is true: their commands run, their names exist."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from app.cli import main
from tests.forking import forking

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMAND = Path(sys.executable).with_name("coannotate")


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands() -> list[str]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [line.partition("#")[0].strip() for line in lines if line.strip()]


@pytest.mark.timeout(600)  # some twenty programs one after the other
def test_every_command_of_the_readme_runs(tmp_path: Path) -> None:
    rows = "".join(f"the lamp number {n} works well\n" for n in range(30))
    (tmp_path / "items.csv").write_text("message\n" + rows, "utf-8")
    ours = [line for line in commands() if line.startswith("coannotate")]
    assert len(ours) >= 10
    for line in ours:
        if " serve" in line:
            serve_and_stop(line, tmp_path)
        else:
            # five courses take five times as long as one, and show no more
            code, said = run(line.replace("--seeds 5", "--seeds 1"), tmp_path)
            assert code == 0, f"{line}\n{said}"
    assert {"labels.csv", "sft.jsonl", "pairs.jsonl"} <= {p.name for p in tmp_path.iterdir()}


def run(line: str, folder: Path) -> tuple[int | None, str]:
    """Exit code and output of a command, in a process of its own that begins with the imports."""
    said = folder / "said.txt"
    process = forking().Process(target=command, args=(shlex.split(line)[1:], folder, said))
    process.start()
    process.join(120)
    process.kill()
    return process.exitcode, said.read_text("utf-8")


def command(words: list[str], folder: Path, said: Path) -> None:
    os.chdir(folder)
    with said.open("w", encoding="utf-8") as out, redirect_stdout(out), redirect_stderr(out):
        sys.exit(main(words))


def serve_and_stop(line: str, folder: Path) -> None:
    words = [str(COMMAND), *shlex.split(line)[1:], "--port", "0", "--no-browser"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        words, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout is not None
        assert "http://127.0.0.1:" in server.stdout.readline()
        server.send_signal(signal.SIGINT)
        began = time.monotonic()
        server.wait(timeout=20)
        assert time.monotonic() - began < 15
        assert server.returncode in (0, 130)


@pytest.mark.parametrize("goal", ["demo", "test"])
def test_make_goals_of_the_readme_exist(goal: str) -> None:
    assert f"make {goal}" in README
    shown = subprocess.run(
        ["make", "--dry-run", goal], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {"demo": "coannotate demo", "test": "pytest"}[goal] in shown.stdout


def test_the_settings_of_the_readme_are_valid() -> None:
    from annotate.project.settings import (
        ConsensusSettings,
        LLMSettings,
        PeopleSettings,
        RoutingSettings,
    )

    found = [YAML(typ="safe").load(block) for block in blocks("yaml")]
    for llm in (block["llm"] for block in found if "llm" in block):
        assert LLMSettings.model_validate(llm).provider == "openai"
    [routing] = [block["routing"] for block in found if "routing" in block]
    assert RoutingSettings.model_validate(routing).build().name == "budget"
    people = [block["people"] for block in found if "people" in block]
    assert {PeopleSettings.model_validate(one).mode for one in people} == {"blind"}
    [consensus] = [block["consensus"] for block in found if "consensus" in block]
    assert ConsensusSettings.model_validate(consensus).method == "joint"
    assert len(found) == 5


def test_links_lead_somewhere() -> None:
    for page in ("README.md", "CONTRIBUTING.md", "data/README.md"):
        text = (ROOT / page).read_text("utf-8")
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page}: {target}"


def test_the_rooms_of_the_house_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rooms = [line for line in blocks("", text)[0].splitlines() if not line.startswith(" ")]
    for line in rooms:
        assert (ROOT / line.split()[0]).exists(), line


def test_constraints_hold_names_and_versions_alone() -> None:
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line), line
