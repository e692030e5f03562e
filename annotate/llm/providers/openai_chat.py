"""Any OpenAI-compatible server, through the openai client."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx2
import openai

from annotate.errors import ProviderError
from annotate.llm.prompts import Prompt
from annotate.llm.providers.completions import reply_from_json, request_body
from annotate.llm.providers.protocol import PLAIN, PROVIDERS, Form, Reply
from annotate.llm.providers.refusals import (
    Part,
    named,
    of_something_else,
    parts,
    refusal_in,
    without,
)
from annotate.llm.providers.sender import Sender
from annotate.project.settings import LLMSettings

PATH = "/chat/completions"


@dataclass(slots=True)
class _Asking:
    """One call until it is answered. sent: what is left of its form in the latest attempt.
    suspected: parts that were left out to see whether it is they that are refused."""

    prompt: Prompt
    form: Form
    sent: Form = PLAIN
    suspected: tuple[Part, ...] = ()
    length_name: str = ""


class OpenAIChat:
    """`chat.completions`, read as JSON: the client's own objects cost as much as the call.

    dropped: parts of a form that the server refused, "logprobs" or "response_format"; they are not
    sent again.
    """

    def __init__(self, settings: LLMSettings, key: str | None, *, backoff_s: float = 0.5) -> None:
        """backoff_s: the wait before the second attempt; it doubles with each further one.

        Raises ProviderError for a key that no header can hold.
        """
        assert settings.model is not None
        self.model = settings.model
        self.dropped: tuple[Part, ...] = ()
        self._borne: set[Part] = set()
        """Parts of a form with which a call has gone well."""
        self._settings = settings
        self._sender = Sender(settings, key, backoff_s=backoff_s)
        self._length_name = "max_tokens"

    async def complete(self, prompt: Prompt, *, sample: int, form: Form = PLAIN) -> Reply:
        asking = _Asking(prompt, form)
        while True:
            try:
                reply = await self._sender.ask(partial(self._post, asking), self._reply)
            except ProviderError as error:
                refused = refusal_in(error)
                if refused is None or not self._learnt(refused, asking):
                    raise error from None
            else:
                self._drop(*asking.suspected)
                self._borne |= set(parts(asking.sent))
                return reply

    def body(self, prompt: Prompt, form: Form) -> dict[str, Any]:
        """What a call sends, as far as the server is known by now."""
        left = without(form, self.dropped)
        return request_body(self.model, prompt, left, self._settings, self._length_name)

    async def close(self) -> None:
        await self._sender.close()

    async def _post(self, asking: _Asking, client: openai.AsyncOpenAI) -> httpx2.Response:
        # put together only now: while this call waited, others may have learnt what is refused
        asking.sent = without(asking.form, (*self.dropped, *asking.suspected))
        asking.length_name = self._length_name
        body = request_body(
            self.model, asking.prompt, asking.sent, self._settings, asking.length_name
        )
        return await client.post(PATH, cast_to=httpx2.Response, body=body)

    def _reply(self, body: object, headers: httpx2.Headers) -> Reply:
        if not isinstance(body, dict):  # a login page may well be a JSON string
            raise self._sender.failures.no_completion()
        try:
            return reply_from_json(body, self._sender.failures.safe)
        except ProviderError as error:
            raise self._sender.failures.unreadable(error) from None

    def _learnt(self, refused: openai.APIStatusError, asking: _Asking) -> bool:
        """Whether a refusal taught what to leave out, so that the call may go well without it."""
        if refused.param == asking.length_name == "max_tokens":
            self._length_name = "max_completion_tokens"  # what newer models call it
            return True
        part = named(refused, asking.sent)
        if part:
            self._drop(part)
            return True
        if of_something_else(refused):
            return False
        # it does not say what of the call it is about: leave out, on trial, what never went well
        part = next((one for one in parts(asking.sent) if one not in self._borne), None)
        asking.suspected += (part,) if part else ()
        return part is not None

    def _drop(self, *refused: Part) -> None:
        self.dropped += tuple(part for part in refused if part not in self.dropped)


PROVIDERS.add("openai", OpenAIChat)
