"""The calls of one item, taken apart: what can be asked now, and what its reply comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from annotate.errors import ProviderError
from annotate.llm.asking import Ready
from annotate.llm.books.ledger import Ledger
from annotate.llm.prelabeller import Answer, Work
from annotate.llm.prompts import Prompt
from annotate.llm.providers import Reply
from tests.annotate.support.asking import labelling, make_item
from tests.annotate.support.chatting import answers, finish, make_chat

ITEM = make_item(text="buy now")
FIRST = ["instruction", "text_first", "paraphrase", "multiple_choice"]


def names(calls: Sequence[Ready]) -> list[tuple[str, int]]:
    return [(call.variant, call.sample) for call in calls]


# ---- what can be asked


def test_a_challenge_is_ready_when_all_other_calls_are_done() -> None:
    chat = make_chat(samples=2)
    first = chat.ready(Work(ITEM, {}))
    assert names(first) == [(name, sample) for name in FIRST for sample in (0, 1)]
    done: dict[tuple[str, int], str | None] = dict.fromkeys(names(first), "ham")
    del done["paraphrase", 1]
    assert names(chat.ready(Work(ITEM, done))) == [("paraphrase", 1)]
    done["paraphrase", 1] = None
    last = chat.ready(Work(ITEM, done))
    assert names(last) == [("challenge", 0), ("challenge", 1)]
    assert all('is not "ham". Do you agree?' in c.asked.prompt.messages[1].content for c in last)


def test_a_challenge_does_not_wait_for_calls_that_failed() -> None:
    chat = make_chat()
    done = {("instruction", 0): "ham", ("text_first", 0): "spam", ("paraphrase", 0): None}
    assert names(chat.ready(Work(ITEM, done))) == [("multiple_choice", 0)]
    [challenge] = chat.ready(Work(ITEM, done), {("multiple_choice", 0)})
    assert challenge.variant == "challenge"
    assert 'is not "ham"' in challenge.asked.prompt.messages[1].content  # the earlier of a tie
    assert not chat.ready(Work(ITEM, done | {("challenge", 0): "ham"}), {("multiple_choice", 0)})


def test_without_a_first_answer_there_is_no_challenge() -> None:
    chat = make_chat(variants=["instruction", "challenge"])
    work = Work(ITEM, {("instruction", 0): None})
    assert chat.ready(work) == []
    [answer] = chat.not_askable(work)
    assert (answer.variant, answer.outcome) == ("challenge", "abstained")
    assert answer.reason == "not asked: there is no first answer to challenge"
    nothing = Work(ITEM, {})
    assert chat.ready(nothing, {("instruction", 0)}) == []
    [answer] = chat.not_askable(nothing, {("instruction", 0)})
    assert (answer.variant, answer.outcome) == ("challenge", "error")
    done = Work(ITEM, {("instruction", 0): "ham", ("challenge", 0): "ham"})
    assert (chat.ready(done), chat.not_askable(done)) == ([], [])


def test_every_sample_of_a_challenge_asks_the_same() -> None:
    asked: list[str] = []

    def answer(prompt: Prompt, sample: int) -> str:
        asked.append(prompt.messages[1].content)
        return "spam" if "Do you agree?" not in asked[-1] else "ham"

    answers(make_chat(answer, variants=["instruction", "challenge"], samples=3), Work(ITEM, {}))
    assert len(asked) == 6
    assert len(set(asked[3:])) == 1


# ---- which call is which


def test_a_call_is_known_by_all_that_is_sent_and_meant() -> None:
    project, _ = labelling({"spam": "", "ham": ""})
    about: dict[str, Any] = {"variants": ["true_false"]}
    others = [
        make_chat(project=labelling({"spam": "", "eggs": ""})[0], **about),  # the words change
        make_chat(project=project, temperature=0.5, **about),
        make_chat(project=project, top_p=0.5, **about),
        make_chat(project=project, max_tokens=5, **about),
        make_chat(project=project, base_url="http://elsewhere/v1", **about),
        make_chat(project=project, confidence=False, **about),
        make_chat(project=project, samples=2, **about),
    ]
    calls = [chat.ready(Work(ITEM, {})) for chat in (make_chat(project=project, **about), *others)]
    by_chat = [[call.call for call in of_chat if call.variant == "true_false:spam"]
               for of_chat in calls]  # fmt: skip
    assert len({of_chat[0] for of_chat in by_chat[:-1]}) == 7
    assert by_chat[-1][0] == by_chat[0][0]  # the first sample is the same call
    assert by_chat[-1][1] != by_chat[0][0]
    # the prompt is the same where only the meaning of "false" is another
    assert calls[0][0].asked.prompt.hash == calls[1][0].asked.prompt.hash


def test_what_an_earlier_round_has_is_taken_over() -> None:
    def refuse(prompt: Prompt, sample: int) -> str:
        raise AssertionError("asked again")

    chat = make_chat(refuse, variants=["question"])
    [call] = chat.ready(Work(ITEM, {}))
    known = Answer(ITEM.id, "question", 0, "parsed", "ham", reused_from="p17", call=call.call)
    [taken] = answers(chat, Work(ITEM, {}, {call.call: known, "another": known}))
    assert taken == known
    assert (taken.cost_usd, taken.tokens_in, taken.seconds) == (None, None, None)


def test_a_challenge_builds_on_answers_taken_over() -> None:
    chat = make_chat(lambda prompt, sample: "no", variants=["instruction", "challenge"])
    [call] = chat.ready(Work(ITEM, {}))
    known = Answer(ITEM.id, "instruction", 0, "parsed", "ham", reused_from="p17", call=call.call)
    first, second = answers(chat, Work(ITEM, {}, {call.call: known}))
    assert (first.reused_from, second.reused_from) == ("p17", None)
    assert (second.variant, second.value) == ("challenge", "ham")


# ---- what a reply comes to


@pytest.fixture
def call() -> Ready:
    return make_chat(variants=["instruction"]).ready(Work(ITEM, {}))[0]


@pytest.mark.parametrize(
    ("reply", "outcome", "value"),
    [
        (Reply("ham", "stop", tokens_in=9, tokens_out=1), "parsed", "ham"),
        (Reply("ham", "length"), "truncated", None),
        (Reply(None, "content_filter"), "refused", None),
        (Reply(None, "stop", refusal="No."), "refused", None),
        (Reply("", "stop"), "invalid", None),
        (ProviderError("the server is busy"), "error", None),
    ],
)
def test_finished(
    call: Ready, reply: Reply | ProviderError, outcome: str, value: str | None
) -> None:
    answer = finish(make_chat(), call, reply, 0.25)
    assert (answer.outcome, answer.value) == (outcome, value)
    assert (answer.item_id, answer.variant, answer.sample) == (ITEM.id, "instruction", 0)
    assert (answer.call, answer.prompt_hash) == (call.call, call.asked.prompt.hash)
    assert answer.cost_usd == (None if isinstance(reply, ProviderError) else 0.25)


def test_a_fatal_error_ends_the_run(call: Ready) -> None:
    with pytest.raises(ProviderError, match="refused the key"):
        finish(make_chat(), call, ProviderError("refused the key", fatal=True))


def test_a_repair_that_fails_keeps_what_was_paid(call: Ready) -> None:
    said = Reply("eggs", "stop", tokens_in=9, tokens_out=1)

    def down(prompt: Prompt, sample: int) -> str:
        raise ProviderError("the server is down")

    capped = Ledger(max_calls=0)
    for chat, why in (
        (make_chat(down), "the server is down"),
        (make_chat(ledger=capped), "`llm.max_calls` of 0 is reached"),
    ):
        answer = finish(chat, call, said, 0.25)
        assert (answer.outcome, answer.value) == ("error", None)
        assert answer.reason == f"'eggs' is not an answer; no second reply: {why}"
        assert (answer.cost_usd, answer.tokens_in, answer.raw) == (0.25, 9, "eggs")


def test_answers_are_made_of_ready_and_finished_calls() -> None:
    chat = make_chat(lambda prompt, sample: "ham", variants=["instruction", "true_false"])
    whole = answers(chat, Work(ITEM, {}))
    parts = [finish(chat, c, Reply("ham", "stop")) for c in chat.ready(Work(ITEM, {}))]
    assert [replace(answer, seconds=None) for answer in whole] == [
        replace(answer, seconds=None) for answer in parts
    ]
    assert all(answer.seconds is not None for answer in whole)
