"""What a server can do is found out once, where a run goes by it, and remembered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.services import services_for
from app.worker import alive
from tests.cli.terminal import Command, queued
from tests.decision_server import DecisionServer, Features
from tests.mails import MAILS, to_fill_in

TASK = (
    to_fill_in(MAILS)
    + """\
llm:
  {{provider: {provider}, base_url: '{address}', model: m, variants: [instruction],
    confidence: false}}
"""
)
TOLD = "trying the server out once: m at "
LABELS_ONLY = Features(systemone=False, chat=False)
CHAT_ONLY = Features(decisions=False, systemone=False)


@pytest.fixture(scope="module")
def running() -> Iterator[DecisionServer]:
    with DecisionServer() as server:
        yield server


@pytest.fixture
def decider(running: DecisionServer) -> DecisionServer:
    running.reset(Features())
    running.weights = lambda option, text: 3.0 if option == "ham" else 1.0
    return running


@pytest.fixture
def run(
    decider: DecisionServer,
    tmp_path: Path,
    command: Command,
) -> Command:
    """Runs a command in a folder with two items; gives exit code, output, errors."""
    write_task(tmp_path, decider, "auto")
    (tmp_path / "items.jsonl").write_text('{"text": "one"}\n{"text": "two"}\n', "utf-8")

    assert command("import", "items.jsonl")[0] == 0
    return command


def write_task(folder: Path, decider: DecisionServer, provider: str, more: str = "") -> None:
    text = TASK.format(provider=provider, address=decider.base_url)
    (folder / "task.yaml").write_text(text.replace("m, var", f"m{more}, var"), "utf-8")


def added(folder: Path, run: Command, text: str) -> None:
    (folder / "more.jsonl").write_text(f'{{"text": "{text}"}}\n', "utf-8")
    assert run("import", "more.jsonl")[0] == 0


def labelling(decider: DecisionServer) -> list[dict[str, Any]]:
    """What was sent to have an item labelled, and not to try the server out."""
    return [sent for sent in decider.sent("chat/completions") if "spam" in str(sent["messages"])]


def test_auto_asks_for_probabilities_where_the_server_has_them(
    run: Command, decider: DecisionServer, tmp_path: Path
) -> None:
    code, out, err = run("prelabel")
    assert code == 0
    assert f"{TOLD}{decider.base_url}" in err
    assert "`llm.provider: auto` asks through /v1/decisions" in err
    assert "mail: 2 items, 2 answers (2 parsed)" in out
    with services_for(tmp_path).open() as (store, _):
        said = [(p.variant, p.value) for p in store.prelabels.current("mails", "mail")]
        assert store.connections.get(decider.base_url, "m") is not None
    assert said == [("decision", "ham")] * 2
    added(tmp_path, run, "three")
    decider.calls.clear()
    _, out, err = run("prelabel")
    assert "mail: 1 items, 1 answers (1 parsed)" in out
    assert TOLD not in err
    assert [path for path, _ in decider.calls] == ["decisions"]


def test_auto_asks_through_chat_where_that_is_all_there_is(
    run: Command, decider: DecisionServer
) -> None:
    decider.features = CHAT_ONLY
    _, out, err = run("prelabel")
    assert "`llm.provider: auto` asks through chat" in err
    assert "2 answers (2 parsed)" in out
    assert len(labelling(decider)) == 2


@pytest.mark.parametrize(
    ("features", "path"),
    [
        (LABELS_ONLY, "/v1/decisions"),
        (Features(decisions=False), "/v1/systemone"),
        (CHAT_ONLY, "chat"),
    ],
)
def test_connect_says_what_auto_comes_to(
    run: Command, decider: DecisionServer, features: Features, path: str
) -> None:
    decider.features = features
    code, out, _ = run("connect")
    assert code == 0
    assert f"`llm.provider: auto` asks through {path}" in out


def test_nothing_is_sent_by_plan_and_auto_needs_a_trial_first(
    run: Command, decider: DecisionServer
) -> None:
    code, _, err = run("plan")
    assert (code, decider.calls) == (1, [])
    assert "it was not tried yet: `coannotate connect` does that" in err
    assert run("connect")[0] == 0
    asked = len(decider.calls)
    code, out, _ = run("plan")
    assert (code, len(decider.calls)) == (0, asked)
    assert "mail: 2 items to ask about" in out
    shown = run("prompts", "show")[1]
    assert "=== mail · decision (decisions.v1" in shown
    assert '"input": "one"' in shown


def test_a_schema_is_sent_only_to_a_server_that_was_seen_to_keep_to_it(
    run: Command, decider: DecisionServer, tmp_path: Path
) -> None:
    write_task(tmp_path, decider, "openai", ", logprobs: off")
    _, out, err = run("prelabel")
    assert "JSON schema enforced: yes" in err
    assert "2 answers (2 parsed)" in out
    assert all("response_format" in sent for sent in labelling(decider))
    shown = run("prompts", "show")[1]
    assert '--- schema\n{"additionalProperties":false' in shown
    decider.features = Features(json_schema="ignored")
    run("connect")
    decider.calls.clear()
    run("prelabel")
    assert len(labelling(decider)) >= 2
    assert not any("response_format" in sent for sent in labelling(decider))


def test_who_wants_plain_text_needs_no_trial(
    run: Command, decider: DecisionServer, tmp_path: Path
) -> None:
    write_task(tmp_path, decider, "openai", ", structured: off, logprobs: off")
    _, _, err = run("prelabel")
    assert TOLD not in err
    assert len(decider.calls) == 4  # two answers that are none, each sent back once


def test_what_was_begun_without_a_trial_goes_on_without(
    run: Command, decider: DecisionServer, tmp_path: Path
) -> None:
    """Else one new item would have all the others asked about again."""
    write_task(tmp_path, decider, "openai", ", structured: off, logprobs: off")
    run("prelabel")
    write_task(tmp_path, decider, "openai")
    added(tmp_path, run, "three")
    decider.calls.clear()
    _, out, err = run("prelabel")
    assert "mail: 1 items, 1 answers" in out
    assert "m: asked for plain text as before; `coannotate connect` may find out more" in err
    assert len(decider.calls) == 2
    run("connect")
    assert "mail: 3 items to ask about" in run("plan")[1]


def test_a_server_where_nothing_works_ends_the_command(
    run: Command, decider: DecisionServer, tmp_path: Path
) -> None:
    decider.features = Features(key="sk-right-one")
    code, _, err = run("prelabel")
    assert code == 1
    assert "refused the key (401)" in err
    with services_for(tmp_path).open() as (store, _):
        assert store.connections.get(decider.base_url, "m") is None


def test_a_job_gives_signs_of_life_while_it_waits() -> None:
    beaten = threading.Event()

    def beat(done: int, total: int, cost_usd: float) -> bool:
        beaten.set()
        return True

    assert alive(lambda: beaten.wait(60), beat) is True


def test_a_job_tries_the_server_out_too(
    run: Command, decider: DecisionServer, tmp_path: Path
) -> None:
    services = services_for(tmp_path)
    queued(tmp_path)
    out = run("work", "--once")[1].splitlines()
    assert out[0].startswith(TOLD)
    assert out[-1] == "mails: prelabel done. mail: 2 items (2 parsed)"
    with services.open() as (store, _):
        assert store.connections.get(decider.base_url, "m") is not None
