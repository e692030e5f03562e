"""One chat completion as JSON: what is sent, and what comes back. Nothing here asks a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from annotate.errors import ProviderError
from annotate.llm.prompts import Prompt
from annotate.llm.providers.protocol import Form, Reply
from annotate.llm.providers.tokens import tokens_from
from annotate.project.settings import LLMSettings

ANSWER = "answer"
"""What the schema of a reply is called; servers want a name and do nothing with it."""
LONGEST_QUOTE = 300
"""Characters of a server's own words in a message."""


def request_body(
    model: str, prompt: Prompt, form: Form, settings: LLMSettings, length_name: str = "max_tokens"
) -> dict[str, Any]:
    """The JSON body of one call to /v1/chat/completions.

    Only what the project sets: some models refuse some parameters, at any value. length_name: what
    the model calls `llm.max_tokens`, or max_completion_tokens.
    """
    given = {
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        length_name: settings.max_tokens,
    }
    messages = [{"role": m.role, "content": m.content} for m in prompt.messages]
    body: dict[str, Any] = {"model": model, "messages": messages}
    body |= {name: value for name, value in given.items() if value is not None}
    if form.schema is not None:
        named = {"name": ANSWER, "strict": True, "schema": dict(form.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    if form.top_logprobs is not None:
        body |= {"logprobs": True, "top_logprobs": form.top_logprobs}
    return body


def reply_from_json(body: object, safe: Callable[[str], str] = str) -> Reply:
    """The reply in the JSON body of a completion. safe: takes the key out of a text.

    Raises ProviderError, not fatal, for everything else: a page, a list, an error inside a
    success, no choices, a message that is no text. What is beside the text may be of any type or
    missing: it is None then.
    """
    if not isinstance(body, dict):
        raise _not_one("it is a page or a list" if body is not None else None)
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        raise _not_one(_quoted(body.get("error"), safe))
    choice = as_dict(choices[0])
    message = choice.get("message")
    if not isinstance(message, dict) or "content" not in message:
        raise _not_one()
    content = message["content"]
    if not isinstance(content, str | None):
        raise _not_one()
    text = _text(content, safe)
    usage = as_dict(body.get("usage"))
    return Reply(
        text=text,
        finish_reason=_text(choice.get("finish_reason"), safe),
        refusal=_text(message.get("refusal"), safe),
        tokens_in=count(usage.get("prompt_tokens")),
        tokens_out=count(usage.get("completion_tokens")),
        # a key in pieces cannot be taken out
        tokens=None if content != safe(content or "") else tokens_from(choice.get("logprobs")),
    )


def count(given: object) -> int | None:
    """A number of tokens the database can hold; servers may send anything."""
    if isinstance(given, bool) or not isinstance(given, int):
        return None
    return given if 0 <= given < 2**53 else None


def as_dict(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}


def one_line(said: object, limit: int = LONGEST_QUOTE) -> str:
    """A server's words, fit for a message: one line of at most `limit` characters."""
    text = " ".join(str(said).split()).encode("utf-8", "replace").decode("utf-8")
    if text[:1] == "<" or "<html" in text[:200].casefold():
        return "a web page"
    return text if len(text) <= limit else f"{text[:limit]}…"


def _not_one(said: str | None = None) -> ProviderError:
    return ProviderError("the answer is no completion" + (f": {said}" if said else ""))


def _quoted(error: object, safe: Callable[[str], str]) -> str | None:
    return one_line(safe(str(error))) if error else None


def _text(given: object, safe: Callable[[str], str]) -> str | None:
    """Text that can be stored: no key in it, and no half of a character."""
    if not isinstance(given, str):
        return None
    return safe(given.encode("utf-8", "replace").decode("utf-8"))
