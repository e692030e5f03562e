"""The way to one server: how many calls at once, how long, how often again, and what went wrong."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import httpx2
import openai

from annotate.errors import ProviderError
from annotate.llm.books.gate import Gate, Pass
from annotate.llm.providers.completions import as_dict, count
from annotate.llm.providers.failures import LONGEST_WAIT_S, Failures, Retry
from annotate.llm.providers.limits import Limit, read_limits
from annotate.llm.servers.transport import OPENAI, check_address, make_client
from annotate.project.settings import LLMSettings

LONGEST_BACKOFF_S = 8.0
FORGETTING = 0.95
"""What remains, with each answer, of the largest number of tokens that a call has used."""

T = TypeVar("T")


class Raw(Protocol):
    """What the client hands out when it is asked not to interpret."""

    @property
    def content(self) -> bytes: ...
    @property
    def headers(self) -> httpx2.Headers: ...


Request = Callable[[openai.AsyncOpenAI], Awaitable[Raw]]
Read = Callable[[Any, httpx2.Headers], T]
"""JSON body and headers -> what is wanted of them; raises Retry or ProviderError."""


class Sender:
    """Asks, waits as the server says, and asks again where that can help.

    Calls in flight are as many as the server bears, up to `llm.concurrency`. Limits that it
    announces are kept: calls wait before they would be refused.
    """

    def __init__(
        self,
        settings: LLMSettings,
        key: str | None,
        *,
        backoff_s: float = 0.5,
        unique_keys: bool = False,
    ) -> None:
        """backoff_s: the wait before the second attempt; it doubles with each further one.
        unique_keys: a body in which a key stands twice is none.

        Raises ProviderError for an address or a key that cannot be one.
        """
        self.base_url = settings.base_url or OPENAI
        key = (key or "").strip()
        check_address(self.base_url, key, settings.api_key_env)
        self.failures = Failures(settings, self.base_url, key)
        self._timeout_s, self._backoff_s = settings.timeout_s, backoff_s
        self._pairs = _unrepeated if unique_keys else None
        self._gate = Gate(settings.concurrency, clock=time.monotonic)
        self._client = make_client(
            self.base_url, key, timeout_s=settings.timeout_s, connections=settings.concurrency
        )
        self._random = random.Random(0)
        # a limit of tokens counts the longest answer that is allowed
        self._tokens_per_call = float(settings.max_tokens or 1)
        self._least_tokens = self._tokens_per_call

    async def ask(self, request: Request, read: Read[T], *, attempts: int | None = None) -> T:
        """What `read` makes of the answer. attempts: at most so many; None for as many as can help.

        Raises ProviderError; its cause is the client's error where there was one.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._let_through(request, read)
            except Retry as failed:
                if attempt >= min(failed.attempts, attempts or failed.attempts):
                    raise self.failures.given_up(failed) from failed.__cause__
                backoff = min(self._backoff_s * 2 ** (attempt - 1), LONGEST_BACKOFF_S)
                await asyncio.sleep(max(failed.after_s, backoff * self._random.uniform(0.75, 1.0)))

    async def close(self) -> None:
        await self._client.close()

    async def _let_through(self, request: Request, read: Read[T]) -> T:
        """One attempt, when the gate lets it; what becomes of it moves the gate."""
        async with self._gate.call() as leave:
            try:
                answer = await self._once(request, leave)
                body = self._json(answer)
                self._heed(leave, answer.headers, body)
                found = read(body, answer.headers)
            except Retry as failed:
                if failed.overloaded:
                    self._gate.slow_down(leave, failed.after_s)
                raise
            self._gate.went_well(leave)
            self.failures.succeeded()
            return found

    async def _once(self, request: Request, leave: Pass) -> Raw:
        try:
            # the client's own timeout is per read: a body that drips never trips it
            async with asyncio.timeout(self._timeout_s):
                return await request(self._client)
        except TimeoutError:
            raise self.failures.too_slow() from None
        except (ValueError, TypeError) as error:
            raise self.failures.unsendable(error) from None
        except openai.OpenAIError as error:
            failed = self.failures.translated(error)
            if isinstance(failed, ProviderError):
                self._gate.answered()
            if isinstance(error, openai.APIStatusError) and not _says_when(failed):
                self._heed(leave, error.response.headers)
            raise failed from error

    def _json(self, answer: Raw) -> Any:
        """The body of an answer. A page is none, whatever kind it says it is."""
        content = answer.content
        if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            raise self.failures.no_completion()
        try:
            return json.loads(content, object_pairs_hook=self._pairs)
        except (ValueError, RecursionError):  # also for numbers of thousands of digits
            if "json" not in answer.headers.get("content-type", "json"):
                raise self.failures.no_completion() from None
            raise self.failures.no_json() from None

    def _heed(self, leave: Pass, headers: httpx2.Headers, body: object = None) -> None:
        """Hold calls back that the server would refuse. A wait too long to sit out is left to the
        refusal, which people are told of."""
        for kind, limit in read_limits(headers.raw, time.time()).items():
            if limit.reset_s > LONGEST_WAIT_S:
                continue
            calls, full = limit.remaining, limit.full
            if kind == "tokens":
                calls, full = self._in_calls(limit, body)
            self._gate.hold(kind, leave, calls, limit.reset_s, full)

    def _in_calls(self, limit: Limit, body: object) -> tuple[int, int | None]:
        """How many calls, as large as the largest of late, a limit of tokens has room for."""
        used = count(as_dict(as_dict(body).get("usage")).get("total_tokens")) or 0
        faded = self._tokens_per_call * FORGETTING
        self._tokens_per_call = max(used, faded, self._least_tokens)
        full = None if limit.full is None else int(limit.full / self._tokens_per_call)
        return int(limit.remaining / self._tokens_per_call), full


def _says_when(failed: Exception) -> bool:
    """Whether a refusal tells when to come again: that is exact, where limits tell the latest."""
    return isinstance(failed, Retry) and failed.after_s > 0


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
