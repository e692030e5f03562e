"""Lines of batch files: what is written, and what becomes of any line that comes back."""

from __future__ import annotations

import io
import json

import pytest

from annotate.llm.batching.files import Failed, Result, call_line, read_result, read_results

BODY = {"id": "c", "choices": []}


def read(*lines: object) -> list[Result | None]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return [result for _, result in read_results(io.BytesIO(text.encode()))]


def test_a_call_is_one_line_with_its_characters_as_themselves() -> None:
    line = call_line("c1", {"messages": [{"role": "user", "content": "标签\n第二行 \u2028 😀"}]})
    assert line.count(b"\n") == 1
    assert "标签" in line.decode()
    assert json.loads(line) == {
        "custom_id": "c1",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"messages": [{"role": "user", "content": "标签\n第二行 \u2028 😀"}]},
    }


def test_half_a_character_does_not_break_the_file() -> None:
    assert json.loads(call_line("c1", {"text": "a\ud83d"}))["body"] == {"text": "a?"}


def test_an_answer() -> None:
    [found] = read({"custom_id": "a", "response": {"status_code": 200, "body": BODY}})
    assert found == Result("a", BODY)
    [found] = read({"custom_id": "a", "response": {"body": BODY}, "error": None})
    assert found == Result("a", BODY)


@pytest.mark.parametrize(
    ("response", "error", "why", "again"),
    [
        ({"status_code": 500, "body": {"error": {"message": "oops"}}}, None, "500: oops", True),
        ({"status_code": 429, "body": {"error": {"message": "slow"}}}, None, "429: slow", True),
        ({"status_code": 400, "body": {"error": {"message": "long"}}}, None, "400: long", False),
        (
            {"status_code": 429, "body": {"error": {"code": "insufficient_quota"}}},
            None,
            "429: insufficient_quota",
            False,
        ),
        (None, {"code": "batch_expired", "message": "too\n late"}, "too late", True),
        (None, None, "no explanation", True),
        ({"status_code": 200, "body": "spam"}, None, "spam", True),
        ({"status_code": 200, "body": {"error": {"message": "inside"}}}, None, "inside", True),
        ({"status_code": 503, "body": "<html>"}, None, "503: <html>", True),
        ({"status_code": 500, "body": {"error": "e" * 999}}, None, f"500: {'e' * 300}", True),
        ({"status_code": 500, "body": {"error": "a\ud83d"}}, None, "500: a?", True),
    ],
)
def test_a_failure(response: object, error: object, why: str, again: bool) -> None:
    assert read({"custom_id": "a", "response": response, "error": error}) == [
        Result("a", Failed(why, again))
    ]


def test_what_cannot_be_read_is_told_apart_from_what_is_not_there() -> None:
    good = {"custom_id": "a", "response": {"status_code": 200, "body": BODY}}
    assert read("", good, "  ", '{"custom_id": "b"', "[1]", {"custom_id": 3}, "[" * 99_999) == [
        Result("a", BODY),
        None,
        None,
        None,
        None,
    ]


def test_a_line_is_found_again_where_it_begins() -> None:
    texts = [f'{{"custom_id": "标{at}", "response": {{"body": {{}}}}}}' for at in range(3)]
    content = "\n\n".join(texts).encode()
    for at, result in read_results(io.BytesIO(content)):
        assert result == read_result(content[at:].splitlines()[0])
