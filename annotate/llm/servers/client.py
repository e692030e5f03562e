"""One OpenAI-compatible server asked for anything but a chat reply: JSON out, JSON back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import openai

from annotate.llm.providers.sender import Request, Sender
from annotate.project.settings import LLMSettings

LONGEST_SAYING = 160


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
        self._sender = Sender(settings, key, backoff_s=backoff_s, unique_keys=True)
        self.base_url = self._sender.base_url

    async def ask(self, request: Request, *, attempts: int | None = None) -> Body:
        """The answer to one request. attempts: at most so many; None for as many as can help.

        Raises ProviderError; its cause is the client's error where there was one.
        """
        return await self._sender.ask(request, self._body, attempts=attempts)

    async def post(
        self, path: str, body: Mapping[str, Any], *, attempts: int | None = None
    ) -> Body:
        """`ask` for a path without interpretation by the client."""
        return await self.ask(
            lambda c: c.post(path, cast_to=httpx2.Response, body=dict(body)), attempts=attempts
        )

    async def get(self, path: str, *, attempts: int | None = None) -> Body:
        return await self.ask(lambda c: c.get(path, cast_to=httpx2.Response), attempts=attempts)

    def said_with(self, error: openai.APIStatusError) -> str:
        """What the server said with a status, in one line of at most 160 characters."""
        return self._sender.failures.said_with(error, LONGEST_SAYING)

    def safe(self, text: str) -> str:
        """The text without the key, which some servers echo."""
        return self._sender.failures.safe(text)

    async def close(self) -> None:
        await self._sender.close()

    def _body(self, found: Any, headers: httpx2.Headers) -> Body:
        if isinstance(found, dict) and found.get("error"):
            raise self._sender.failures.error_inside(found["error"])
        return Body(found, {name.lower(): value for name, value in headers.items()})
