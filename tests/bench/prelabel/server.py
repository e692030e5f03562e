"""A server that costs next to nothing: it answers every POST alike, after a fixed time.

`python -m tests.bench.prelabel.server` writes its port. What the tests' scripted server can do
would take longer than the client that is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import socket
import sys
from collections import deque

REPLY = {
    "id": "chatcmpl-0123456789abcdefghijklmnopqrs",
    "object": "chat.completion",
    "created": 1,
    "model": "test-model",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "ham\nconfidence: 0.8", "refusal": None},
        }
    ],
    "usage": {"prompt_tokens": 160, "completion_tokens": 8, "total_tokens": 168},
}
REFUSAL = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}


def packed(status: str, body: object) -> bytes:
    """A whole HTTP response."""
    text = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(text)}"
    return head.encode() + b"\r\n\r\n" + text


class Model:
    """Answers `latency_s` after it begins; begins at most `at_once` calls (0: all). The others
    wait, or get 429 at once if it `refuses` them. So does every `refuse_every`-th call (0: none).
    """

    def __init__(self, latency_s: float, at_once: int, refuse_every: int, *, refuses: bool) -> None:
        self._latency_s, self._at_once, self._refuse_every = latency_s, at_once, refuse_every
        self._refuses = refuses
        self._loop = asyncio.get_running_loop()
        self._good, self._refused = packed("200 OK", REPLY), packed("429 Too Many", REFUSAL)
        self._count = itertools.count(1)
        self._busy = 0
        self._waiting: deque[asyncio.Transport] = deque()

    def ask(self, transport: asyncio.Transport) -> None:
        full = bool(self._at_once) and self._busy >= self._at_once
        turn = self._refuse_every and next(self._count) % self._refuse_every == 0
        if turn or (full and self._refuses):
            transport.write(self._refused)
        elif full:
            self._waiting.append(transport)
        else:
            self._busy += 1
            self._loop.call_later(self._latency_s, self._answer, transport)

    def _answer(self, transport: asyncio.Transport) -> None:
        transport.write(self._good)
        if self._waiting:
            self._loop.call_later(self._latency_s, self._answer, self._waiting.popleft())
        else:
            self._busy -= 1


class Connection(asyncio.Protocol):
    """Reads requests that have a content-length, one after the other."""

    def __init__(self, model: Model) -> None:
        self._model, self._got = model, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if end and len(body) >= length(head):
            self._got = body[length(head) :]
            self._model.ask(self._transport)


def length(head: bytes) -> int:
    """The content-length in a request's head."""
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


async def serve(told: argparse.Namespace) -> None:
    # named TCP, because asyncio switches Nagle's delay off only where it sees that
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    model = Model(
        told.latency_ms / 1000,
        told.at_once,
        told.refuse_every,
        refuses=told.beyond == "refuse",
    )
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(model), sock=listening, backlog=2048)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--at-once", type=int, default=0)
    parser.add_argument("--beyond", choices=("wait", "refuse"), default="wait")
    parser.add_argument("--refuse-every", type=int, default=0)
    asyncio.run(serve(parser.parse_args()))
