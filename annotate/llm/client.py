"""One OpenAI-compatible server asked for anything but a chat reply: JSON out, JSON back."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2
import openai

from annotate.errors import ProviderError
from annotate.llm.providers.failures import PAID_ATTEMPTS, Failures, Retry
from annotate.llm.transport import OPENAI, check_address, make_client
from annotate.project.settings import LLMSettings

LONGEST_BACKOFF_S = 8.0


class Raw(Protocol):
    """What the client hands out when it is asked not to interpret."""

    @property
    def text(self) -> str: ...
    @property
    def headers(self) -> httpx2.Headers: ...


Request = Callable[[openai.AsyncOpenAI], Awaitable[Raw]]


@dataclass(frozen=True, slots=True)
class Body:
    """An answer whose body is JSON. headers: names in small letters."""

    json: Any
    headers: Mapping[str, str]


class Server:
    """Asks, waits as the server says, and asks again where that can help."""

    def __init__(self, settings: LLMSettings, key: str | None, *, backoff_s: float = 0.5) -> None:
        """backoff_s: the wait before the second attempt; it doubles with each further one.

        Raises ProviderError for an address or a key that cannot be one.
        """
        assert settings.model is not None
        self.model = settings.model
        self.base_url = settings.base_url or OPENAI
        self._timeout_s, self._backoff_s = settings.timeout_s, backoff_s
        key = (key or "").strip()
        check_address(self.base_url, key, settings.api_key_env)
        self._failures = Failures(settings, self.base_url, key)
        self._client = make_client(
            self.base_url, key, timeout_s=settings.timeout_s, connections=settings.concurrency
        )
        self._random = random.Random(0)

    async def ask(self, request: Request, *, attempts: int | None = None) -> Body:
        """The answer to one request. attempts: at most so many; None for as many as can help.

        Raises ProviderError; its cause is the client's error where there was one.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                body = await self._once(request)
            except Retry as failed:
                if attempt >= min(failed.attempts, attempts or failed.attempts):
                    raise self._failures.given_up(failed) from failed.__cause__
                backoff = min(self._backoff_s * 2 ** (attempt - 1), LONGEST_BACKOFF_S)
                await asyncio.sleep(max(failed.after_s, backoff * self._random.uniform(0.75, 1.0)))
            else:
                self._failures.succeeded()
                return body

    async def post(
        self, path: str, body: Mapping[str, Any], *, attempts: int | None = None
    ) -> Body:
        """`ask` for a path without interpretation by the client."""
        return await self.ask(
            lambda c: c.post(path, cast_to=httpx2.Response, body=dict(body)), attempts=attempts
        )

    async def get(self, path: str, *, attempts: int | None = None) -> Body:
        return await self.ask(lambda c: c.get(path, cast_to=httpx2.Response), attempts=attempts)

    def safe(self, text: str) -> str:
        """The text without the key, which some servers echo."""
        return self._failures.safe(text)

    async def close(self) -> None:
        await self._client.close()

    async def _once(self, request: Request) -> Body:
        try:
            # the client's own timeout is per read: a body that drips never trips it
            async with asyncio.timeout(self._timeout_s):
                answer = await request(self._client)
        except TimeoutError:
            raise self._failures.too_slow() from None
        except openai.OpenAIError as error:
            raise self._translated(error) from error
        return self._body(answer)

    def _translated(self, error: openai.OpenAIError) -> Retry | ProviderError:
        if isinstance(error, openai.APIStatusError) and error.status_code == 501:
            why = f"{self.base_url} cannot do this (501: {self.safe(status_message(error))})"
            return ProviderError(f"{why}. Choose another model or `llm.provider`", fatal=True)
        return self._failures.translated(error)

    def _body(self, answer: Raw) -> Body:
        text = answer.text
        if text.lstrip("\ufeff \r\n\t").startswith("<"):
            raise self._failures.no_completion()
        try:
            found = json.loads(text, object_pairs_hook=_unrepeated)
        except (ValueError, RecursionError):  # also for numbers of thousands of digits
            why = f"{self.base_url}: the answer is not JSON"
            raise Retry(why, attempts=PAID_ATTEMPTS) from None
        if isinstance(found, dict) and found.get("error"):
            why = f"{self.base_url}: an error inside an answer"
            said = self.safe(" ".join(str(found["error"]).split()))[:200]
            raise Retry(f"{why}: {said}", attempts=PAID_ATTEMPTS)
        return Body(found, {name.lower(): value for name, value in answer.headers.items()})


def status_message(error: openai.APIStatusError) -> str:
    """What a server said with a status, in one line of at most 160 characters."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    text = " ".join(str(message or body or error.message).split())
    if text.startswith("<") or not text:
        return "a web page" if text else "no explanation"
    return text if len(text) <= 160 else f"{text[:160]}…"


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
