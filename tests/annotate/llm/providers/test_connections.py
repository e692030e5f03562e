"""Connections: one to a call, used again, and none of them lost or broken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx2
import openai
import pytest

from annotate.errors import ProviderError
from annotate.llm.providers import Reply
from annotate.llm.servers.transport import make_client
from tests.llm_server import completion
from tests.llm_server.asking import ask, provider

T = TypeVar("T")
BODY = json.dumps(completion("spam")).encode()


class Counting:
    """A server that counts connections. wait_s: before each answer; closes: after each one."""

    def __init__(self, *, wait_s: float = 0.0, closes: bool = False) -> None:
        self.wait_s, self.closes = wait_s, closes
        self.connections = self.answers = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
                await reader.readexactly(int(length))
                await asyncio.sleep(self.wait_s)
                self.answers += 1
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                    b"content-length: %d\r\n\r\n%b" % (len(BODY), BODY)
                )
                await writer.drain()
                if self.closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def against(server: Counting, do: Callable[[openai.AsyncOpenAI], Awaitable[T]]) -> T:
    async def run() -> T:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/v1"
        client = make_client(url, "", timeout_s=10, connections=8)
        try:
            return await do(client)
        finally:
            await client.close()
            listening.close()
            await asyncio.sleep(0.01)  # the server sees its connections end

    return asyncio.run(run())


async def one_call(client: openai.AsyncOpenAI) -> int:
    answer = await client.post("/chat/completions", cast_to=httpx2.Response, body={"model": "m"})
    return answer.status_code


def test_calls_one_after_the_other_share_a_connection() -> None:
    server = Counting()

    async def calls(client: openai.AsyncOpenAI) -> None:
        for _ in range(5):
            assert await one_call(client) == 200

    against(server, calls)
    assert (server.connections, server.answers) == (1, 5)


def test_calls_at_once_have_one_each_and_those_are_used_again() -> None:
    server = Counting(wait_s=0.05)

    async def calls(client: openai.AsyncOpenAI) -> None:
        for _ in range(3):
            found = await asyncio.gather(*(one_call(client) for _ in range(6)))
            assert found == [200] * 6

    against(server, calls)
    assert (server.connections, server.answers) == (6, 18)


def test_a_connection_that_the_server_closed_is_made_anew() -> None:
    server = Counting(closes=True)

    async def calls(client: openai.AsyncOpenAI) -> None:
        for _ in range(3):
            assert await one_call(client) == 200
            await asyncio.sleep(0.02)

    against(server, calls)
    assert (server.connections, server.answers) == (3, 3)


def test_a_call_that_was_given_up_leaves_no_answer_to_the_next() -> None:
    server = Counting(wait_s=0.2)

    async def calls(client: openai.AsyncOpenAI) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await one_call(client)
        assert await one_call(client) == 200

    against(server, calls)
    assert server.connections == 2


def test_a_proxy_from_the_environment_serves_other_machines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Through the client's own pool, which knows how to speak to one."""
    server = Counting()

    async def through() -> list[Reply | ProviderError]:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        ended = await asyncio.to_thread(ask, provider("http://model.example/v1"))
        listening.close()
        await asyncio.sleep(0.01)
        return ended

    assert asyncio.run(through()) == [Reply("spam", "stop", None, 40, 2)]
    assert server.answers == 1
