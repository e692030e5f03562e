"""The real openai client against a server that does what servers do."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from annotate.errors import ProviderError
from annotate.llm.providers import Reply
from annotate.llm.providers.failures import GIVE_UP_AFTER
from tests.llm_server import FAULTS, LLMServer, failure
from tests.llm_server.asking import KEY, ask, error_of, provider


def test_what_is_sent_and_what_comes_back(server: LLMServer) -> None:
    server.answer = lambda call: "标签：ham 🐖"
    [reply] = ask(provider(server.base_url, temperature=0.5, max_tokens=9))
    assert reply == Reply("标签：ham 🐖", "stop", None, 40, 2)
    [call] = server.calls
    assert call.messages == [["system", "You label."], ["user", "Was ist das? 标"]]
    assert call.key == KEY
    assert set(call.body) == {"model", "messages", "temperature", "max_tokens"}
    assert (call.body["temperature"], call.body["max_tokens"]) == (0.5, 9)


def test_what_is_not_set_is_not_sent(server: LLMServer) -> None:
    ask(provider(server.base_url))
    assert set(server.calls[0].body) == {"model", "messages"}


# ---- every fault, once on the first call and once after a good one

GOOD = {"odd_usage", "huge_usage", "no_usage", "odd_finish"}
ANSWERS = {
    "refusal": Reply(None, "stop", "I can't help with that.", 40, 2),
    "content_filter": Reply(None, "content_filter", None, 40, 2),
    "cut_off": Reply("spa", "length", None, 40, 2),
    "empty": Reply("", "stop", None, 40, 2),
    "content_null": Reply(None, "stop", None, 40, 2),
    "wrong_label": Reply("eggs", "stop", None, 40, 2),
    "prefixed_label": Reply("not spam", "stop", None, 40, 2),
    "two_labels": Reply("spam or ham", "stop", None, 40, 2),
    "half_json": Reply('{"label": "spam', "stop", None, 40, 2),
    "chatter": Reply("Sure! The label is spam because it sells something.", "stop", None, 40, 2),
    "unclosed_thought": Reply("<think>It could be spam", "stop", None, 40, 2),
    "half_character": Reply("spam?", "stop", None, 40, 2),
    "odd_usage": Reply("spam", "stop", None, None, None),
    "huge_usage": Reply("spam", "stop", None, None, None),
    "no_usage": Reply("spam", "stop", None, None, None),
    "odd_finish": Reply("spam", None, None, 40, 2),
}
# fault -> (what is told, attempts, fatal on the first call, fatal after a good one)
ERRORS: dict[str, tuple[str, int, bool, bool]] = {
    "hang": ("no answer within 0.3 s", 2, False, False),
    "drip": ("no answer within 0.3 s", 2, False, False),
    "hang_up": ("the connection broke", 3, False, False),
    "429": ("429 Rate limit reached", 6, False, False),
    "quota": ("quota is used up (429: You exceeded your current quota)", 1, True, True),
    "402": ("quota is used up (402: Insufficient balance)", 1, True, True),
    "400": ("refused the call (400: This model's context length is 8 tokens)", 1, False, False),
    "403": ("(403", 1, True, False),
    "408": ("408 Request timeout", 6, False, False),
    "409": ("409 Model is loading", 6, False, False),
    "500": ("500 scripted failure", 6, False, False),
    "501": ("cannot do this (501: This model has no chat). Choose another", 1, True, False),
    "502_page": ("502 a web page", 6, False, False),
    "503": ("503 Overloaded", 6, False, False),
    "login_page": ("answered with a page", 1, True, False),
    "plain_text": ("answered with a page", 1, True, False),
    "broken_json": ("the answer is not JSON", 3, False, False),
    "cut_json": ("the answer is not JSON", 3, False, False),
    "no_body": ("the answer is not JSON", 3, False, False),
    "not_utf8": ("the answer is not JSON", 3, False, False),
    "bad_gzip": ("", 3, False, False),
    "nested": ("the answer is not JSON", 3, False, False),
    "null": ("answered with a page", 1, True, False),
    "list": ("answered with a page", 1, True, False),
    "error_in_200": ("the answer is no completion: ", 3, False, False),
    "no_choices": ("the answer is no completion", 3, False, False),
    "choices_text": ("the answer is no completion", 3, False, False),
    "choice_text": ("the answer is no completion", 3, False, False),
    "choice_empty": ("the answer is no completion", 3, False, False),
    "message_null": ("the answer is no completion", 3, False, False),
    "message_text": ("the answer is no completion", 3, False, False),
    "content_number": ("the answer is no completion", 3, False, False),
    "content_parts": ("the answer is no completion", 3, False, False),
}


def test_every_fault_is_expected() -> None:
    assert set(ANSWERS) | set(ERRORS) == set(FAULTS)
    assert not set(ANSWERS) & set(ERRORS)


@pytest.mark.parametrize("fault", sorted(ANSWERS))
def test_odd_answers_come_as_they_are(server: LLMServer, fault: str) -> None:
    server.answer = lambda call: FAULTS[fault]
    assert ask(provider(server.base_url)) == [ANSWERS[fault]]
    assert len(server.calls) == 1


@pytest.mark.parametrize("fault", sorted(ERRORS))
def test_errors_are_told_in_one_line(server: LLMServer, fault: str) -> None:
    why, attempts, fatal_first, fatal_later = ERRORS[fault]
    server.script.append("spam")
    server.answer = lambda call: FAULTS[fault]
    patience = 0.3 if fault in ("hang", "drip") else 5.0
    good, later = ask(provider(server.base_url, timeout_s=patience), times=2)
    first = error_of(provider(server.base_url, timeout_s=patience))
    assert isinstance(good, Reply)
    assert isinstance(later, ProviderError)
    assert (first.fatal, later.fatal) == (fatal_first, fatal_later)
    for told in (first, later):
        assert str(told).startswith(server.base_url)
        assert why in str(told)
        assert "<" not in str(told)
    more = {True: 3, False: attempts}[attempts == 1 and fatal_first and why.startswith("answered")]
    assert len(server.calls) == 1 + attempts + more  # a page after good answers is asked again


@pytest.mark.parametrize("fault", ["429", "500", "503", "broken_json", "hang_up", "no_choices"])
def test_asking_again_helps(server: LLMServer, fault: str) -> None:
    server.script.extend([FAULTS[fault], FAULTS[fault]])
    [reply] = ask(provider(server.base_url))
    assert isinstance(reply, Reply)
    assert len(server.calls) == 3


def test_a_call_that_drips_is_cut(server: LLMServer) -> None:
    server.answer = lambda call: FAULTS["drip"]
    started = time.perf_counter()
    error_of(provider(server.base_url, timeout_s=0.5))
    assert 1.0 <= time.perf_counter() - started < 12  # two attempts of 0.5 s; a whole drip is 15 s


# ---- waiting


def gap(server: LLMServer, **headers: str) -> float:
    """Seconds between a 429 with these headers and the next call."""
    server.script.append(failure(429, **headers))
    [reply] = ask(provider(server.base_url))
    assert isinstance(reply, Reply)
    first, second = server.calls
    return second.at - first.at


def test_retry_after_is_honoured(server: LLMServer) -> None:
    assert 0.4 <= gap(server, retry_after="0.4") < 1.4


def test_retry_after_in_milliseconds_goes_first(server: LLMServer) -> None:
    assert 0.3 <= gap(server, retry_after_ms="300", retry_after="60") < 1.3


def test_retry_after_as_a_date(server: LLMServer) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    assert 0.9 <= gap(server, retry_after=until) < 3.5


@pytest.mark.parametrize("said", ["soon", "-5", "nan", "inf", "", "Wed, 99 Foo 2026", "0"])
def test_retry_after_that_says_nothing(server: LLMServer, said: str) -> None:
    assert gap(server, retry_after=said) < 1


def test_a_long_wait_is_left_to_people(server: LLMServer) -> None:
    server.answer = lambda call: failure(429, retry_after="3600")
    error = error_of(provider(server.base_url))
    assert error.fatal
    assert str(error) == f"{server.base_url} asks to wait 3600 s (429). Run again then"
    assert len(server.calls) == 1


def test_a_server_that_only_fails_ends_the_run(server: LLMServer) -> None:
    server.script.append("spam")
    server.answer = lambda call: FAULTS["broken_json"]
    ended = ask(provider(server.base_url), times=1 + GIVE_UP_AFTER)
    errors = [error for error in ended if isinstance(error, ProviderError)]
    assert [error.fatal for error in errors] == [False] * (GIVE_UP_AFTER - 1) + [True]
    assert "20 calls in a row failed. Run again later" in str(errors[-1])


def test_an_answer_now_and_then_keeps_a_run_going(server: LLMServer) -> None:
    server.script.extend(([FAULTS["broken_json"]] * 3 * (GIVE_UP_AFTER - 1) + ["spam"]) * 2)
    ended = ask(provider(server.base_url), times=2 * GIVE_UP_AFTER)
    errors = [error for error in ended if isinstance(error, ProviderError)]
    assert (len(errors), any(error.fatal for error in errors)) == (2 * (GIVE_UP_AFTER - 1), False)
