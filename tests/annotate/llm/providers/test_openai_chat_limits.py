"""What the client cannot reach, must not send, and never repeats."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
import traceback
from typing import Any

import pytest

from annotate.errors import ProviderError
from annotate.llm.prompts import Message, Prompt
from annotate.llm.providers import Reply
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.project.settings import LLMSettings
from tests.llm_server import LLMServer, failure, text
from tests.llm_server.asking import KEY, PROMPT, ask, error_of, provider
from tests.llm_server.faults import echo


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "no-such-host.invalid"])
def test_an_unreachable_host_is_told_at_once(host: str) -> None:
    url = f"http://{host}:{free_port()}/v1"
    chat = OpenAIChat(LLMSettings(provider="openai", model="m", base_url=url), KEY)
    started = time.perf_counter()
    error = error_of(chat)
    assert time.perf_counter() - started < 20
    assert error.fatal
    assert str(error) == (
        f"{url} cannot be reached. Is the server running, and is `llm.base_url` right?"
    )


def test_a_server_that_went_away_ends_the_run() -> None:
    with LLMServer() as short_lived:
        chat = provider(short_lived.base_url)

        async def before_and_after() -> ProviderError:
            await chat.complete(PROMPT, sample=0)
            await asyncio.to_thread(short_lived.__exit__, None, None, None)
            with pytest.raises(ProviderError) as caught:
                await chat.complete(PROMPT, sample=0)
            await chat.close()
            return caught.value

        error = asyncio.run(before_and_after())
    assert error.fatal
    assert "can no longer be reached. Run again when the server is back" in str(error)


def test_a_server_that_comes_back_is_waited_for() -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1"
    chat = OpenAIChat(
        LLMSettings(provider="openai", model="test-model", base_url=url), KEY, backoff_s=0.4
    )
    server = LLMServer(port=port)  # refuses until it is entered
    timer = threading.Timer(0.2, server.__enter__)
    timer.start()
    try:
        [reply] = ask(chat)
    finally:
        timer.join()
        server.__exit__(None, None, None)
    assert isinstance(reply, Reply)


def test_a_wrong_key() -> None:
    with LLMServer(key="the right one") as strict:
        error = error_of(provider(strict.base_url, api_key_env="MY_KEY"))
        assert len(strict.calls) == 1
    assert error.fatal
    assert str(error) == (
        f"{strict.base_url} refused the key (401). "
        "Put a valid one in the environment variable MY_KEY"
    )


def test_a_wrong_model_and_a_wrong_path(server: LLMServer) -> None:
    error = error_of(provider(server.base_url, model="tset-model"))
    assert error.fatal
    assert "knows no model 'tset-model' or no such path (404: The model `tset-model`" in str(error)
    error = error_of(provider(server.base_url.removesuffix("/v1")))
    assert error.fatal
    assert "(404: Not Found). Check `llm.model` and `llm.base_url`" in str(error)


@pytest.mark.parametrize("name", ["temperature", "top_p"])
def test_a_setting_the_model_refuses(server: LLMServer, name: str) -> None:
    server.answer = lambda call: failure(400, "Only 1 is supported.", param=name)
    settings: dict[str, Any] = {name: 0.5}
    error = error_of(provider(server.base_url, **settings))
    assert error.fatal
    assert f"refuses `llm.{name}` (400: Only 1 is supported.). Change it, or leave it" in str(error)


def test_half_a_character_is_told_and_harms_no_other_call(server: LLMServer) -> None:
    chat = provider(server.base_url)

    async def two_calls() -> Reply:
        with pytest.raises(ProviderError, match=r"was not asked: .*surrogates not allowed") as told:
            await chat.complete(Prompt((Message("user", "a\ud83d"),), "v", "h"), sample=0)
        assert not told.value.fatal
        reply = await chat.complete(PROMPT, sample=0)
        await chat.close()
        return reply

    assert asyncio.run(two_calls()).text == "spam"
    assert len(server.calls) == 1


def test_the_newer_name_of_max_tokens_is_found(server: LLMServer) -> None:
    refuse = failure(400, "Use 'max_completion_tokens' instead.", param="max_tokens")
    server.answer = lambda call: refuse if "max_tokens" in call.body else "spam"
    replies = ask(provider(server.base_url, max_tokens=7), times=2)
    assert all(isinstance(reply, Reply) for reply in replies)
    sent = [call.body.get("max_completion_tokens") for call in server.calls]
    assert sent == [None, 7, 7]


@pytest.mark.parametrize("key", ["sk-abc\ndef", "sk-ключ", "sk-\x00"])
def test_a_key_that_cannot_be_one(key: str) -> None:
    with pytest.raises(ProviderError, match="OPENAI_API_KEY holds characters") as caught:
        provider("http://127.0.0.1:1/v1", key=key)
    assert key not in str(caught.value)


def test_a_key_with_a_line_end_and_no_key_at_all(server: LLMServer) -> None:
    ask(provider(server.base_url, key=f" {KEY}\n"))
    ask(provider(server.base_url, key=None))
    assert [call.key for call in server.calls] == [KEY, "none"]


# ---- the key, and everything else that is nobody's business


@pytest.mark.parametrize("status", [200, 400, 401, 404, 429, 500])
def test_a_key_that_the_server_repeats(
    server: LLMServer, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer = lambda call: echo(status, "Incorrect API key provided: {}.")
    [ended] = ask(provider(server.base_url))
    assert server.calls[0].key == KEY
    if isinstance(ended, Reply):
        assert ended.text == "Incorrect API key provided: [key]."
    else:
        assert KEY not in "".join(traceback.format_exception(ended)) + repr(ended)
    assert KEY not in caplog.text
    assert caplog.records


def test_a_key_at_the_place_where_a_long_message_is_cut(server: LLMServer) -> None:
    server.answer = lambda call: failure(400, "x" * 290 + KEY)
    [ended] = ask(provider(server.base_url))
    assert str(ended).endswith("x[key])")


def test_a_placeholder_key_may_be_a_label(server: LLMServer) -> None:
    [reply] = ask(provider(server.base_url, key="spam"))
    assert isinstance(reply, Reply)
    assert reply.text == "spam"


def test_the_environment_stays_at_home(server: LLMServer, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = {
        "OPENAI_API_KEY": "sk-elsewhere-1",
        "OPENAI_ADMIN_KEY": "sk-elsewhere-2",
        "OPENAI_ORG_ID": "org-elsewhere-3",
        "OPENAI_PROJECT_ID": "proj-elsewhere-4",
        "OPENAI_CUSTOM_HEADERS": "\n".join(
            f"{name}: elsewhere-{name}"
            for name in (
                "X-Gateway",
                "Authorization",
                "openai-organization",
                "User-Agent",
                "Host",
                "X-Stainless-Lang",
                "Cookie",
                "Accept",
                "Content-Type",
            )
        ),
        "OPENAI_BASE_URL": "http://elsewhere-10.invalid/v1",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }
    for name, value in planted.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(name.lower(), value)
    for key in (KEY, None):
        [reply] = ask(provider(server.base_url, key=key))
        assert isinstance(reply, Reply)
    for call in server.calls:
        assert "elsewhere" not in f"{call.headers} {call.body}"
    assert [call.key for call in server.calls] == [KEY, "none"]


# ---- many at once


def test_no_more_calls_at_once_than_asked_for() -> None:
    with LLMServer(latency_s=0.02) as busy:
        chat = provider(busy.base_url, concurrency=4)

        async def many() -> None:
            await asyncio.gather(*(chat.complete(PROMPT, sample=n) for n in range(24)))
            await chat.close()

        asyncio.run(many())
        assert busy.most_in_flight == 4
        assert len(busy.calls) == 24


def test_steps_are_taken_in_turn(server: LLMServer) -> None:
    """The server's own promise: the script first, then the answer."""
    server.script.extend(["one", text("two")])
    replies = ask(provider(server.base_url), times=3)
    assert [reply.text for reply in replies if isinstance(reply, Reply)] == ["one", "two", "spam"]
    assert server.served == {"You label.\n\nWas ist das? 标": 3}
