"""Any OpenAI-compatible server, through the openai client."""

from __future__ import annotations

import asyncio
import json
import math
import random
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
from openai.types.chat import ChatCompletion

from annotate.errors import ProviderError
from annotate.llm.prompts import Prompt
from annotate.llm.providers.protocol import PROVIDERS, Reply
from annotate.project.settings import LLMSettings

ATTEMPTS = 6
LONGEST_WAIT_S = 120.0
_NOT_FROM_ENVIRONMENT: Any = {
    "OpenAI-Organization": openai.omit,
    "OpenAI-Project": openai.omit,
}
CONNECT_TIMEOUT_S = 5.0


class OpenAIChat:
    """`chat.completions` with our own retries: the client's lose replies and hide waits.

    The key, organisation and project are passed explicitly, so that nothing in the environment
    meant for one server is sent to another.
    """

    def __init__(self, settings: LLMSettings, key: str | None) -> None:
        assert settings.model is not None
        self.model = settings.model
        self._settings = settings
        self._key = key
        base_url = settings.base_url or "https://api.openai.com/v1"
        self._where = base_url
        local = urlsplit(base_url).hostname in ("localhost", "127.0.0.1", "::1")
        limits = httpx2.Limits(
            max_connections=settings.concurrency, max_keepalive_connections=settings.concurrency
        )
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=key or "none",
            max_retries=0,
            timeout=httpx2.Timeout(settings.timeout_s, connect=CONNECT_TIMEOUT_S),
            default_headers=_NOT_FROM_ENVIRONMENT,
            # a proxy from the environment breaks loopback addresses
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not local, limits=limits),
        )
        self._random = random.Random(0)

    async def complete(self, prompt: Prompt, *, sample: int) -> Reply:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._once(prompt)
            except ProviderError as error:
                if error.fatal or error.retry_after_s is None or attempt == ATTEMPTS:
                    raise
                backoff = min(0.5 * 2 ** (attempt - 1), 8.0) * self._random.uniform(0.75, 1.0)
                await asyncio.sleep(max(error.retry_after_s, backoff))
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def close(self) -> None:
        await self._client.close()

    async def _once(self, prompt: Prompt) -> Reply:
        messages: Any = [{"role": m.role, "content": m.content} for m in prompt.messages]
        given = {
            "temperature": self._settings.temperature,
            "top_p": self._settings.top_p,
            "max_tokens": self._settings.max_tokens,
        }
        sent: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        try:
            # the client's timeout is per read: a body that drips never trips it
            async with asyncio.timeout(self._settings.timeout_s):
                answer = await self._client.chat.completions.create(
                    model=self.model, messages=messages, **sent
                )
        except TimeoutError as error:
            why = f"{self._where}: no answer within {self._settings.timeout_s:g} s"
            raise ProviderError(why, retry_after_s=0) from error
        except json.JSONDecodeError as error:
            why = f"{self._where}: the body is not JSON"
            raise ProviderError(why, retry_after_s=0) from error
        except openai.OpenAIError as error:
            raise self._translated(error) from error
        return self._reply(answer)

    def _reply(self, answer: object) -> Reply:
        # a login page comes back as a str, an error inside a 200 as a body without choices
        if not isinstance(answer, ChatCompletion):
            raise ProviderError(
                f"{self._where} answered with a page, not with a completion. "
                "Check `llm.base_url`: it usually ends in /v1",
                fatal=True,
            )
        if not answer.choices:
            extra = (answer.model_extra or {}).get("error")
            why = f"{self._where}: an answer without choices" + (f": {extra}" if extra else "")
            raise ProviderError(self._safe(why), retry_after_s=0)
        choice, usage = answer.choices[0], answer.usage
        return Reply(
            text=choice.message.content,
            finish_reason=choice.finish_reason,
            refusal=choice.message.refusal,
            tokens_in=usage.prompt_tokens if usage else None,
            tokens_out=usage.completion_tokens if usage else None,
        )

    def _translated(self, error: openai.OpenAIError) -> ProviderError:
        if isinstance(error, openai.APITimeoutError):
            return ProviderError(f"{self._where}: no answer in time", retry_after_s=0)
        if isinstance(error, openai.APIConnectionError):
            return self._unreachable(error)
        if isinstance(error, openai.APIStatusError):
            return self._status(error)
        return ProviderError(self._safe(f"{self._where}: {error}"))

    def _unreachable(self, error: openai.APIConnectionError) -> ProviderError:
        cause = error.__cause__
        if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
            return ProviderError(
                f"{self._where} cannot be reached. Is the server running, and is "
                "`llm.base_url` right?",
                retry_after_s=0.5,
                fatal=False,
            )
        return ProviderError(f"{self._where}: the connection broke", retry_after_s=0)

    def _status(self, error: openai.APIStatusError) -> ProviderError:
        status, said = error.status_code, self._safe(error.message)[:300]
        if status in (401, 403):
            return ProviderError(
                f"{self._where} refused the key ({status}). Put a valid one in the environment "
                f"variable {self._settings.api_key_env}",
                fatal=True,
            )
        if status == 404:
            return ProviderError(
                f"{self._where} knows no model {self.model!r} or no such path (404: {said}). "
                "Check `llm.model` and `llm.base_url` (it usually ends in /v1)",
                fatal=True,
            )
        if error.code == "insufficient_quota":
            why = f"{self._where}: the account's quota is used up ({said})"
            return ProviderError(why, fatal=True)
        if status == 429 or status in (408, 409) or status >= 500:
            wait = _retry_after(error)
            if wait > LONGEST_WAIT_S:
                why = f"{self._where} asks to wait {wait:.0f} s ({status}). Run again then"
                return ProviderError(why, fatal=True)
            return ProviderError(f"{self._where}: {status} {said}", retry_after_s=wait)
        return ProviderError(f"{self._where} refused the call ({status}: {said})")

    def _safe(self, text: str) -> str:
        """Some servers echo the key: it never reaches a message, the database or a log."""
        return text.replace(self._key, "[key]") if self._key else text


def _retry_after(error: openai.APIStatusError) -> float:
    headers = error.response.headers
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            wait = float(headers.get(name, "")) * scale
        except ValueError:
            continue
        if math.isfinite(wait) and wait >= 0:
            return wait
    return 0.0


PROVIDERS.add("openai", OpenAIChat)
