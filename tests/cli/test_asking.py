"""Commands against a scripted model server: what is sent, what it costs, jobs worked off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services import services_for
from tests.cli.terminal import Command, queued, stocked
from tests.llm_server import LLMServer
from tests.mails import MAILS, to_fill_in

TASK = (
    to_fill_in(MAILS)
    + """\
guideline: Be strict.
llm:
  provider: openai
  base_url: {address}
  model: test-model
  max_tokens: 20
  structured: off
  logprobs: off
  price: {{usd_per_m_in: 1.0, usd_per_m_out: 10.0, as_of: "2026-11-01"}}
"""
)


@pytest.fixture
def server() -> Iterator[LLMServer]:
    with LLMServer(lambda call: "ham\nconfidence: 0.9") as running:
        yield running


@pytest.fixture
def run(server: LLMServer, command: Command) -> Command:
    """Runs a command in a folder with three items; gives exit code, output, errors."""
    return stocked(command, TASK.format(address=server.base_url))


def rows(out: str) -> dict[str, list[str]]:
    """The table in an output: first column -> the others."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in out.splitlines()]
    return {first: others for first, *others in lines if others}


def test_the_plan_is_told_before_anything_is_sent(run: Command, server: LLMServer) -> None:
    code, out, _ = run("plan")
    assert code == 0
    told = rows(out)
    assert (told["items"], told["calls"]) == (["3"], ["15"])
    assert "length of the prompts" in out
    assert "$1 in, $10 out per million, as of 2026-11-01" in out
    assert server.calls == []
    run("prelabel")
    code, out, _ = run("plan")
    assert rows(out)["calls"] == ["0"]
    assert "mean of 15 earlier calls" in out
    assert "$0.0000" in out


def test_cost_is_booked_and_told(run: Command) -> None:
    out = run("prelabel")[1]
    # 15 calls of 40 tokens in and 2 out, as the server tells
    assert "3 items, 15 answers (15 parsed)" in out
    assert f"cost ${15 * (40 * 1.0 + 2 * 10.0) / 1e6:.4f}" in out


def test_what_is_shown_is_what_is_sent(run: Command, server: LLMServer) -> None:
    shown = run("prompts", "show", "--variant", "paraphrase")[1]
    run("prelabel")
    sent = [call.messages for call in server.calls if "mail number 0" in call.messages[1][1]]
    assert any(all(text in shown for _, text in messages) for messages in sent)
    assert "Be strict." in shown
    code, _, err = run("prompts", "show", "--variant", "rhyme")
    assert (code, "no variant 'rhyme'; there are: instruction" in err) == (1, True)
    assert run("prompts", "show", "--item", "nothing")[0] == 1


def test_connect_says_what_the_server_was_seen_to_do(run: Command) -> None:
    code, out, _ = run("connect")
    assert code == 0
    assert "test-model at http://127.0.0.1:" in out
    told = rows(out)
    assert told["chat"][0] == "yes"
    assert told["model is listed"][0] == "yes"
    assert told["log-probabilities"][0] == "no"


def test_a_key_meant_for_openai_is_not_sent_to_another_server(
    run: Command, server: LLMServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-meant-for-openai")
    run("prelabel")
    assert len(server.calls) == 15
    assert not any("sk-meant" in str(call.headers) for call in server.calls)


def test_a_queued_job_is_worked_off_and_routed(run: Command, tmp_path: Path) -> None:
    services, job = services_for(tmp_path), queued(tmp_path, refresh=False)
    code, out, _ = run("work", "--once")
    assert code == 0
    assert out == "mails: prelabel done. mail: 3 items (15 parsed)\n"
    with services.open() as (store, _):
        found = store.jobs.get(job.id)
        assert found is not None
        assert (found.state, found.done, found.total) == ("done", 3, 3)
        assert found.cost_usd == pytest.approx(15 * 60 / 1e6)
        assert store.progress.destinations("mails", "mail") != {}


def test_a_job_that_cannot_work_says_why(run: Command, server: LLMServer, tmp_path: Path) -> None:
    server.key = "another"
    queued(tmp_path)
    out = run("work", "--once")[1]
    assert out.startswith("mails: prelabel failed. ")
    assert "refused the key" in out


def test_a_worker_ends_with_the_process_that_started_it(run: Command) -> None:
    code, out, _ = run("work", "--parent", "999999999")
    assert (code, out) == (0, "")
