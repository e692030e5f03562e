"""The scripted server's files and batches, seen through the real client as pre-labelling has it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import openai
import pytest

from annotate.llm.servers.transport import make_client
from tests.llm_server import FAULTS, BatchSettings, LLMServer, failure
from tests.llm_server.asking import KEY

T = TypeVar("T")


def with_client(server: LLMServer, do: Callable[[openai.AsyncOpenAI], Awaitable[T]]) -> T:
    async def run() -> T:
        client = make_client(server.base_url, KEY, timeout_s=5, connections=2)
        try:
            return await do(client)
        finally:
            await client.close()

    return asyncio.run(run())


def line(custom_id: str, text: str = "hello", **changes: Any) -> dict[str, Any]:
    body = {"model": "test-model", "messages": [{"role": "user", "content": text}]}
    called = {"method": "POST", "url": "/v1/chat/completions", "body": body}
    return {"custom_id": custom_id, **called, **changes}


async def made(client: openai.AsyncOpenAI, lines: list[dict[str, Any]]) -> str:
    content = "".join(json.dumps(one) + "\n" for one in lines).encode()
    file = await client.files.create(file=("calls.jsonl", content), purpose="batch")
    assert (file.bytes, file.filename) == (len(content), "calls.jsonl")
    batch = await client.batches.create(
        completion_window="24h",
        endpoint="/v1/chat/completions",
        input_file_id=file.id,
        metadata={"round": "7"},
    )
    assert batch.status == "validating"
    return batch.id


async def states(client: openai.AsyncOpenAI, id_: str) -> list[str]:
    """What each retrieval says, until the batch has ended."""
    said: list[str] = []
    while not said or said[-1] in ("validating", "in_progress", "finalizing", "cancelling"):
        said.append((await client.batches.retrieve(id_)).status)
    return said


async def results(client: openai.AsyncOpenAI, file_id: str | None) -> list[dict[str, Any]]:
    assert file_id is not None
    content = (await client.files.content(file_id)).text
    return [json.loads(one) for one in content.splitlines()]


def test_a_batch_from_its_upload_to_its_results(server: LLMServer) -> None:
    server.answer = lambda call: FAULTS["500"] if "bad" in call.prompt else f"re: {call.prompt}"
    lines = [line(f"call-{at}", f"text {at}") for at in range(8)] + [line("call-8", "bad")]

    async def run(client: openai.AsyncOpenAI) -> None:
        id_ = await made(client, lines)
        assert await states(client, id_) == ["in_progress", "finalizing", "completed"]
        [listed] = (await client.batches.list()).data
        assert (listed.id, listed.metadata) == (id_, {"round": "7"})
        assert listed.request_counts is not None
        assert listed.request_counts.model_dump() == {"completed": 8, "failed": 1, "total": 9}
        good = await results(client, listed.output_file_id)
        ids = [one["custom_id"] for one in good]
        assert ids != sorted(ids)
        assert set(ids) == {f"call-{at}" for at in range(8)}
        for one in good:
            said = one["response"]["body"]["choices"][0]["message"]["content"]
            assert said == f"re: text {one['custom_id'].removeprefix('call-')}"
        [bad] = await results(client, listed.error_file_id)
        assert (bad["custom_id"], bad["error"]) == ("call-8", None)
        assert bad["response"]["status_code"] == 500
        assert bad["response"]["body"]["error"]["message"] == "scripted failure"

    with_client(server, run)
    assert server.calls == []
    assert server.served["text 3"] == 1


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_an_early_end_leaves_lines_unasked(server: LLMServer, end: Any) -> None:
    server.batches.settings = BatchSettings(polls=1, end=end, answered=1)

    async def run(client: openai.AsyncOpenAI) -> None:
        id_ = await made(client, [line(name) for name in "abc"])
        assert await states(client, id_) == [end]
        batch = await client.batches.retrieve(id_)
        assert [one["custom_id"] for one in await results(client, batch.output_file_id)] == ["a"]
        unasked = await results(client, batch.error_file_id)
        assert {one["custom_id"] for one in unasked} == {"b", "c"}
        assert [one["response"] for one in unasked] == [None, None]
        assert {one["error"]["code"] for one in unasked} == {f"batch_{end}"}

    with_client(server, run)
    assert sum(server.served.values()) == 1


def test_cancelling(server: LLMServer) -> None:
    async def run(client: openai.AsyncOpenAI) -> None:
        id_ = await made(client, [line("a"), line("b")])
        assert (await client.batches.cancel(id_)).status == "cancelling"
        assert await states(client, id_) == ["cancelled"]
        with pytest.raises(openai.ConflictError, match="Cannot cancel"):
            await client.batches.cancel(id_)

    with_client(server, run)


def test_time_moves_a_batch_too(server: LLMServer) -> None:
    server.batches.settings = BatchSettings(seconds=0.05)

    async def run(client: openai.AsyncOpenAI) -> None:
        said = await states(client, await made(client, [line("a")]))
        assert said[-1] == "completed"

    with_client(server, run)


def test_lines_that_never_come_back(server: LLMServer) -> None:
    server.batches.settings = BatchSettings(polls=1, lost=[0, 2])

    async def run(client: openai.AsyncOpenAI) -> None:
        id_ = await made(client, [line(name) for name in "abc"])
        batch = await client.batches.retrieve(id_)
        assert [one["custom_id"] for one in await results(client, batch.output_file_id)] == ["b"]
        assert batch.error_file_id is None

    with_client(server, run)


@pytest.mark.parametrize(
    ("lines", "code", "at"),
    [
        ([line("a"), line("b"), line("a")], "duplicate_custom_id", 3),
        ([line("a", url="/v1/decisions")], "invalid_url", 1),
        ([line("a"), line("b"), line("c"), line("d")], "too_many_requests", None),
        ([line("a"), line("b", body={"model": "other", "messages": []})], "mismatched_model", None),
        ([], "empty_file", None),
    ],
)
def test_a_file_that_is_refused(
    server: LLMServer, lines: list[dict[str, Any]], code: str, at: int | None
) -> None:
    server.batches.settings = BatchSettings(limit=3)

    async def run(client: openai.AsyncOpenAI) -> None:
        id_ = await made(client, lines)
        assert await states(client, id_) == ["failed"]
        batch = await client.batches.retrieve(id_)
        assert batch.errors is not None
        assert batch.errors.data is not None
        assert [(one.code, one.line) for one in batch.errors.data] == [(code, at)]
        assert (batch.output_file_id, batch.error_file_id) == (None, None)

    with_client(server, run)
    assert not server.served


def test_faults_of_the_calls_themselves(server: LLMServer) -> None:
    server.batches.instead.append(failure(429))

    async def run(client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.RateLimitError):
            await client.batches.list()
        server.batches.afterwards.append(failure(502))
        with pytest.raises(openai.InternalServerError):
            await client.files.create(file=("a.jsonl", b"{}\n"), purpose="batch")
        assert [file.filename async for file in client.files.list()] == ["a.jsonl"]
        server.key = "another"
        with pytest.raises(openai.AuthenticationError):
            await client.batches.retrieve("batch_1")

    with_client(server, run)
    assert server.batches.requests == [
        "GET /v1/batches",
        "POST /v1/files",
        "GET /v1/files",
        "GET /v1/batches/batch_1",
    ]
