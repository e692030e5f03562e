"""The servers that other tests and the benches stand on: what they count and whom they refuse."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from annotate.errors import ProviderError
from annotate.llm.providers import Reply
from tests.llm_server import LLMServer
from tests.llm_server.asking import PROMPT, ask, provider
from tests.llm_server.fast import FastServer, Load

ROOT = Path(__file__).parents[4]


def stats(base_url: str, method: str = "GET") -> dict[str, int]:
    url = base_url.replace("/v1", "/stats")
    found: dict[str, int] = httpx2.request(method, url, trust_env=False).json()
    return found


def burst(base_url: str, count: int) -> list[int]:
    """Statuses of calls that are all made at once."""
    body = {"model": "test-model", "messages": [{"role": "user", "content": "a"}]}

    async def run() -> list[int]:
        async with httpx2.AsyncClient(trust_env=False, timeout=30) as client:
            calls = (client.post(f"{base_url}/chat/completions", json=body) for _ in range(count))
            return sorted(answer.status_code for answer in await asyncio.gather(*calls))

    return asyncio.run(run())


def test_a_fast_server_answers_and_counts() -> None:
    with FastServer("ham", Load(latency_s=0.01), processes=2) as server:
        assert ask(provider(server.base_url), times=2) == [Reply("ham", "stop", None, 40, 2)] * 2
        assert burst(server.base_url, 20) == [200] * 20
        told = stats(server.base_url)
        assert (told["calls"], told["served"], told["refused"]) == (22, 22, 0)
        assert 1 <= told["most_in_flight"] <= 20
        stats(server.base_url, "DELETE")
        nothing = dict.fromkeys(("calls", "served", "refused", "in_flight", "most_in_flight"), 0)
        assert stats(server.base_url) == nothing


def echo(body: dict[str, Any]) -> str:
    return str(body["messages"][-1]["content"])


def test_what_a_fast_server_says_may_depend_on_the_call() -> None:
    with FastServer(echo) as server:
        [reply] = ask(provider(server.base_url))
        assert isinstance(reply, Reply)
        assert reply.text == PROMPT.messages[-1].content


def refusing(server: Any) -> dict[str, int]:
    """What a server that takes three at once counts, when twelve come."""
    server.__enter__()
    try:
        assert burst(server.base_url, 12) == [200] * 3 + [429] * 9
        return stats(server.base_url)
    finally:
        server.__exit__(None, None, None)


def test_calls_beyond_the_limit_are_refused() -> None:
    counted = {"calls": 12, "served": 3, "refused": 9, "in_flight": 0, "most_in_flight": 3}
    assert refusing(FastServer("a", Load(latency_s=1, limit=3), processes=2)) == counted
    assert refusing(LLMServer(latency_s=1, limit=3)) == counted


def test_a_share_of_calls_is_refused() -> None:
    for server in (FastServer("a", Load(latency_s=0, refused=0.5)), LLMServer(refused=0.5)):
        with server:
            statuses = burst(server.base_url, 60)
        assert 10 <= statuses.count(429) <= 50
        assert statuses.count(200) == 60 - statuses.count(429)


def test_the_fast_server_knows_no_other_path() -> None:
    with FastServer() as server:
        [error] = ask(provider(server.base_url.removesuffix("/v1")))
        assert isinstance(error, ProviderError)
        assert "404" in error.why


@pytest.mark.parametrize("more", [["--fast", "--processes", "2"], ["--requests", "100"]])
def test_by_hand(more: list[str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "tests.llm_server", "--port", "0", "--say", "ham", *more]
    with log.open("w") as out, subprocess.Popen(command, cwd=ROOT, stdout=out) as process:
        try:
            while "model:" not in log.read_text():
                assert process.poll() is None
                time.sleep(0.02)
            base_url = log.read_text().splitlines()[0].removeprefix("base_url: ")
            [reply] = ask(provider(base_url))
            assert stats(base_url)["served"] == 1
        finally:
            process.terminate()
    assert isinstance(reply, Reply)
    assert reply.text == "ham"
