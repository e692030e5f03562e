"""Pre-labelling through a Batch API, the whole way over HTTP."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from annotate.errors import ProviderError
from annotate.llm.batching.files import Limits
from annotate.workflow.batches.submitting import Pace
from tests.annotate.support.batching import ANSWER_USD, ONE, PRICE, BatchDesk, Before, asked_once
from tests.llm_server import FAULTS, BatchSettings, Call, LLMServer, Step, failure
from tests.llm_server.forked import project
from tests.small import add_items, small_project


def files_of(calls: int) -> Pace:
    return Pace(limits=Limits(calls=calls, bytes=10**6), poll_s=0.001)


def states(desk: BatchDesk, mails: Any) -> list[tuple[int, int, str]]:
    return [(batch.wave, batch.calls, batch.state) for batch in desk.batches(mails)]


def test_the_whole_way(desk: BatchDesk, server: LLMServer) -> None:
    """A challenge follows the answer it leads against, in a second wave."""
    mails = project(server.base_url, price=PRICE, max_tokens=20)
    add_items(desk.store, mails, 10)
    server.answer = lambda call: "spam" if "mail 3" in call.prompt else "ham"
    report = desk.run(mails, files_of(20))
    assert (report.answers.items, report.answers.calls, report.submitted) == (10, 50, 3)
    assert report.answers.outcomes == {"parsed": 50}
    stored = desk.stored(mails)
    assert Counter(prelabel.value for prelabel in stored) == {"ham": 45, "spam": 5}
    assert {prelabel.model for prelabel in stored} == {"test-model"}
    costs = Counter(round(prelabel.cost_usd or 0, 9) for prelabel in stored)
    assert costs == {round(ANSWER_USD, 9): 1, round(ANSWER_USD / 2, 9): 49}
    assert states(desk, mails) == [(1, 20, "fetched"), (1, 19, "fetched"), (2, 10, "fetched")]
    assert report.answers.cost_usd == pytest.approx(ANSWER_USD * (1 + 49 / 2))
    booked = sum(batch.cost_usd or 0 for batch in desk.batches(mails))
    assert booked == pytest.approx(report.answers.cost_usd)
    assert asked_once(server)
    assert len(server.calls) == 1  # made directly, to see that the settings are right
    assert desk.store.prelabels.count_items("mails", "mail") == 10
    first, *_, last = desk.told
    assert first.startswith("mail: 2 batches with 39 calls submitted, at most $0.0")
    assert first.endswith("; you may stop now: run the same command again to go on")
    assert last.startswith("mail: batch 3 (batch_")
    assert last.endswith(") completed: 10 answers")


def test_a_second_run_has_nothing_to_do(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url)
    add_items(desk.store, mails, 3)
    desk.run(mails)
    before = len(server.batches.requests)
    again = desk.run(mails)
    assert (again.answers.calls, again.submitted, again.answers.stopped) == (0, 0, None)
    assert len(server.batches.requests) == before
    add_items(desk.store, mails, 2)
    assert desk.run(mails).answers.calls == 10
    assert asked_once(server)


def test_answers_of_an_earlier_round_are_not_paid_again(desk: BatchDesk, server: LLMServer) -> None:
    few = project(server.base_url, variants=["instruction", "challenge"])
    more = project(server.base_url, variants=["instruction", "paraphrase"])
    add_items(desk.store, few, 4)
    desk.run(few)
    report = desk.run(more)
    assert (report.answers.calls, report.answers.reused) == (4, 4)
    assert asked_once(server)
    assert desk.store.prelabels.count_items("mails", "mail") == 4


def test_what_is_sent_is_what_a_direct_call_sends(desk: BatchDesk, server: LLMServer) -> None:
    mails = small_project(
        language="zh",
        guideline="小心广告。",
        llm=project(server.base_url, temperature=0.5, max_tokens=9).llm.model_dump(
            exclude_unset=True
        ),
    )
    add_items(desk.store, mails, 2)
    desk.run(mails)
    [uploaded] = [f for f in server.files.stored.values() if f.purpose == "batch"][:1]
    assert "小心广告".encode() in uploaded.content
    lines = [json.loads(line) for line in uploaded.content.splitlines()]
    [direct] = [dict(call.body) for call in server.calls]
    assert {frozenset(line["body"]) for line in lines} == {frozenset(direct)}
    assert {line["body"]["temperature"] for line in lines} == {0.5}
    assert {line["body"]["max_tokens"] for line in lines} == {9}
    assert len({line["custom_id"] for line in lines}) == len(lines)
    calls = {prelabel.call for prelabel in desk.stored(mails)}
    assert {line["custom_id"] for line in lines} < calls


def test_a_run_that_goes_on_learns_the_name_again(desk: BatchDesk, server: LLMServer) -> None:
    """Although its first items are in a batch already."""
    mails = project(server.base_url, max_tokens=9, **ONE)
    add_items(desk.store, mails, 300)
    server.answer = wants_max_completion_tokens
    with (
        Before(server, "POST /v1/files", failure(400, "no more files"), skip=1),
        pytest.raises(ProviderError, match="no more files"),
    ):
        desk.run(mails, files_of(280))
    assert desk.run(mails).answers.outcomes == {"parsed": 299}
    assert [batch.calls for batch in desk.batches(mails)] == [280, 18]


def wants_max_completion_tokens(call: Call) -> str | Step:
    if "max_tokens" in call.body:
        return failure(400, "Unsupported parameter", param="max_tokens")
    return "spam"


def test_a_name_that_the_model_wants_is_learnt_before_anything_is_submitted(
    desk: BatchDesk, server: LLMServer
) -> None:
    mails = project(server.base_url, max_tokens=9, **ONE)
    add_items(desk.store, mails, 3)

    server.answer = wants_max_completion_tokens
    assert desk.run(mails).answers.outcomes == {"parsed": 3}
    assert [batch.calls for batch in desk.batches(mails)] == [2]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (failure(404, "no such model", code="model_not_found"), "knows no model 'test-model'"),
        (failure(400, "logprobs are not for you"), "refused the call (400: logprobs are not for"),
    ],
)
def test_a_wrong_setting_shows_before_anything_is_submitted(
    desk: BatchDesk, server: LLMServer, fault: Step, said: str
) -> None:
    mails = project(server.base_url)
    add_items(desk.store, mails, 5)
    server.answer = lambda call: fault
    with pytest.raises(ProviderError) as caught:
        desk.run(mails)
    assert said in str(caught.value)
    assert server.batches.made == {}
    assert desk.stored(mails) == []


def test_a_server_without_a_batch_api_costs_nothing(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url)
    add_items(desk.store, mails, 5)
    server.batches.instead.append(failure(404, "Not Found"))
    with pytest.raises(ProviderError) as caught:
        desk.run(mails)
    assert str(caught.value) == f"{server.base_url} has no Batch API (404): leave out --batch"
    assert server.calls == []
    assert desk.batches(mails) == []


# failures


def test_lines_that_failed_are_asked_again(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url, price=PRICE, **ONE)
    add_items(desk.store, mails, 9)
    once: Counter[str] = Counter()

    def answer(call: Call) -> str | Step:
        once[call.prompt] += 1
        if "mail 4" in call.prompt and once[call.prompt] < 3:
            return failure(500)
        return "ham"

    server.answer = answer
    report = desk.run(mails)
    assert report.answers.outcomes == {"parsed": 9}
    assert [(b.wave, b.calls, b.answered) for b in desk.batches(mails)] == [
        (1, 8, 7),
        (2, 1, 0),
        (3, 1, 1),
    ]
    assert report.answers.cost_usd == pytest.approx(ANSWER_USD + 8 * ANSWER_USD / 2)
    assert desk.told[1].endswith(") completed: 7 answers, 1 failed")


def test_a_line_that_fails_every_time_is_an_error_that_the_next_run_asks_again(
    desk: BatchDesk, server: LLMServer
) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 5)
    server.answer = lambda call: failure(500, "out of order") if "mail 4" in call.prompt else "ham"
    report = desk.run(mails)
    assert report.answers.outcomes == {"parsed": 4, "error": 1}
    assert report.answers.first_error == "500: out of order"
    assert [batch.calls for batch in desk.batches(mails)] == [4, 1, 1]
    [error] = [prelabel for prelabel in desk.stored(mails) if prelabel.outcome == "error"]
    assert (error.reason, error.cost_usd) == ("500: out of order", None)
    server.answer = lambda call: "spam"
    assert desk.run(mails).answers.outcomes == {"parsed": 1}
    assert sorted(p.outcome for p in desk.stored(mails)) == ["error", *["parsed"] * 5]


def test_a_line_that_was_refused_is_not_asked_again(desk: BatchDesk, server: LLMServer) -> None:
    """Nor does a challenge wait for it."""
    mails = project(server.base_url)
    add_items(desk.store, mails, 4)
    refused = failure(400, "context length", code="context_length_exceeded")
    server.answer = lambda call: (
        refused if "mail 2" in call.prompt and "True or false" in call.prompt else "ham"
    )
    report = desk.run(mails)
    assert report.answers.outcomes["error"] == sum("True or false" in p for p in server.served) / 4
    assert report.answers.calls == 20
    assert asked_once(server)


@pytest.mark.parametrize("end", ["expired", "completed"])
def test_lines_without_an_answer_are_asked_again(
    desk: BatchDesk, server: LLMServer, end: Any
) -> None:
    """In an expired batch they were never made; here and there one gets lost."""
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 11)
    server.batches.settings = BatchSettings(polls=2, end=end, answered=6, lost=[2, 5])

    def look(done: int, total: int, cost_usd: float) -> bool:
        return True

    desk.run(mails, Pace(poll_s=0.001, wait=False), on_progress=look)
    assert desk.run(mails, Pace(poll_s=0.001, wait=False)).submitted == 1
    missing = 6 if end == "expired" else 2
    assert [batch.calls for batch in desk.batches(mails)] == [10, missing]
    server.batches.settings = BatchSettings()
    assert desk.run(mails).answers.outcomes == {"parsed": missing}
    asked_again = sorted(server.served.values()).count(2)
    assert asked_again == 2  # what was lost had been made
    assert len(desk.stored(mails)) == 11


def test_a_reply_that_is_no_answer_gets_its_second_try_directly(
    desk: BatchDesk, server: LLMServer
) -> None:
    mails = project(server.base_url, price=PRICE, **ONE)
    add_items(desk.store, mails, 8)

    def answer(call: Call) -> str:
        if "mail 5" in call.prompt:
            return "ham" if len(call.messages) > 2 else "eggs"
        return "eggs" if "mail 6" in call.prompt else "ham"

    server.answer = answer
    report = desk.run(mails)
    assert report.answers.outcomes == {"parsed": 6, "repaired": 1, "invalid": 1}
    assert len(server.calls) == 3  # one before, two second tries
    [repaired] = [p for p in desk.stored(mails) if p.outcome == "repaired"]
    assert repaired.cost_usd == pytest.approx(ANSWER_USD * 1.5)
    [batch] = desk.batches(mails)
    assert (batch.calls, batch.answered, batch.direct) == (7, 7, 3)


@pytest.mark.parametrize("name", ["login_page", "broken_json"])
def test_results_that_cannot_be_read_are_not_taken_for_missing(
    desk: BatchDesk, server: LLMServer, name: str
) -> None:
    mails = project(server.base_url, **ONE)
    add_items(desk.store, mails, 5)
    desk.run(mails, Pace(wait=False))
    desk.run(mails, Pace(wait=False))
    with (
        Before(server, "GET /v1/files/", FAULTS[name]),
        pytest.raises(ProviderError, match="has results that are no JSON lines"),
    ):
        desk.run(mails)
    report = desk.run(mails)
    assert (report.answers.outcomes, report.submitted) == ({"parsed": 4}, 0)
    assert asked_once(server)
