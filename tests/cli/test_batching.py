"""`prelabel --batch` and `batches` in the terminal, and the same as a job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services import services_for
from tests.cli.terminal import Command, queued, stocked
from tests.llm_server import BatchSettings, LLMServer, failure
from tests.mails import MAILS, to_fill_in

TASK = (
    to_fill_in(MAILS)
    + """\
  - name: tone
    type: single_label
    text: How does it sound?
    labels: [{{name: kind}}, {{name: ham}}]
llm:
  provider: openai
  base_url: {address}
  model: test-model
  structured: off
  logprobs: off
  max_tokens: 20
  variants: [instruction, paraphrase]
  price: {{usd_per_m_in: 100.0, usd_per_m_out: 1000.0, as_of: "2026-11-01"}}
"""
)
ENSEMBLE = """
  ensemble:
  - name: first
  - name: second
    model: maker/small
    base_url: {address}
    price: {{usd_per_m_in: 10.0, usd_per_m_out: 100.0, as_of: "2026-11-01", batch: 0.2}}
"""
ANSWER_USD = (40 * 100.0 + 2 * 1000.0) / 1e6


@pytest.fixture
def server() -> Iterator[LLMServer]:
    with LLMServer(lambda call: "ham") as running:
        running.batches.settings = BatchSettings(polls=1)
        yield running


@pytest.fixture
def other() -> Iterator[LLMServer]:
    with LLMServer(lambda call: "ham", model="maker/small") as running:
        running.batches.settings = BatchSettings(polls=1)
        yield running


@pytest.fixture
def run(server: LLMServer, command: Command) -> Command:
    """Runs a command in a folder with three items; gives exit code, output, errors."""
    return stocked(command, TASK.format(address=server.base_url))


def cells(out: str) -> list[list[str]]:
    """A table without its heading, without ids and times."""
    rows = [[cell for cell in line.split("  ") if cell.strip()] for line in out.splitlines()]
    return [[cell.strip() for cell in row[:-2]] for row in rows[1:]]


def test_all_questions_in_batches(run: Command, server: LLMServer) -> None:
    assert run("batches")[1] == (
        "No batch was submitted yet: `coannotate prelabel --batch` does that\n"
    )
    code, out, err = run("prelabel", "--batch")
    assert code == 0
    cost = ANSWER_USD * (1 + 5 / 2)
    assert out.splitlines() == [
        "mail: 3 items, 6 answers (6 parsed)",
        f"  cost ${cost:.4f}",
        "tone: 3 items, 6 answers (6 parsed)",
        f"  cost ${cost:.4f}",
    ]
    assert "mail: 1 batch with 5 calls submitted, at most $" in err
    assert "you may stop now: run the same command again to go on" in err
    row = ["1", "1", "test-model", "fetched", "5", "5", "0", f"${cost:.4f}"]
    assert sorted(cells(run("batches")[1])) == [["mail", *row], ["tone", *row]]
    assert set(server.served.values()) == {1}
    assert run("prelabel", "--batch")[1].splitlines() == [
        "mail: every item has its answers (--refresh asks again with new examples)",
        "tone: every item has its answers (--refresh asks again with new examples)",
    ]


def test_all_questions_are_submitted_before_any_is_waited_for(
    run: Command, server: LLMServer
) -> None:
    server.batches.settings = BatchSettings(seconds=3600)
    code, out, _ = run("prelabel", "--batch", "--no-wait")
    assert code == 0
    waiting = "1 batch with 5 calls under way; the same command fetches them"
    assert out.count(waiting) == 2
    states = [row[4:7] for row in cells(run("batches")[1])]
    assert states == [["in_progress", "5", "0"]] * 2
    code, _, err = run("prelabel")
    assert (code, "Asking directly would pay for them twice" in err) == (1, True)
    server.batches.settings = BatchSettings(polls=1)
    assert run("prelabel", "--batch")[1].count("5 answers (5 parsed)") == 2
    assert set(server.served.values()) == {1}


def test_questions_share_a_cap_however_often_the_run_is_stopped(
    run: Command, server: LLMServer, tmp_path: Path
) -> None:
    (tmp_path / "task.yaml").write_text(
        TASK.format(address=server.base_url) + "  max_calls: 7\n", "utf-8"
    )
    server.batches.settings = BatchSettings(polls=3)
    for _ in range(2):
        assert run("prelabel", "--batch", "--no-wait")[0] == 0
    assert (
        "`llm.max_calls` of 7 leaves no room for another batch: 7 are made"
        in run("prelabel", "--batch")[1]
    )
    assert sum(server.served.values()) == 7


def test_giving_up(run: Command, server: LLMServer) -> None:
    server.batches.settings = BatchSettings(seconds=3600, answered=2)
    run("prelabel", "--batch", "--no-wait")
    code, out, err = run("batches", "--cancel")
    assert code == 0
    assert "cancelled: 2 answers, 3 failed" in err
    assert [row[4:7] for row in cells("\n" + out[out.index("question") :])[1:]] == [
        ["fetched", "5", "2"]
    ] * 2
    server.batches.settings = BatchSettings(polls=1)
    assert run("prelabel", "--batch")[1].count("3 answers (3 parsed)") == 2
    assert set(server.served.values()) == {1}


def test_the_plan_tells_the_price_where_the_server_was_seen_to_have_batches(
    run: Command, server: LLMServer
) -> None:
    assert "--batch" not in run("plan")[1]
    out = run("connect")[1]
    assert "/v1/batches" in out
    run("prelabel", "--batch")
    (Path.cwd() / "items.jsonl").write_text('{"text": "one more"}\n', "utf-8")
    run("import", "items.jsonl")
    told = run("plan")[1]
    assert f"${2 * ANSWER_USD:.4f}" in told
    assert f"cost with --batch        ${2 * ANSWER_USD / 2:.4f}" in told


def test_each_model_of_an_ensemble_has_batches_of_its_own(
    run: Command, server: LLMServer, other: LLMServer, tmp_path: Path
) -> None:
    task = TASK.format(address=server.base_url) + ENSEMBLE.format(address=other.base_url)
    (tmp_path / "task.yaml").write_text(task, "utf-8")
    code, out, _ = run("prelabel", "--batch")
    assert code == 0
    assert out.count("3 items, 12 answers (12 parsed)") == 2
    cheap = (1 + 5 * 0.2) * ANSWER_USD / 10
    rows = sorted(cells(run("batches")[1]))
    assert [row[3] for row in rows] == ["test-model", "maker/small"] * 2
    assert {row[-1] for row in rows} == {f"${ANSWER_USD * 3.5:.4f}", f"${cheap:.4f}"}
    assert {line["model"] for made in other.batches.made.values() for line in bodies(made)} == {
        "maker/small"
    }
    assert set(server.served.values()) == set(other.served.values()) == {1}


def bodies(made: object) -> list[dict[str, str]]:
    return [line.body for line in made.lines]  # type: ignore[attr-defined]


def test_waiting_is_a_matter_of_batches(run: Command) -> None:
    code, _, err = run("prelabel", "--no-wait")
    assert (code, "--no-wait goes with --batch" in err) == (1, True)


def test_who_has_no_batch_api_says_so(run: Command, server: LLMServer, tmp_path: Path) -> None:
    server.batches.instead.append(failure(404, "Not Found"))
    code, _, err = run("prelabel", "--batch")
    assert (code, "has no Batch API (404): leave out --batch" in err) == (1, True)
    assert not server.served
    task = TASK.format(address=server.base_url)
    (tmp_path / "task.yaml").write_text(task.partition("llm:")[0], "utf-8")
    code, _, err = run("prelabel", "--batch")
    assert code == 1
    assert "`llm.provider: local` has no Batch API: leave out --batch" in err


def test_as_a_job(run: Command, server: LLMServer, tmp_path: Path) -> None:
    services, job = services_for(tmp_path), queued(tmp_path, batch=True)
    code, out, _ = run("work", "--once")
    assert code == 0
    assert out.splitlines()[-1] == (
        "mails: prelabel done. mail: 3 items (6 parsed); tone: 3 items (6 parsed)"
    )
    with services.open() as (store, _):
        found = store.jobs.get(job.id)
        assert found is not None
        assert found.state == "done"
        assert len(store.batches.of_project("mails")) == 2
        assert store.progress.destinations("mails", "tone") != {}
