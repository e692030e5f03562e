"""Schemas and log-probabilities through the real client; what a server refuses is left out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from annotate.errors import ProviderError
from annotate.llm.providers import Reply
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.llm.providers.protocol import PLAIN, Form, Token
from tests.llm_server import Call, LLMServer, Step, completion, failure
from tests.llm_server.asking import PROMPT, provider
from tests.llm_server.faults import sends

SCHEMA = {"type": "object", "properties": {"label": {"enum": ["spam", "ham"]}}}
BOTH = Form(schema=SCHEMA, top_logprobs=5)
FORMED = {"response_format", "logprobs", "top_logprobs"}


def ask(chat: OpenAIChat, *forms: Form) -> list[Reply | ProviderError]:
    """How calls with these forms ended, one after the other."""

    async def all_of_them() -> list[Reply | ProviderError]:
        ended: list[Reply | ProviderError] = []
        for form in forms:
            try:
                ended.append(await chat.complete(PROMPT, sample=0, form=form))
            except ProviderError as error:
                ended.append(error)
        await chat.close()
        return ended

    return asyncio.run(all_of_them())


def sent(server: LLMServer) -> list[set[str]]:
    """Which parts of a form each call had."""
    return [FORMED & set(call.body) for call in server.calls]


def refuses(*names: str, **error: Any) -> Callable[[Call], str | Step]:
    """Answers calls without these parameters, and refuses the others."""
    told = {"status": 400, "message": "not supported", **error}

    def answer(call: Call) -> str | Step:
        return failure(**told) if set(names) & set(call.body) else "spam"

    return answer


def test_what_is_asked_and_the_tokens_that_come(server: LLMServer) -> None:
    body = completion("spam")
    top = [{"token": "spam", "logprob": -0.5}, {"token": "ham", "logprob": -1.5}]
    said = {"token": "spam", "bytes": list(b"spam"), "logprob": -0.5, "top_logprobs": top}
    body["choices"][0]["logprobs"] = {"content": [said], "refusal": None}
    server.answer = lambda call: sends(body)
    chat = provider(server.base_url)
    tokens = (Token("spam", -0.5, (("spam", -0.5), ("ham", -1.5))),)
    assert ask(chat, BOTH) == [Reply("spam", "stop", None, 40, 2, tokens)]
    [call] = server.calls
    assert call.body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
    }
    assert (call.body["logprobs"], call.body["top_logprobs"]) == (True, 5)
    assert chat.dropped == ()


def test_each_part_alone(server: LLMServer) -> None:
    chat = provider(server.base_url)
    ask(chat, PLAIN, Form(schema=SCHEMA), Form(top_logprobs=0))
    assert sent(server) == [set(), {"response_format"}, {"logprobs", "top_logprobs"}]


NAMED: dict[str, dict[str, Any]] = {
    "the parameter": {"param": "logprobs"},
    "the message": {"message": "logprobs are not available for this model"},
    "its fellow": {"message": "top_logprobs must be between 0 and 3"},
    "another status": {"status": 422, "message": "Unexpected field: logprobs"},
    "not built in": {"status": 501, "message": "logprobs: not implemented"},
}


@pytest.mark.parametrize("error", sorted(NAMED))
def test_a_part_that_is_refused_by_name_is_not_sent_again(server: LLMServer, error: str) -> None:
    server.answer = refuses("logprobs", **NAMED[error])
    chat = provider(server.base_url)
    ended = ask(chat, BOTH, BOTH)
    assert ended == [Reply("spam", "stop", None, 40, 2)] * 2
    assert sent(server) == [FORMED, {"response_format"}, {"response_format"}]
    assert chat.dropped == ("logprobs",)


def test_fastapi_names_the_place_and_repeats_the_call(server: LLMServer) -> None:
    """Its errors hold the whole call, in which every part is named."""
    places = [{"loc": ["body", "response_format"], "msg": "extra fields", "input": {"logprobs": 1}}]

    def answer(call: Call) -> str | Step:
        return sends({"detail": places}, 422) if "response_format" in call.body else "spam"

    server.answer = answer
    chat = provider(server.base_url)
    assert isinstance(ask(chat, BOTH)[0], Reply)
    assert chat.dropped == ("response_format",)


def test_both_parts_are_refused_in_turn(server: LLMServer) -> None:
    def answer(call: Call) -> str | Step:
        for name in ("response_format", "logprobs"):
            if name in call.body:
                return failure(400, f"Unsupported parameter: '{name}'", param=name)
        return "spam"

    server.answer = answer
    chat = provider(server.base_url)
    assert isinstance(ask(chat, BOTH)[0], Reply)
    assert chat.dropped == ("response_format", "logprobs")
    assert sent(server) == [FORMED, {"logprobs", "top_logprobs"}, set()]


def test_a_refusal_that_names_nothing_is_tried_without(server: LLMServer) -> None:
    server.answer = refuses("response_format", message="Bad Request")
    chat = provider(server.base_url)
    assert isinstance(ask(chat, BOTH)[0], Reply)
    assert sent(server) == [FORMED, {"response_format"}, set()]
    assert chat.dropped == ("logprobs", "response_format")


def test_a_call_that_is_refused_in_any_form_is_no_reason_to_drop_one(server: LLMServer) -> None:
    server.answer = lambda call: failure(400, "Bad Request")
    chat = provider(server.base_url)
    [refused] = ask(chat, BOTH)
    assert isinstance(refused, ProviderError)
    assert "refused the call (400: Bad Request)" in refused.why
    assert len(server.calls) == 3
    assert chat.dropped == ()


def test_a_form_that_was_borne_is_not_suspected(server: LLMServer) -> None:
    server.script.extend(["spam", failure(400, "Bad Request")])
    chat = provider(server.base_url)
    good, refused, again = ask(chat, BOTH, BOTH, BOTH)
    assert isinstance(good, Reply)
    assert isinstance(refused, ProviderError)
    assert isinstance(again, Reply)
    assert sent(server) == [FORMED] * 3
    assert chat.dropped == ()


@pytest.mark.parametrize(
    "error",
    [
        {"message": "The maximum context length is 8 tokens"},
        {"message": "no", "code": "context_length_exceeded"},
        {"message": "filtered", "code": "content_filter"},
        {"message": "no", "param": "messages"},
        {"message": "Only 1 is supported", "param": "seed"},
    ],
)
def test_a_refusal_of_something_else_is_not_asked_again(server: LLMServer, error: Any) -> None:
    server.script.append(failure(400, **error))
    chat = provider(server.base_url)
    [refused] = ask(chat, BOTH)
    assert isinstance(refused, ProviderError)
    assert not refused.fatal
    assert len(server.calls) == 1


def test_a_refusal_is_no_loop(server: LLMServer) -> None:
    """Whatever a server says: each part is left out once, and the length renamed once."""

    def answer(call: Call) -> Step:
        name = "max_tokens" if "max_tokens" in call.body else "logprobs"
        return failure(400, "logprobs and response_format are not supported", param=name)

    server.answer = answer
    chat = provider(server.base_url, max_tokens=5)
    [refused] = ask(chat, BOTH)
    assert isinstance(refused, ProviderError)
    assert len(server.calls) == 4


def test_what_one_call_learns_holds_for_those_that_wait(server: LLMServer) -> None:
    server.answer = refuses("logprobs", message="no logprobs")
    chat = provider(server.base_url, concurrency=16)

    async def many() -> list[Reply]:
        calls = (chat.complete(PROMPT, sample=at, form=BOTH) for at in range(40))
        replies = await asyncio.gather(*calls)
        await chat.close()
        return replies

    assert len(asyncio.run(many())) == 40
    assert chat.dropped == ("logprobs",)
    assert len(server.calls) == 41
