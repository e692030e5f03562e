"""A cascade as somebody runs it: the strong model is asked about what routing chose, no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import main
from tests.llm_server import Call, LLMServer
from tests.mails import MAILS, to_fill_in

TASK = (
    to_fill_in(MAILS)
    + """\
import: {{id: id}}
llm:
  provider: openai
  variants: [instruction, paraphrase, question]
  few_shot: 0
  structured: off
  logprobs: off
  ensemble:
  - {{name: small, model: test-model, base_url: {small}}}
  - {{name: big, model: test-model, base_url: {big}}}
routing:
  policy: cascade
  strong: big
  strong_usd: 0.01
  error_usd: 1.0
  hour_usd: 60
  seconds: 30
  audit: 0
"""
)


def of_two_minds(call: Call) -> str:
    """Says spam to odd mails in one wording only."""
    hard = call.prompt.rpartition("<<<")[2].startswith("odd")
    return "spam" if hard and "Possible answers" in call.prompt else "ham"


@pytest.fixture
def small() -> Iterator[LLMServer]:
    with LLMServer(of_two_minds) as running:
        yield running


@pytest.fixture
def big() -> Iterator[LLMServer]:
    with LLMServer(lambda call: "ham") as running:
        yield running


def test_the_strong_model_sees_only_what_is_unsure(
    small: LLMServer, big: LLMServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = TASK.format(small=small.base_url, big=big.base_url)
    (tmp_path / "task.yaml").write_text(task, "utf-8")
    rows = [f"{n},{'odd' if n % 4 == 0 else 'plain'} mail {n}" for n in range(20)]
    (tmp_path / "items.csv").write_text("id,text\n" + "\n".join(rows), "utf-8")

    def run(*words: str) -> str:
        capsys.readouterr()
        assert main([*words, "--dir", str(tmp_path)]) == 0
        return capsys.readouterr().out

    run("import", str(tmp_path / "items.csv"))
    out = run("prelabel")
    assert "mail: 20 items, 60 answers" in out
    assert "5 wait for the stronger model" in out
    assert "mail, big: 5 items, 15 answers" in out
    assert "15 taken over from earlier rounds" in out  # what the small one said of them
    assert (len(small.calls), len(big.calls)) == (60, 15)
    again = run("prelabel")
    assert (len(small.calls), len(big.calls)) == (60, 15)
    assert "every item has its answers" in again
    assert "wait for the stronger model" not in run("route")
