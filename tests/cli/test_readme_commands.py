"""What the README says is true: its commands run."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from app.cli import main
from tests.forking import forking
from tests.test_readme import blocks

COMMAND = Path(sys.executable).with_name("coannotate")


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
