"""The server: answers by a function, or by steps that are queued; keeps every call."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.llm_server.batches import Batches
from tests.llm_server.faults import Call, Step, failure, text
from tests.llm_server.files import Files

Answer = Callable[[Call], str | Step]


class LLMServer:
    """Listens on a loopback port while it is entered.

    answer: what the model says, or a step, for calls that find the `script` empty.
    key: calls with another one get 401; `model`: calls for another one get 404.
    """

    def __init__(
        self,
        answer: Answer = lambda call: "spam",
        *,
        latency_s: float = 0.0,
        key: str | None = None,
        model: str = "test-model",
        port: int = 0,
    ) -> None:
        self.answer, self.latency_s, self.key, self.model = answer, latency_s, key, model
        self.script: deque[str | Step] = deque()
        self.calls: list[Call] = []
        self.served: Counter[str] = Counter()
        """prompt -> how often it was asked; a call counts when it comes, as it is paid then."""
        self.in_flight = self.most_in_flight = 0
        self.files = Files()
        self.batches = Batches(self.files, self._in_batch)
        # named TCP, because asyncio switches Nagle's delay off only where it sees that
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port = int(self._socket.getsockname()[1])
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/models", self._models),
                *map(self._guarded, [*self.files.routes(), *self.batches.routes()]),
            ]
        )
        config = uvicorn.Config(
            app, log_level="critical", access_log=False, lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    async def _models(self, request: Request) -> Response:
        model = {"id": self.model, "object": "model", "created": 1, "owned_by": "tests"}
        return JSONResponse({"object": "list", "data": [model]})

    async def _chat(self, request: Request) -> Response:
        call = Call(time.monotonic(), dict(request.headers), await request.json())
        self.calls.append(call)
        self.served[call.prompt] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.latency_s)
            return await self._step(call)(call)
        finally:
            self.in_flight -= 1

    async def _in_batch(self, call: Call) -> Response:
        """What the model says to one line of a batch; `calls` are the single ones alone."""
        self.served[call.prompt] += 1
        return await self._step(call)(call)

    def _guarded(self, route: Route) -> Route:
        """A path of files or batches, with the key and the faults that are queued for it."""

        async def entry(request: Request) -> Response:
            call = Call(time.monotonic(), dict(request.headers), {})
            self.batches.requests.append(f"{request.method} {request.url.path}")
            refused = self._wrong_key(call)
            if refused:
                return await refused(call)
            if self.batches.instead:
                return await self.batches.instead.popleft()(call)
            response: Response = await route.endpoint(request)
            if self.batches.afterwards:
                return await self.batches.afterwards.popleft()(call)
            return response

        return Route(route.path, entry, methods=list(route.methods or ()))

    def _wrong_key(self, call: Call) -> Step | None:
        if self.key is None or call.key == self.key:
            return None
        return failure(401, f"Incorrect API key provided: {call.key}.", code="invalid_api_key")

    def _step(self, call: Call) -> Step:
        refused = self._wrong_key(call)
        if refused:
            return refused
        if call.body["model"] != self.model:
            message = f"The model `{call.body['model']}` does not exist."
            return failure(404, message, code="model_not_found")
        step = self.script.popleft() if self.script else self.answer(call)
        return text(step) if isinstance(step, str) else step
