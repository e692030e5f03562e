"""A chat completion as JSON, both ways, without a server."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from annotate.errors import ProviderError
from annotate.llm.prompts import Message, Prompt
from annotate.llm.providers import Reply
from annotate.llm.providers.completions import reply_from_json, request_body
from annotate.llm.providers.protocol import PLAIN, Form, Token
from annotate.llm.providers.tokens import tokens_from
from annotate.project.settings import LLMSettings
from tests.llm_server import completion

PROMPT = Prompt((Message("system", "You label."), Message("user", "标?")), "v", "h")
MESSAGES = [{"role": "system", "content": "You label."}, {"role": "user", "content": "标?"}]
SCHEMA = {"type": "object", "properties": {"label": {"enum": ["a", "b"]}}}


def settings(**given: Any) -> LLMSettings:
    return LLMSettings.model_validate({"provider": "openai", "model": "m", **given})


def test_only_what_is_set_is_sent() -> None:
    assert request_body("m", PROMPT, PLAIN, settings(), "max_tokens") == {
        "model": "m",
        "messages": MESSAGES,
    }


def test_everything_that_can_be_sent() -> None:
    asked = settings(temperature=0, top_p=0.5, max_tokens=7)
    form = Form(schema=SCHEMA, top_logprobs=20)
    assert request_body("m", PROMPT, form, asked, "max_completion_tokens") == {
        "model": "m",
        "messages": MESSAGES,
        "temperature": 0,
        "top_p": 0.5,
        "max_completion_tokens": 7,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
        },
        "logprobs": True,
        "top_logprobs": 20,
    }


def test_a_reply_as_it_came() -> None:
    body = completion("标签", refusal="no", finish_reason="length")
    assert reply_from_json(body) == Reply("标签", "length", "no", 40, 2)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "the answer is no completion"),
        ("<html>", "the answer is no completion: it is a page or a list"),
        ([completion("a")], "the answer is no completion: it is a page or a list"),
        ({}, "the answer is no completion"),
        ({"choices": []}, "the answer is no completion"),
        ({"choices": {"0": 1}}, "the answer is no completion"),
        ({"choices": ["a"]}, "the answer is no completion"),
        ({"choices": [{"message": "a"}]}, "the answer is no completion"),
        ({"choices": [{"message": {"role": "assistant"}}]}, "the answer is no completion"),
        (completion(3), "the answer is no completion"),
        (completion([{"type": "text"}]), "the answer is no completion"),
        (
            {"error": {"message": "key sk-1\nis bad", "code": 502}},
            r"the answer is no completion: {'message': 'key [key]\nis bad', 'code': 502}",
        ),
        ({"error": "<html>no"}, "the answer is no completion: a web page"),
        ({"error": "x" * 400}, f"the answer is no completion: {'x' * 300}…"),
    ],
)
def test_what_is_no_completion(body: object, why: str) -> None:
    with pytest.raises(ProviderError) as caught:
        reply_from_json(body, lambda text: text.replace("sk-1", "[key]"))
    assert (caught.value.why, caught.value.fatal) == (why, False)


@pytest.mark.parametrize("usage", [None, 3, [], {"prompt_tokens": "9"}, {"prompt_tokens": True}])
def test_odd_counts_are_none(usage: object) -> None:
    reply = reply_from_json(completion("a") | {"usage": usage})
    assert (reply.tokens_in, reply.tokens_out) == (None, None)


def test_no_key_and_no_half_of_a_character_is_kept() -> None:
    body = completion("my key is sk-1\ud83d")
    body["choices"][0]["logprobs"] = {"content": [token("sk-1", -1)]}
    reply = reply_from_json(body, lambda text: text.replace("sk-1", "[key]"))
    assert reply == Reply("my key is [key]?", "stop", None, 40, 2)


# ---- tokens


def token(said: object, logprob: object, *top: tuple[Any, Any], **more: Any) -> dict[str, Any]:
    listed = [{"token": other, "logprob": chance} for other, chance in top]
    return {"token": said, "logprob": logprob, "top_logprobs": listed, **more}


def piece(data: bytes, logprob: float, *top: tuple[bytes, float]) -> dict[str, Any]:
    """As servers tell of a piece of a character."""
    listed = [
        {"token": other.decode("utf-8", "replace"), "bytes": list(other), "logprob": chance}
        for other, chance in top
    ]
    said = {"token": data.decode("utf-8", "replace"), "bytes": list(data), "logprob": logprob}
    return {**said, "top_logprobs": listed}


def test_tokens_with_their_alternatives() -> None:
    body = completion("A.")
    body["choices"][0]["logprobs"] = {
        "content": [token("A", -0.25, ("A", -0.25), ("B", -1.5)), token(".", 0)]
    }
    assert reply_from_json(body).tokens == (
        Token("A", -0.25, (("A", -0.25), ("B", -1.5))),
        Token(".", 0.0),
    )


@pytest.mark.parametrize(
    "logprobs",
    [None, 3, "x", [], {}, {"content": None}, {"content": {}}, {"content": []}, {"content": [3]}],
)
def test_no_tokens(logprobs: object) -> None:
    assert tokens_from(logprobs) is None


@pytest.mark.parametrize(
    "logprob", [None, math.nan, "−1", [], True, -9999, -9999.0, -(10**400), -math.inf, 0.5, 10**400]
)
def test_a_log_probability_of_no_use(logprob: object) -> None:
    good, bad = token("a", -1, ("b", -2), ("c", logprob)), token("d", logprob, ("e", -2))
    assert tokens_from({"content": [bad, good, bad]}) == (Token("a", -1.0, (("b", -2.0),)),)
    assert tokens_from({"content": [bad]}) is None


def test_a_log_probability_just_above_nothing_is_rounding() -> None:
    assert tokens_from({"content": [token("a", 1e-7)]}) == (Token("a", 0.0),)


@pytest.mark.parametrize("top", [None, 3, "x", {}, [None], [[]], [{}], [{"token": 3}]])
def test_odd_alternatives(top: object) -> None:
    assert tokens_from({"content": [token("a", -1) | {"top_logprobs": top}]}) == (Token("a", -1.0),)


@pytest.mark.parametrize("data", [None, [], "a", [256], [-1], [True], ["a"], [97.0]])
def test_bytes_that_are_none(data: object) -> None:
    assert tokens_from({"content": [token("a", -1, bytes=data)]}) == (Token("a", -1.0),)


def test_what_python_reads_where_json_has_no_word_for_it() -> None:
    logprobs = json.loads(
        '{"content": [{"token": "a", "logprob": -Infinity}, {"token": "b", "logprob": -1,'
        ' "top_logprobs": [{"token": "c", "logprob": NaN}]}]}'
    )
    assert tokens_from(logprobs) == (Token("b", -1.0),)


def test_pieces_of_a_character_are_joined() -> None:
    """标 is E6 A0 87, 栈 is E6 A0 88, 物 is E7 89 A9: each begins with a piece of two bytes."""
    content = [
        piece(b"\xe6\xa0", -0.5, (b"\xe6\xa0", -0.5), (b"\xe7\x89", -1.5), (b"A", -3)),
        piece(b"\x87", -0.25, (b"\x87", -0.25), (b"\x88", -2)),
        piece("签".encode(), -0.125, ("签".encode(), -0.125)),
    ]
    assert tokens_from({"content": content}) == (
        Token("标", -0.75, (("\ufffd", -1.5), ("A", -3.0), ("标", -0.75), ("栈", -2.5))),
        Token("签", -0.125, (("签", -0.125),)),
    )


def test_a_character_in_single_bytes_and_text_before_it() -> None:
    content = [piece(b"\xf0", -1), piece(b"\x9f", -1), piece(b"\x90", -1), piece(b"\x96", -1)]
    assert tokens_from({"content": content}) == (Token("🐖", -4.0),)
    content = [piece("好".encode() + b"\xe6", -1), piece(b"\xa0\x87", -2)]
    assert tokens_from({"content": content}) == (Token("好标", -3.0),)


def test_a_reply_cut_off_within_a_character() -> None:
    content = [piece(b"a", -1), piece(b"\xe6\xa0", -2)]
    assert tokens_from({"content": content}) == (Token("a", -1.0), Token("\ufffd", -2.0))


def test_bytes_that_are_no_character_do_not_swallow_the_rest() -> None:
    content = [piece(b"\xa0", -1), piece(b"\xe6\x41", -2), piece(b"a", -3)]
    assert tokens_from({"content": content}) == (
        Token("\ufffd", -1.0),
        Token("\ufffdA", -2.0),
        Token("a", -3.0),
    )


def test_a_character_of_which_a_piece_is_of_no_use() -> None:
    content = [piece(b"\xe6\xa0", -1), piece(b"\x87", -9999.0), piece(b"a", -3)]
    assert tokens_from({"content": content}) == (Token("a", -3.0),)
