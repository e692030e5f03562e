"""The same answers by a bare HTTP/1.1 protocol, in as many processes as wanted: for measuring.

Thousands of calls a second, so that the client is what is measured. `GET /stats` tells how many
calls came, were served and refused, and the most in flight at once; `DELETE /stats` begins anew.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import re
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.synchronize import Semaphore
from typing import Any, Self, cast

from tests.llm_server.faults import completion

Say = Callable[[dict[str, Any]], str]
"""Body of a call -> what the model says."""

COUNTED = ("calls", "served", "refused", "in_flight", "most_in_flight")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """latency_s: until an answer comes. limit: calls worked on at once by all processes together,
    more get 429; 0 for any number. refused: share of calls that get 429 by chance."""

    latency_s: float = 0.05
    limit: int = 0
    refused: float = 0.0
    retry_after_s: float | None = None


class Counters:
    """Shared by all processes."""

    def __init__(self, context: SpawnContext) -> None:
        self._shared = context.Array("q", len(COUNTED))

    def enter(self, limit: int) -> bool:
        """Count a call in; False when there is no room for it."""
        with self._shared.get_lock():
            calls, served, refused, in_flight, most = self._shared[:]
            full = 0 < limit <= in_flight
            refused, in_flight = refused + full, in_flight + (not full)
            self._shared[:] = [calls + 1, served, refused, in_flight, max(most, in_flight)]
        return not full

    def leave(self, served: bool) -> None:
        with self._shared.get_lock():
            calls, before, refused, in_flight, most = self._shared[:]
            self._shared[:] = [
                calls,
                before + served,
                refused + (not served),
                in_flight - 1,
                most,
            ]

    def clear(self) -> None:
        with self._shared.get_lock():
            in_flight = self._shared[3]
            self._shared[:] = [0, 0, 0, in_flight, in_flight]

    def told(self) -> dict[str, int]:
        return dict(zip(COUNTED, self._shared[:], strict=True))


class FastServer:
    """Listens while it is entered, in processes of its own. say: a text, or a function at the top
    of a module that makes one."""

    def __init__(
        self, say: str | Say = "spam", load: Load = Load(), *, port: int = 0, processes: int = 1
    ) -> None:
        # forking is unsafe where there are threads, and tests have some
        self._context = multiprocessing.get_context("spawn")
        self.counters = Counters(self._context)
        self._say, self._load, self._count = say, load, processes
        self._reserved = _bound(port)
        self.port = int(self._reserved.getsockname()[1])
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        self._ready = self._context.Semaphore(0)
        self._processes: list[SpawnProcess] = []

    def __enter__(self) -> Self:
        given = (self._say, self._load, self.counters, self.port, self._ready)
        for _ in range(self._count):
            process = self._context.Process(target=_listen, args=given, daemon=True)
            process.start()
            self._processes.append(process)
        for _ in self._processes:
            assert self._ready.acquire(timeout=60), "the server does not start"
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
            process.join(10)
        self._reserved.close()


def _listen(say: str | Say, load: Load, counters: Counters, port: int, ready: Semaphore) -> None:
    """One process. It accepts from a socket of its own: the kernel shares connections out."""

    async def serve() -> None:
        chance = random.Random(os.getpid())
        loop = asyncio.get_running_loop()
        own = _bound(port)
        server = await loop.create_server(
            lambda: _Connection(loop, say, load, counters, chance), sock=own, backlog=4096
        )
        orphaned = asyncio.Event()
        parent = multiprocessing.parent_process()
        assert parent
        loop.add_reader(parent.sentinel, orphaned.set)
        ready.release()
        async with server:
            await orphaned.wait()

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when to stop
    asyncio.run(serve())


class _Connection(asyncio.Protocol):
    """One kept-alive connection; calls on it come one after the other."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        say: str | Say,
        load: Load,
        counters: Counters,
        chance: random.Random,
    ) -> None:
        self._loop, self._say, self._load = loop, say, load
        self._counters, self._chance = counters, chance
        self._canned = _answer(say) if isinstance(say, str) else b""
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, blank, rest = self._read.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        length = int(found.group(1)) if found else 0
        if not blank or len(rest) < length:
            return
        self._read = rest[length:]
        self._asked(head.split(b" ", 2)[:2], rest[:length])

    def _asked(self, called: list[bytes], body: bytes) -> None:
        if called == [b"POST", b"/v1/chat/completions"]:
            self._chat(body)
        elif called == [b"GET", b"/v1/models"]:
            model = {"id": "test-model", "object": "model", "created": 1, "owned_by": "tests"}
            self._send(_response(200, {"object": "list", "data": [model]}))
        elif called[1] == b"/stats":
            if called[0] == b"DELETE":
                self._counters.clear()
            self._send(_response(200, self._counters.told()))
        else:
            self._send(_response(404, {"error": {"message": "Not Found"}}))

    def _chat(self, body: bytes) -> None:
        if not self._counters.enter(self._load.limit):
            self._send(self._refusal())
        else:
            self._loop.call_later(self._load.latency_s, self._answered, body)

    def _answered(self, body: bytes) -> None:
        refused = self._chance.random() < self._load.refused
        self._counters.leave(not refused)
        if refused:
            self._send(self._refusal())
        else:
            self._send(self._canned or _answer(cast(Say, self._say)(json.loads(body))))

    def _refusal(self) -> bytes:
        error = {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}
        wait_s = self._load.retry_after_s
        more = b"" if wait_s is None else f"retry-after: {wait_s:g}\r\n".encode()
        return _response(429, {"error": error}, more)

    def _send(self, response: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(response)


def _answer(said: str) -> bytes:
    return _response(200, completion(said))


def _response(status: int, body: object, headers: bytes = b"") -> bytes:
    sent = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(sent)}"
    return b"%b\r\n%b\r\n%b" % (head.encode(), headers, sent)


def _bound(port: int) -> socket.socket:
    # named TCP, because asyncio switches Nagle's delay off only where it sees that
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", port))
    return made
