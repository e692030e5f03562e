"""Commands with several models: each is listed, all share the caps, no key goes astray."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services import services_for
from tests.cli.terminal import Command, stocked, write_mails
from tests.llm_server import LLMServer
from tests.mails import MAILS, to_fill_in

KEY = "sk-planted-0123456789"
TASK = (
    to_fill_in(MAILS)
    + """\
llm:
  provider: openai
  max_tokens: 20
  structured: off
  logprobs: off
  variants: [instruction, paraphrase]
  ensemble:
  - name: big
    model: test-model
    base_url: {first}
    api_key_env: BIG_KEY
    price: {{usd_per_m_in: 1000, usd_per_m_out: 5000, as_of: "2026-11-01"}}
  - model: maker/small
    base_url: {second}
"""
)
PRICES = 'maker/small: {usd_per_m_in: 100, usd_per_m_out: 500, as_of: "2026-10-01"}\n'


@pytest.fixture
def big() -> Iterator[LLMServer]:
    with LLMServer(lambda call: "ham", key=KEY) as running:
        yield running


@pytest.fixture
def small() -> Iterator[LLMServer]:
    with LLMServer(lambda call: "spam", model="maker/small") as running:
        yield running


@pytest.fixture
def run(
    big: LLMServer,
    small: LLMServer,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """Runs a command in a folder with three items; gives exit code, output, errors."""
    monkeypatch.setenv("BIG_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-meant-for-openai")
    task = TASK.format(first=big.base_url, second=small.base_url)
    return stocked(command, task)


def change(folder: Path, old: str, new: str) -> None:
    task = folder / "task.yaml"
    text = task.read_text("utf-8")
    assert old in text
    task.write_text(text.replace(old, new), "utf-8")


def test_the_plan_lists_each_member_and_their_sum(
    run: Command, big: LLMServer, small: LLMServer, tmp_path: Path
) -> None:
    (tmp_path / "prices.yaml").write_text(PRICES, "utf-8")
    assert run("prelabel")[0] == 0
    write_mails(range(5))
    run("import", "items.jsonl")
    asked = len(big.calls) + len(small.calls)
    code, out, _ = run("plan")
    assert code == 0
    # two more items in two variants each; the servers told 40 tokens in and 2 out
    assert "mail: 2 items to ask about" in out
    assert re.findall(r"^(?:big|small) \(.*\)$", out, re.MULTILINE) == [
        "big (test-model)",
        "small (maker/small)",
    ]
    assert re.findall(r"calls +(\d+)", out) == ["4", "4"]
    assert re.findall(r"cost +(\$\S+)", out) == ["$0.2000", "$0.0200"]
    assert "as of 2026-10-01" in out
    assert "together: 8 calls, $0.2200" in out
    assert len(big.calls) + len(small.calls) == asked


def test_a_new_member_is_asked_alone(
    run: Command, big: LLMServer, small: LLMServer, tmp_path: Path
) -> None:
    """Also where the answers were given before there was an ensemble."""
    change(tmp_path, "  variants: [instruction, paraphrase]\n", "  variants: default\n")
    task = (tmp_path / "task.yaml").read_text("utf-8")
    alone = f"  model: test-model\n  base_url: {big.base_url}\n  api_key_env: BIG_KEY\n"
    (tmp_path / "task.yaml").write_text(task.partition("  ensemble:")[0] + alone, "utf-8")
    assert run("prelabel")[0] == 0
    assert len(big.calls) == 15
    (tmp_path / "task.yaml").write_text(task, "utf-8")
    out = run("plan")[1]
    assert re.findall(r"calls +(\d+)", out) == ["0", "15"]
    assert re.findall(r"answers already known +(\d+)", out) == ["15", "0"]
    assert run("prelabel")[0] == 0
    assert (len(big.calls), len(small.calls)) == (15, 15)
    with services_for(tmp_path).open() as (store, _):
        votes = [(p.variant.split("/")[0], p.value) for p in store.prelabels.said("mails", "mail")]
    assert Counter(votes) == {("big", "ham"): 15, ("small", "spam"): 15}


def test_an_unknown_price_is_told_as_such(run: Command) -> None:
    out = run("plan")[1]
    assert "unknown: add `price`" in out
    assert re.search(r"together: 12 calls, \$\S+ and what the models of unknown price cost", out)
    assert "and 6 calls of unknown cost" in run("prelabel")[1]


def test_prompts_of_each_member_are_shown(run: Command) -> None:
    out = run("prompts", "show")[1]
    assert re.findall(r"^=== (.*) \(", out, re.MULTILINE) == [
        "mail · big/instruction",
        "mail · big/paraphrase",
        "mail · small/instruction",
        "mail · small/paraphrase",
    ]
    out = run("prompts", "show", "--variant", "small/paraphrase")[1]
    assert out.count("===") == 1


def test_connect_lists_each_member_and_names_the_one_that_is_down(
    run: Command, big: LLMServer, small: LLMServer, tmp_path: Path
) -> None:
    code, out, _ = run("connect")
    assert code == 0
    assert f"big: test-model at {big.base_url}" in out
    assert f"small: maker/small at {small.base_url}" in out
    assert out.count("log-probabilities") == 2
    big.key = "another"
    code, out, err = run("connect")
    assert code == 1
    assert f"ensemble member 'big': {big.base_url} refused the key (401)" in err
    assert "not every model can be asked: big" in err
    assert f"small: maker/small at {small.base_url}" in out
    assert KEY not in out + err


def test_two_members_on_one_model_are_tried_once(
    run: Command, small: LLMServer, tmp_path: Path
) -> None:
    run("connect")
    once = len(small.calls)
    change(tmp_path, "  - model: maker/small\n", "  - name: warm\n    model: maker/small\n")
    text = (tmp_path / "task.yaml").read_text("utf-8")
    cold = f"  - {{name: cold, model: maker/small, base_url: '{small.base_url}'}}\n"
    (tmp_path / "task.yaml").write_text(text + cold, "utf-8")
    out = run("connect")[1]
    assert len(small.calls) == 2 * once
    assert re.findall(r"^(\w+): \S+ at http", out, re.MULTILINE) == ["big", "warm", "cold"]


def test_caps_are_shared_by_all_members_and_questions(
    run: Command, big: LLMServer, small: LLMServer, tmp_path: Path
) -> None:
    labels = "labels: [{name: spam}, {name: ham}]"
    second = f"  - {{name: again, type: single_label, text: Sure?, {labels}}}\n"
    change(tmp_path, "llm:\n", f"{second}llm:\n  max_calls: 13\n")
    code, out, _ = run("prelabel")
    assert code == 0
    assert len(big.calls) + len(small.calls) == 13
    assert "mail: 3 items, 12 answers (12 parsed)" in out
    assert "`llm.max_calls` of 13 is reached; the same command goes on from here" in out
    run("prelabel")
    run("prelabel")
    assert set(big.served.values()) == set(small.served.values()) == {1}


def test_a_member_that_is_down_is_named_and_the_rest_is_kept(
    run: Command, small: LLMServer
) -> None:
    small.model = "gone"
    code, _, err = run("prelabel")
    assert code == 1
    assert err.startswith("coannotate: ensemble member 'small': ")
    assert "knows no model 'maker/small'" in err
    small.model = "maker/small"
    assert run("prelabel")[0] == 0
    assert "mail: 0 items to ask about" in run("plan")[1]


def test_a_missing_key_is_told_with_its_member(run: Command, tmp_path: Path) -> None:
    change(tmp_path, "  - model: maker/small\n", "  - {name: hosted, model: m}\n  - model: x\n")
    change(tmp_path, "  max_tokens: 20\n", "  max_tokens: 20\n  api_key_env: NO_SUCH_KEY\n")
    code, _, err = run("plan")
    assert code == 1
    assert "ensemble member 'hosted': no key: put it in the environment variable NO_SUCH" in err


def test_keys_reach_their_own_server_and_nothing_else(
    run: Command, big: LLMServer, small: LLMServer, tmp_path: Path
) -> None:
    said = ""
    for words in (["plan"], ["connect"], ["prelabel"], ["status"], ["prompts", "show"]):
        code, out, err = run(*words)
        assert code == 0
        said += out + err
    assert {call.key for call in big.calls} == {KEY}
    assert not any(
        secret in f"{call.headers}{call.body}"
        for call in small.calls
        for secret in (KEY, "sk-meant-for-openai")
    )
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert KEY not in said
    assert KEY.encode() not in files


def test_check_looks_at_the_price_file_too(run: Command, tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text(PRICES, "utf-8")
    code, out, _ = run("check")
    assert code == 0
    assert "prices.yaml: fine. 1 price, the oldest as of 2026-10-01" in out
    (tmp_path / "prices.yaml").write_text(PRICES.replace("100,", "cheap,"), "utf-8")
    code, _, err = run("check")
    assert code == 1
    assert "line 1: maker/small.usd_per_m_in: is 'cheap', not a number" in err
