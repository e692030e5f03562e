"""What a server may answer to one call: each step is a function from the call to a response."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came. at: seconds on the server's monotonic clock."""

    at: float
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def messages(self) -> list[list[str]]:
        """[role, content] of each message."""
        return [[m["role"], m["content"]] for m in self.body["messages"]]

    @property
    def prompt(self) -> str:
        return "\n\n".join(content for _, content in self.messages)

    @property
    def key(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


Step = Callable[[Call], Awaitable[Response]]


def completion(
    content: object, *, refusal: str | None = None, finish_reason: object = "stop"
) -> dict[str, Any]:
    """The body of a good answer."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return {
        "id": "chatcmpl-test",
        "object": "chat.completion",
        "created": 1,
        "model": "test-model",
        "choices": [{"index": 0, "finish_reason": finish_reason, "message": message}],
        "usage": {"prompt_tokens": 40, "completion_tokens": 2, "total_tokens": 42},
    }


def sends(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Step:
    """A JSON body, whatever it says."""

    async def step(call: Call) -> Response:
        return Response(json.dumps(body).encode(), status, dict(headers or {}), "application/json")

    return step


def text(content: object, *, refusal: str | None = None, finish_reason: object = "stop") -> Step:
    """A good answer that says `content`."""
    return sends(completion(content, refusal=refusal, finish_reason=finish_reason))


def failure(
    status: int,
    message: str = "scripted failure",
    *,
    code: str | None = None,
    param: str | None = None,
    **headers: str,
) -> Step:
    """An error in OpenAI's form. headers: `retry_after="1"` becomes `retry-after: 1`."""
    error = {"message": message, "type": "scripted", "param": param, "code": code}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return sends({"error": error}, status, named)


def page(status: int, content: bytes, kind: str = "text/html", **headers: str) -> Step:
    """A body of any kind."""

    async def step(call: Call) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(content, status, named, kind)

    return step


def echo(status: int, sentence: str) -> Step:
    """Repeats the caller's key, as some servers do: `sentence` has a {} for it."""

    async def step(call: Call) -> Response:
        said = sentence.format(call.key)
        if status == 200:
            return JSONResponse(completion(said))
        return JSONResponse({"error": {"message": said}}, status)

    return step


async def hang(call: Call) -> Response:
    """Nothing, for an hour."""
    await asyncio.sleep(3600)
    return Response()


async def drip(call: Call) -> Response:
    """A good answer, a byte at a time: there is always something to read."""

    async def bytes_of() -> AsyncIterator[bytes]:
        for byte in json.dumps(completion("spam")).encode():
            yield bytes([byte])
            await asyncio.sleep(0.05)

    return StreamingResponse(bytes_of(), media_type="application/json")


async def hang_up(call: Call) -> Response:
    """Promises 500 bytes, sends a few, closes the connection."""

    async def some_bytes() -> AsyncIterator[bytes]:
        yield b'{"id": "chatcmpl-'
        raise ConnectionResetError

    return StreamingResponse(
        some_bytes(), media_type="application/json", headers={"content-length": "500"}
    )


_JSON = "application/json"
_WHOLE = json.dumps(completion("spam")).encode()

FAULTS: dict[str, Step] = {
    # the connection
    "hang": hang,
    "drip": drip,
    "hang_up": hang_up,
    # statuses
    "429": failure(429, "Rate limit reached", code="rate_limit_exceeded"),
    "quota": failure(429, "You exceeded your current quota", code="insufficient_quota"),
    "402": failure(402, "Insufficient balance"),
    "400": failure(400, "This model's context length is 8 tokens", code="context_length_exceeded"),
    "403": failure(403, "Moderation flagged the input"),
    "408": failure(408, "Request timeout"),
    "409": failure(409, "Model is loading"),
    "500": failure(500),
    "501": failure(501, "This model has no chat"),
    "502_page": page(502, b"<html>\n<body>Bad\ngateway</body></html>"),
    "503": failure(503, "Overloaded"),
    # a body that is no completion, with 200
    "login_page": page(200, b"<html>Please sign in</html>"),
    "plain_text": page(200, b"Ollama is running", "text/plain"),
    "broken_json": page(200, b'{"id": "x", "choices": [', _JSON),
    "cut_json": page(200, _WHOLE[:-30], _JSON),
    "no_body": page(200, b"", _JSON),
    "not_utf8": page(200, b'{"id": "\xff\xfe"}', _JSON),
    "bad_gzip": page(200, zlib.compress(_WHOLE)[:-5], _JSON, content_encoding="gzip"),
    "nested": page(200, b"[" * 100_000, _JSON),
    "null": sends(None),
    "list": sends([completion("spam")]),
    "error_in_200": sends({"error": {"message": "upstream failed", "code": 502}}),
    "no_choices": sends({**completion("spam"), "choices": []}),
    "choices_text": sends({**completion("spam"), "choices": "spam"}),
    "choice_text": sends({**completion("spam"), "choices": ["spam"]}),
    "choice_empty": sends({**completion("spam"), "choices": [{}]}),
    "message_null": sends({**completion("spam"), "choices": [{"message": None}]}),
    "message_text": sends({**completion("spam"), "choices": [{"message": "spam"}]}),
    "content_number": text(3),
    "content_parts": text([{"type": "text", "text": "spam"}]),
    # a completion without an answer
    "refusal": text(None, refusal="I can't help with that."),
    "content_filter": text(None, finish_reason="content_filter"),
    "cut_off": text("spa", finish_reason="length"),
    "empty": text(""),
    "content_null": text(None),
    # an answer that names no label
    "wrong_label": text("eggs"),
    "prefixed_label": text("not spam"),
    "two_labels": text("spam or ham"),
    "half_json": text('{"label": "spam'),
    "chatter": text("Sure! The label is spam because it sells something."),
    "unclosed_thought": text("<think>It could be spam"),
    "half_character": text("spam\ud83d"),
    # a good answer in an odd body
    "odd_usage": sends({**completion("spam"), "usage": {"prompt_tokens": "many"}}),
    "huge_usage": sends({**completion("spam"), "usage": {"prompt_tokens": 10**30}}),
    "no_usage": sends({**completion("spam"), "usage": None}),
    "odd_finish": text("spam", finish_reason=["stop"]),
}
"""By name, for scripts and for `python -m tests.llm_server --fault`."""
