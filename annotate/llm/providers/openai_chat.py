"""Any OpenAI-compatible server, through the openai client."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

import openai
from openai.types.chat import ChatCompletion

from annotate.llm.gate import Gate
from annotate.llm.prompts import Prompt
from annotate.llm.providers.failures import Failures, Retry
from annotate.llm.providers.protocol import PLAIN, PROVIDERS, Form, Reply
from annotate.llm.transport import OPENAI, check_address, make_client
from annotate.project.settings import LLMSettings

LONGEST_BACKOFF_S = 8.0


class OpenAIChat:
    """`chat.completions` with our own retries: the client's lose replies and hide waits.

    Calls in flight are as many as the server bears, up to `llm.concurrency`.
    """

    def __init__(self, settings: LLMSettings, key: str | None, *, backoff_s: float = 0.5) -> None:
        """backoff_s: the wait before the second attempt; it doubles with each further one.

        Raises ProviderError for a key that no header can hold.
        """
        assert settings.model is not None
        self.model = settings.model
        self._settings, self._backoff_s = settings, backoff_s
        key = (key or "").strip()
        base_url = settings.base_url or OPENAI
        check_address(base_url, key, settings.api_key_env)
        self._failures = Failures(settings, base_url, key)
        self._gate = Gate(settings.concurrency, clock=time.monotonic)
        self._client = make_client(
            base_url, key, timeout_s=settings.timeout_s, connections=settings.concurrency
        )
        self._length_name = "max_tokens"
        self._random = random.Random(0)

    async def complete(self, prompt: Prompt, *, sample: int, form: Form = PLAIN) -> Reply:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._let_through(prompt)
            except Retry as failed:
                if attempt >= failed.attempts:
                    raise self._failures.given_up(failed) from None
                backoff = min(self._backoff_s * 2 ** (attempt - 1), LONGEST_BACKOFF_S)
                await asyncio.sleep(max(failed.after_s, backoff * self._random.uniform(0.75, 1.0)))

    async def _let_through(self, prompt: Prompt) -> Reply:
        """One attempt, when the gate lets it; what becomes of it moves the gate."""
        async with self._gate.call() as leave:
            try:
                reply = await self._once(prompt)
            except Retry as failed:
                if failed.overloaded:
                    self._gate.slow_down(leave, failed.after_s)
                raise
            self._gate.went_well(leave)
            self._failures.succeeded()
            return reply

    async def close(self) -> None:
        await self._client.close()

    async def _once(self, prompt: Prompt) -> Reply:
        messages: Any = [{"role": m.role, "content": m.content} for m in prompt.messages]
        parameters = self._parameters()
        try:
            # the client's timeout is per read: a body that drips never trips it
            async with asyncio.timeout(self._settings.timeout_s):
                answer: object = await self._client.chat.completions.create(
                    model=self.model, messages=messages, **parameters
                )
        except TimeoutError:
            raise self._failures.too_slow() from None
        except openai.BadRequestError as error:
            if error.param == "max_tokens" and "max_tokens" in parameters:
                self._length_name = "max_completion_tokens"  # what newer models call it
                raise Retry("", after_s=0) from None
            raise self._failures.translated(error) from None
        except openai.OpenAIError as error:
            raise self._failures.translated(error) from None
        except (ValueError, TypeError, AttributeError, RecursionError):  # a body of another form
            raise self._failures.unreadable() from None
        return self._reply(answer)

    def _parameters(self) -> dict[str, Any]:
        """Only what the project sets: some models refuse some of them, at any value."""
        given = {
            "temperature": self._settings.temperature,
            "top_p": self._settings.top_p,
            self._length_name: self._settings.max_tokens,
        }
        return {name: value for name, value in given.items() if value is not None}

    def _reply(self, answer: object) -> Reply:
        # a login page comes back as a str, an error inside a 200 as a body without choices
        if not isinstance(answer, ChatCompletion):
            raise self._failures.no_completion()
        choices: Any = answer.choices
        if not isinstance(choices, list) or not choices:
            raise self._failures.unreadable((answer.model_extra or {}).get("error"))
        # the client does not check bodies: any of these may be missing, or of any type
        message = getattr(choices[0], "message", None)
        content, refusal = getattr(message, "content", None), getattr(message, "refusal", None)
        if not hasattr(message, "content") or not isinstance(content, str | None):
            raise self._failures.unreadable()
        usage = answer.usage
        return Reply(
            text=self._text(content),
            finish_reason=self._text(getattr(choices[0], "finish_reason", None)),
            refusal=self._text(refusal),
            tokens_in=_count(getattr(usage, "prompt_tokens", None)),
            tokens_out=_count(getattr(usage, "completion_tokens", None)),
        )

    def _text(self, given: object) -> str | None:
        """Text that can be stored: no key in it, and no half of a character."""
        if not isinstance(given, str):
            return None
        return self._failures.safe(given.encode("utf-8", "replace").decode("utf-8"))


def _count(given: object) -> int | None:
    """A number of tokens the database can hold; servers may send anything."""
    whole = isinstance(given, int) and not isinstance(given, bool)
    return given if whole and 0 <= given < 2**53 else None  # type: ignore[operator, return-value]


PROVIDERS.add("openai", OpenAIChat)
