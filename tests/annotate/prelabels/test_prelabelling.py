"""Pre-labelling on a real store with a real client: nothing lost, nothing paid twice."""

from __future__ import annotations

import logging
import time
from collections import Counter

import pytest

from annotate.errors import AnnotateError, NotAllowed, ProviderError
from annotate.hashing import digest
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.store import open_store
from annotate.workflow.prelabels.prelabelling import prelabel
from tests.llm_server import FAULTS, Call, LLMServer
from tests.llm_server.faults import echo
from tests.llm_server.fixtures import World, over_http
from tests.llm_server.forked import KEY, project
from tests.small import START, add_items, someone

DEFAULT = ["challenge", "instruction", "multiple_choice", "paraphrase", "text_first"]


def test_every_item_is_asked_in_every_way(world: World, server: LLMServer) -> None:
    mails = project(server.base_url)
    ids = add_items(world.store, mails, 3)
    seen: list[tuple[int, int]] = []
    server.answer = lambda call: "ham\nconfidence: 0.75"
    report = world.prelabel(mails, on_progress=lambda *told: seen.append(told[:2]) is None)
    assert (report.items, report.calls, report.outcomes) == (3, 15, {"parsed": 15})
    assert (report.resumed, report.first_error, report.examples) == (False, None, 0)
    assert seen[-1] == (3, 3)
    assert set(server.served.values()) == {1}
    stored = world.stored(mails)
    assert Counter(p.item_id for p in stored) == dict.fromkeys(ids, 5)
    assert sorted(p.variant for p in stored if p.item_id == ids[0]) == DEFAULT
    hashes = {digest(call.messages) for call in server.calls}
    assert {p.prompt_hash for p in stored} == hashes
    for one in stored:
        assert (one.value, one.confidence, one.model) == ("ham", 0.75, "test-model")
        assert (one.raw, one.finish_reason) == ("ham\nconfidence: 0.75", "stop")
        assert (one.tokens_in, one.tokens_out) == (40, 2)
        assert one.seconds is not None
        assert one.prompt_version == f"single_label/en/{one.variant}.v1+system.v1"


def test_a_second_run_asks_nothing(world: World, server: LLMServer) -> None:
    mails = project(server.base_url)
    add_items(world.store, mails, 3)
    world.prelabel(mails)
    again = world.prelabel(mails)
    assert (again.items, again.calls, again.resumed) == (0, 0, False)
    add_items(world.store, mails, 1)
    more = world.prelabel(mails)
    assert (more.items, more.calls) == (1, 5)
    assert len(server.calls) == 20


def test_samples_and_single_variants(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["question"], samples=3)
    add_items(world.store, mails, 2)
    assert world.prelabel(mails).calls == 6
    assert sorted(p.sample for p in world.stored(mails)) == [0, 0, 1, 1, 2, 2]


def test_other_settings_are_another_round(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["question"])
    add_items(world.store, mails, 2)
    world.prelabel(mails)
    same = project(server.base_url, variants=["question"], concurrency=1, timeout_s=9)
    assert world.prelabel(same).calls == 0
    for change in ({"temperature": 0.5}, {"confidence": False}, {"samples": 2}):
        other = project(server.base_url, variants=["question"], **change)
        assert world.prelabel(other).calls == 2  # of two samples, the first ones are known
    guided = mails.model_copy(update={"guideline": "Be fair."})
    assert world.prelabel(guided).calls == 2


def test_who_may_and_with_what(world: World, server: LLMServer) -> None:
    mails = project(server.base_url)
    with pytest.raises(AnnotateError, match="has no items yet"):
        world.prelabel(mails)
    add_items(world.store, mails, 1)
    ann = someone(world.store, "Ann")
    with pytest.raises(NotAllowed):
        prelabel(
            world.store, mails, mails.questions[0], over_http(mails),
            actor=ann, clock=lambda: START, new_id=lambda: "r",
        )  # fmt: skip
    assert not server.calls


def test_a_challenge_leads_against_what_most_answers_say(world: World, server: LLMServer) -> None:
    mails = project(server.base_url)
    add_items(world.store, mails, 1)

    def answer(call: Call) -> str:
        if "Do you agree?" in call.prompt:
            return "no"
        return "ham" if "text above" in call.prompt else "spam"

    server.answer = answer
    world.prelabel(mails)
    said = {p.variant: p.value for p in world.stored(mails)}
    assert said == {
        "instruction": "spam",
        "text_first": "ham",
        "paraphrase": "spam",
        "multiple_choice": "spam",
        "challenge": "spam",
    }
    assert 'is not "spam". Do you agree?' in server.calls[-1].prompt


def test_without_an_answer_there_is_nothing_to_challenge(world: World, server: LLMServer) -> None:
    mails = project(server.base_url)
    add_items(world.store, mails, 1)
    server.answer = lambda call: "eggs"
    assert world.prelabel(mails).outcomes == {"invalid": 4, "abstained": 1}
    assert len(server.calls) == 8  # each reply that was no answer was sent back once
    assert world.prelabel(mails).calls == 0


def test_a_reply_in_the_wrong_form_may_be_repaired_once(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["instruction"])
    [one] = add_items(world.store, mails, 1)
    server.answer = lambda call: "ham" if len(call.messages) == 4 else "It is ham, I think."
    report = world.prelabel(mails)
    assert (report.calls, report.outcomes) == (1, {"repaired": 1})
    [stored] = world.stored(mails)
    assert (stored.item_id, stored.value, stored.outcome) == (one, "ham", "repaired")
    assert stored.reason == "at first: 'It is ham, I think.' is not an answer"
    assert stored.tokens_in == 80  # both calls
    first, second = server.calls
    assert second.messages[:2] == first.messages
    assert list(second.messages[2]) == ["assistant", "It is ham, I think."]


def test_a_cap_on_calls_ends_the_run_cleanly_and_the_next_goes_on(
    world: World, server: LLMServer
) -> None:
    mails = project(server.base_url, max_calls=7, concurrency=4)
    add_items(world.store, mails, 4)
    server.answer = lambda call: "ham"
    report = world.prelabel(mails)
    assert report.stopped == "`llm.max_calls` of 7 is reached"
    assert (report.calls, len(server.calls)) == (7, 7)
    for done in (14, 20):
        world.prelabel(mails)
        assert len(server.calls) == done
    assert set(server.served.values()) == {1}
    assert len(world.stored(mails)) == 20


def test_a_cap_on_cost_is_never_passed(world: World, server: LLMServer) -> None:
    price = {"usd_per_m_in": 1000.0, "usd_per_m_out": 0.0, "as_of": "2026-11-01"}
    mails = project(server.base_url, price=price, max_cost_usd=3.0, max_tokens=5, concurrency=8)
    add_items(world.store, mails, 40)
    server.answer = lambda call: "ham"
    report = world.prelabel(mails)
    assert report.stopped is not None
    assert "could be passed by the next call" in report.stopped
    assert report.cost_usd is not None
    assert 1.0 < report.cost_usd <= 3.0
    assert sum(p.cost_usd or 0 for p in world.stored(mails)) == pytest.approx(report.cost_usd)


def test_a_run_that_is_asked_to_stop_keeps_what_it_has(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, concurrency=2)
    add_items(world.store, mails, 20)
    server.answer = lambda call: "ham"
    report = world.prelabel(mails, on_progress=lambda done, total, cost: done < 5)
    assert report.stopped == "stopped as asked"
    assert 5 <= report.items < 20
    assert world.prelabel(mails).items + report.items == 20
    assert set(server.served.values()) == {1}


# ---- how calls end

OUTCOMES = {
    "parsed": {"odd_usage", "huge_usage", "no_usage", "odd_finish"},
    "refused": {"refusal", "content_filter"},
    "truncated": {"cut_off"},
    "invalid": {
        "empty", "content_null", "wrong_label", "prefixed_label", "two_labels", "half_json",
        "chatter", "unclosed_thought", "half_character",
    },
}  # fmt: skip
FATAL = {"quota", "402"}  # also for a server that has answered before


def outcome_of(fault: str) -> str:
    return next((name for name, faults in OUTCOMES.items() if fault in faults), "error")


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - FATAL))
def test_outcomes(world: World, server: LLMServer, fault: str) -> None:
    patience = 0.4 if fault in ("hang", "drip") else 5.0
    mails = project(server.base_url, variants=["question"], timeout_s=patience, concurrency=1)
    good, odd = add_items(world.store, mails, 2)
    server.answer = lambda call: FAULTS[fault] if "mail 1" in call.prompt else "ham"
    report = world.prelabel(mails)
    by_item = {p.item_id: p for p in world.stored(mails)}
    assert (by_item[good].outcome, by_item[good].value) == ("parsed", "ham")
    assert by_item[odd].outcome == outcome_of(fault)
    assert by_item[odd].value == ("spam" if outcome_of(fault) == "parsed" else None)
    assert (by_item[odd].reason is None) == (outcome_of(fault) == "parsed")
    assert (report.first_error is None) == (outcome_of(fault) != "error")
    # errors are asked again by the next run, everything else is over
    server.calls.clear()
    server.answer = lambda call: "ham"
    again = world.prelabel(project(server.base_url, variants=["question"]))
    assert again.resumed == (outcome_of(fault) == "error")
    assert len(server.calls) == (1 if outcome_of(fault) == "error" else 0)
    assert all("mail 1" in call.prompt for call in server.calls)


def test_errors_of_some_calls_are_asked_again_alone(world: World, server: LLMServer) -> None:
    mails = project(server.base_url)
    add_items(world.store, mails, 4)
    server.answer = lambda call: (
        FAULTS["400"] if "Possible" in call.prompt or "(A)" in call.prompt else "spam"
    )
    server.script.append("spam")
    first = world.prelabel(mails)
    assert first.outcomes == {"parsed": 16, "error": 4}
    assert "context length" in str(first.first_error)
    server.served.clear()
    second = world.prelabel(mails)
    assert (second.outcomes, second.resumed) == ({"error": 4}, True)
    server.answer = lambda call: "ham"
    third = world.prelabel(mails)
    assert (third.outcomes, third.items) == ({"parsed": 4}, 4)
    assert all("(A)" in prompt for prompt in server.served)
    stored = Counter((p.variant, p.outcome) for p in world.stored(mails))
    assert stored["multiple_choice", "error"] == 8  # nothing that happened is forgotten
    assert stored["multiple_choice", "parsed"] == 4
    assert world.prelabel(mails).calls == 0


def test_a_challenge_waits_for_answers_that_failed(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["instruction", "challenge"])
    add_items(world.store, mails, 1)
    server.answer = lambda call: FAULTS["broken_json"]
    assert world.prelabel(mails).outcomes == {"error": 2}
    server.answer = lambda call: "spam"
    assert world.prelabel(mails).outcomes == {"parsed": 2}
    assert 'is not "spam". Do you agree?' in server.calls[-1].prompt


# ---- what ends a run at once


def test_a_wrong_address_is_told_once_and_recorded_nowhere(world: World) -> None:
    mails = project("http://127.0.0.1:9/v1")
    add_items(world.store, mails, 50)
    chat = ChatPrelabeller(mails, mails.questions[0], OpenAIChat(mails.llm, KEY))
    started = time.perf_counter()
    with pytest.raises(ProviderError, match="cannot be reached") as caught:
        world.prelabel(mails, chat)
    assert time.perf_counter() - started < 20
    assert caught.value.fatal
    assert "\n" not in str(caught.value)
    assert world.stored(mails) == []


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("refused the key", {"key": "another"}),
        ("knows no model", {"model": "tset-model"}),
        ("answered with a page", {"answer": "login_page"}),
        ("quota is used up", {"answer": "quota"}),
    ],
)
def test_wrong_settings_are_told_once(
    world: World, server: LLMServer, why: str, changes: dict[str, str]
) -> None:
    server.key = changes.get("key")
    if "answer" in changes:
        server.answer = lambda call: FAULTS[changes["answer"]]
    mails = project(server.base_url, model=changes.get("model", "test-model"))
    add_items(world.store, mails, 50)
    with pytest.raises(ProviderError, match=why) as caught:
        world.prelabel(mails)
    assert "\n" not in str(caught.value)
    assert len(server.calls) <= mails.llm.concurrency
    assert world.stored(mails) == []


def test_what_was_answered_before_the_end_is_kept(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, concurrency=1)
    add_items(world.store, mails, 10)
    server.script.extend(["spam"] * 12)
    server.answer = lambda call: FAULTS["quota"]
    with pytest.raises(ProviderError, match="quota"):
        world.prelabel(mails)
    assert len(world.stored(mails)) == 12
    server.answer = lambda call: "spam"
    report = world.prelabel(mails)
    assert (report.calls, report.resumed) == (38, True)
    assert len(server.calls) == 51
    assert max(server.served.values()) == 2
    assert sum(n == 2 for n in server.served.values()) == 1  # the one that met the quota


# ---- the key


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_the_key_is_nowhere(
    world: World, server: LLMServer, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer = lambda call: echo(status, "You sent {}.")
    mails = project(server.base_url, variants=["question"])
    add_items(world.store, mails, 2)
    told = ""
    try:
        told = repr(world.prelabel(mails))
    except ProviderError as error:
        told = repr(error)
    assert server.calls[0].key == KEY
    world.store.close()
    for file in world.database.parent.iterdir():
        assert KEY.encode() not in file.read_bytes()
    assert b"You sent [key]." in world.database.read_bytes() or status == 401
    assert KEY not in told + caplog.text
    world.store = open_store(world.database)
