"""Rate limits that a server announces are kept: no call is made only to be refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from annotate.errors import ProviderError
from annotate.llm.providers import Reply
from annotate.llm.providers.limits import Limit, read_limits, retry_after_s, seconds_until
from annotate.llm.servers.client import Server
from annotate.project.settings import LLMSettings
from tests.llm_server import LLMServer, Quota, failure
from tests.llm_server.asking import KEY, PROMPT, ask, provider

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW_S = NOON.timestamp()


def at_once(server: LLMServer, count: int) -> list[Reply]:
    """The replies to as many calls as there may be at once."""

    async def all_of_them() -> list[Reply]:
        chat = provider(server.base_url, concurrency=64, timeout_s=60.0)
        try:
            calls = (chat.complete(PROMPT, sample=at) for at in range(count))
            return await asyncio.gather(*calls)
        finally:
            await chat.close()

    return asyncio.run(all_of_them())


def epoch(seconds: float) -> str:
    return f"{datetime.now(UTC).timestamp() + seconds:.3f}"


def iso(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def plain(seconds: float) -> str:
    return f"{seconds:.3f}"


QUOTAS: dict[str, Callable[[], list[Quota]]] = {
    "requests in a window": lambda: [Quota(7, 0.4)],
    "requests in a bucket": lambda: [Quota(7, 0.4, bucket=True)],
    "tokens in a window": lambda: [Quota(300, 0.4, "tokens", cost=42)],
    "tokens in a bucket": lambda: [Quota(300, 0.4, "tokens", cost=42, bucket=True)],
    "both": lambda: [Quota(20, 0.4), Quota(300, 0.3, "tokens", cost=42)],
    "plain seconds": lambda: [Quota(7, 0.4, said=plain)],
    "since 1970": lambda: [Quota(7, 0.4, said=epoch)],
    "a time of day": lambda: [Quota(7, 0.4, said=iso)],
}


@pytest.mark.parametrize("latency_s", [0.0, 0.1])
@pytest.mark.parametrize("quotas", sorted(QUOTAS))
def test_no_call_is_refused(server: LLMServer, quotas: str, latency_s: float) -> None:
    server.quotas += QUOTAS[quotas]()
    server.latency_s = latency_s
    replies = at_once(server, 30)
    assert len(replies) == 30
    assert (len(server.calls), server.refusals) == (30, 0)


def test_a_server_without_such_words_is_not_slowed(server: LLMServer) -> None:
    server.latency_s = 0.3
    at_once(server, 60)
    assert 16 < server.most_in_flight <= 43


def test_decision_endpoints_adapt_too(server: LLMServer) -> None:
    """The same way to the server, for everything but chat replies."""
    server.quotas.append(Quota(7, 0.4))
    asked = {"provider": "decisions", "model": "test-model", "base_url": server.base_url}
    settings = LLMSettings.model_validate({**asked, "concurrency": 64})
    body = {"model": "test-model", "messages": [{"role": "user", "content": "a"}]}

    async def all_of_them() -> None:
        one = Server(settings, KEY, backoff_s=0.001)
        try:
            await asyncio.gather(*(one.post("/chat/completions", body) for _ in range(30)))
        finally:
            await one.close()

    asyncio.run(all_of_them())
    assert (len(server.calls), server.refusals) == (30, 0)


def test_a_hard_limit_is_found_and_nothing_is_lost(server: LLMServer) -> None:
    server.limit, server.latency_s = 4, 0.02
    replies = at_once(server, 100)
    assert len(replies) == 100
    assert server.most_in_flight == 4
    assert len(server.calls) == 100 + server.refusals


def test_used_up_without_retry_after_waits_for_the_reset(server: LLMServer) -> None:
    told = {"x_ratelimit_remaining_tokens": "0", "x_ratelimit_reset_tokens": "400ms"}
    server.script.append(failure(429, **told))
    [reply] = ask(provider(server.base_url))
    assert isinstance(reply, Reply)
    first, second = server.calls
    assert second.at - first.at >= 0.4


def test_retry_after_goes_before_the_reset(server: LLMServer) -> None:
    told = {"x_ratelimit_remaining_requests": "0", "x_ratelimit_reset_requests": "100s"}
    server.script.append(failure(429, retry_after_ms="100", **told))
    server.script.append(failure(429, retry_after="0.1", **told))
    [reply] = ask(provider(server.base_url))
    assert isinstance(reply, Reply)


def test_a_reset_too_far_off_is_left_to_the_server(server: LLMServer) -> None:
    """A day's limit must not stop a run without a word: only a refusal tells people of it."""
    server.quotas.append(Quota(3, 3600))
    server.script.extend("abc")
    replies = ask(provider(server.base_url), times=3)
    assert [reply.text for reply in replies if isinstance(reply, Reply)] == ["a", "b", "c"]
    [refused] = ask(provider(server.base_url))
    assert isinstance(refused, ProviderError)
    assert server.refusals == 6


# ---- reading


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("120ms", 0.12),
        ("7.66s", 7.66),
        ("1h2m3.5s", 3723.5),
        ("1d", 86400.0),
        (" 17 ", 17.0),
        ("17.25", 17.25),
        ("0", 0.0),
        (str(int(NOW_S) + 30), 30.0),
        (str(int(NOW_S) * 1000 + 1500), 1.5),
        ("2026-11-22T12:00:30Z", 30.0),
        ("2026-11-22T13:00:30+01:00", 30.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("2026-11-22T11:00:00Z", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("1s2", None),
        ("s", None),
        ("Wed, 99 Foo 2026", None),
    ],
)
def test_how_long_until(said: str, seconds: float | None) -> None:
    assert seconds_until(said, NOW_S) == seconds


def limits(**told: str) -> dict[str, Limit]:
    headers = [(name.replace("_", "-").encode(), said.encode()) for name, said in told.items()]
    return {str(kind): limit for kind, limit in read_limits(headers, NOW_S).items()}


def test_what_servers_call_their_limits() -> None:
    both = {"requests": Limit(3, 1.0, 60), "tokens": Limit(9, 0.5, None)}
    openai = {
        "X_RateLimit_Limit_Requests": "60",
        "x_ratelimit_remaining_requests": "3",
        "x_ratelimit_reset_requests": "1s",
        "x_ratelimit_remaining_tokens": "9",
        "x_ratelimit_reset_tokens": "500ms",
    }
    assert limits(**openai) == both
    turned = {
        "anthropic_ratelimit_requests_remaining": "3",
        "anthropic_ratelimit_requests_reset": "2026-11-22T12:00:01Z",
        "anthropic_ratelimit_requests_limit": "60",
    }
    assert limits(**turned) == {"requests": Limit(3, 1.0, 60)}
    one = {"ratelimit_remaining": "3", "ratelimit_reset": "1.0", "ratelimit_limit": "60"}
    assert limits(**one) == {"requests": Limit(3, 1.0, 60)}
    assert limits(**one, **openai) == both


def test_whole_seconds_may_have_been_rounded_down() -> None:
    said = {"x_ratelimit_remaining_requests": "3", "x_ratelimit_reset_requests": "7"}
    assert limits(**said) == {"requests": Limit(3, 8.0, None)}


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"x_ratelimit_remaining_requests": "3"},
        {"x_ratelimit_reset_requests": "1s"},
        {"x_ratelimit_remaining_requests": "many", "x_ratelimit_reset_requests": "1s"},
        {"x_ratelimit_remaining_requests": "-1", "x_ratelimit_reset_requests": "1s"},
        {"x_ratelimit_remaining_requests": "3", "x_ratelimit_reset_requests": "soon"},
        {"x_ratelimit_remaining_images": "3", "x_ratelimit_reset_images": "1s"},
        {"x_ratelimit_remaining_requests_day": "3", "x_ratelimit_reset_requests_day": "1s"},
        {"x_ratelimit_policy": "3", "ratelimit": "3", "x_ratelimit_": "3"},
    ],
)
def test_words_that_tell_nothing(told: dict[str, str]) -> None:
    assert limits(**told) == {}


def test_milliseconds_go_before_seconds() -> None:
    assert retry_after_s({"retry-after-ms": "300", "retry-after": "60"}, NOW_S) == 0.3
    assert retry_after_s({"retry-after-ms": "soon", "retry-after": "60"}, NOW_S) == 60.0
    assert retry_after_s({}, NOW_S) == 0.0
