"""Runs after runs, and two at once: what is taken over, given up, refused."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Command, queued, stocked
from tests.llm_server import FAULTS, LLMServer
from tests.mails import MAILS, to_fill_in

TASK = (
    to_fill_in(MAILS)
    + """\
llm:
  provider: openai
  base_url: {address}
  model: test-model
  structured: off
  logprobs: off
  concurrency: 1
  variants: [instruction]
"""
)


@pytest.fixture
def server() -> Iterator[LLMServer]:
    with LLMServer(lambda call: "ham") as running:
        yield running


@pytest.fixture
def run(server: LLMServer, command: Command) -> Command:
    """Runs a command in a folder with three items; gives exit code, output, errors."""
    return stocked(command, TASK.format(address=server.base_url))


def change(folder: Path, old: str, new: str) -> None:
    task = folder / "task.yaml"
    text = task.read_text("utf-8")
    assert old in text
    task.write_text(text.replace(old, new), "utf-8")


def work_off(run: Command, folder: Path, job_id: str) -> str:
    """What a worker says of a job that is queued now."""
    queued(folder, job_id=job_id)
    return run("work", "--once")[1]


def test_another_variant_takes_over_what_is_known(
    run: Command, server: LLMServer, tmp_path: Path
) -> None:
    assert run("prelabel")[1] == "mail: 3 items, 3 answers (3 parsed)\ncost unknown\n"
    change(tmp_path, "[instruction]", "[instruction, question]")
    assert run("prelabel")[1] == (
        "mail: 3 items, 3 answers (3 parsed)\n  3 taken over from earlier rounds\ncost unknown\n"
    )
    assert len(server.calls) == 6
    change(tmp_path, "[instruction, question]", "[question]")
    assert work_off(run, tmp_path, "j1") == (
        "mails: prelabel done. mail: 3 items (3 taken over from earlier rounds)\n"
    )
    assert run("prelabel")[1] == (
        "mail: every item has its answers (--refresh asks again with new examples)\n"
    )
    assert len(server.calls) == 6


def test_a_call_that_is_refused_three_times_is_told_of_and_let_be(
    run: Command, server: LLMServer, tmp_path: Path
) -> None:
    server.answer = lambda call: FAULTS["400"] if "number 2" in call.prompt else "ham"
    refused = (
        f"  errors, first: {server.base_url} refused the call "
        "(400: This model's context length is 8 tokens)"
    )
    out = run("prelabel")[1]
    assert out.startswith("mail: 3 items, 3 answers (2 parsed, 1 error)\n")
    assert f"{refused}; the same command asks those again\n" in out
    out = run("prelabel")[1]
    assert out.startswith("mail: went on where it was stopped; 1 items, 1 answers (1 error)\n")
    given_up = "  1 calls failed 3 times and are not asked again; --refresh asks them anew\n"
    assert f"{refused}\n{given_up}" in run("prelabel")[1]
    assert len(server.calls) == 5
    assert run("prelabel")[1] == f"mail: nothing left to ask\n{given_up}"
    assert work_off(run, tmp_path, "j1") == (
        "mails: prelabel done. mail: 0 items (1 failed 3 times and not asked again)\n"
    )
    assert len(server.calls) == 5
    server.answer = lambda call: "ham"
    assert run("prelabel", "--refresh")[1] == (
        "mail: 1 items, 1 answers (1 parsed)\ncost unknown\n"
    )
    assert len(server.calls) == 6


def test_a_second_run_at_the_same_time_is_refused(
    run: Command, server: LLMServer, tmp_path: Path
) -> None:
    server.latency_s = 1.0
    first = subprocess.Popen([sys.executable, "-m", "app.cli", "prelabel", "--dir", str(tmp_path)])
    deadline = time.monotonic() + 60
    while not server.calls and time.monotonic() < deadline:
        time.sleep(0.01)
    code, out, err = run("prelabel")
    said = "another program is busy with prelabel-mails in "
    advice = "wait until it ends, or stop it; what it has done is kept"
    assert (code, out) == (1, "")
    assert said in err
    assert advice in err
    job = work_off(run, tmp_path, "j1")
    assert job.startswith(f"mails: prelabel failed. {said}")
    assert advice in job
    assert first.poll() is None
    server.latency_s = 0.0
    assert first.wait(60) == 0
    assert run("prelabel")[0] == 0
    assert list(server.served.values()) == [1, 1, 1]
