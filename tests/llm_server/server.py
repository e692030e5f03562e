"""The server: answers by a function, or by steps that are queued; keeps every call."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.listening import Listener
from tests.llm_server.batches import Batches
from tests.llm_server.faults import Call, Step, failure, text
from tests.llm_server.files import Files
from tests.llm_server.quota import Quota

Answer = Callable[[Call], str | Step]


class LLMServer(Listener):
    """Listens on a loopback port while it is entered.

    answer: what the model says, or a step, for calls that find the `script` empty.
    key: calls with another one get 401; `model`: calls for another one get 404.
    limit: calls worked on at once, more get 429; 0 for any number. refused: share of calls that
    get 429 by chance. quotas: rate limits, told with every answer. `GET /stats` tells what came.
    """

    def __init__(
        self,
        answer: Answer = lambda call: "spam",
        *,
        latency_s: float = 0.0,
        key: str | None = None,
        model: str = "test-model",
        port: int = 0,
        limit: int = 0,
        refused: float = 0.0,
    ) -> None:
        super().__init__(port)
        self.answer, self.latency_s, self.key, self.model = answer, latency_s, key, model
        self.limit, self.refused = limit, refused
        self.quotas: list[Quota] = []
        self.refusals = 0
        """Calls that got 429 for one of these."""
        self._chance = random.Random(0)
        self.script: deque[str | Step] = deque()
        self.calls: list[Call] = []
        self.served: Counter[str] = Counter()
        """prompt -> how often it was asked; a call counts when it comes, as it is paid then."""
        self.in_flight = self.most_in_flight = 0
        self.files = Files()
        self.batches = Batches(self.files, self._in_batch)
        self.offer(
            [
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/models", self._models),
                Route("/stats", self._stats, methods=["GET", "DELETE"]),
                *map(self._guarded, [*self.files.routes(), *self.batches.routes()]),
            ]
        )

    async def _models(self, request: Request) -> Response:
        model = {"id": self.model, "object": "model", "created": 1, "owned_by": "tests"}
        return JSONResponse({"object": "list", "data": [model]})

    async def _chat(self, request: Request) -> Response:
        call = Call(time.monotonic(), dict(request.headers), await request.json())
        self.calls.append(call)
        self.served[call.prompt] += 1
        if self._too_many():
            self.refusals += 1
            response = await failure(429, "Rate limit reached", code="rate_limit_exceeded")(call)
        else:
            response = await self._worked_on(call)
        for quota in self.quotas:
            response.headers.update(quota.headers())
        return response

    def _too_many(self) -> bool:
        """Whether a call that comes now is refused; it counts against every quota."""
        allowed = [quota.take() for quota in self.quotas]
        full = 0 < self.limit <= self.in_flight
        return full or not all(allowed) or self._chance.random() < self.refused

    async def _worked_on(self, call: Call) -> Response:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.latency_s)
            return await self._step(call)(call)
        finally:
            self.in_flight -= 1

    async def _stats(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.calls.clear()
            self.served.clear()
            self.refusals, self.most_in_flight = 0, self.in_flight
        return JSONResponse(self.told())

    def told(self) -> dict[str, int]:
        """What came since the beginning."""
        return {
            "calls": len(self.calls),
            "served": len(self.calls) - self.refusals - self.in_flight,
            "refused": self.refusals,
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
        }

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
