"""Replies with probabilities, and the second try for those that are none."""

from __future__ import annotations

import math
from typing import Any

import pytest

from annotate.llm.asking import LONGEST_NAME, MOST_NAMED, correction
from annotate.llm.prelabeller import Work
from annotate.llm.prompts import Prompt
from annotate.llm.providers import Reply
from annotate.llm.providers.protocol import PLAIN, Form, Token
from annotate.llm.structured import Abilities
from tests.annotate.support.asking import labelling, make_item
from tests.annotate.support.chatting import finish, make_chat

BOTH = Abilities(json_schema=True, top_logprobs=20)
ITEM = make_item(text="buy now")


def token(text: str, chance: float, **others: float) -> Token:
    told = [(text, math.log(chance)), *((one, math.log(p)) for one, p in others.items())]
    return Token(text, math.log(chance), tuple(told))


SAID = (token('{"label": "', 0.9), token("spam", 0.6, ham=0.2, I=0.15), token('"}', 1.0))


@pytest.mark.parametrize(
    ("text", "finish_reason", "outcome"),
    [
        ('{"label": "spam", "confidence": 0.5}', "stop", "parsed"),
        ('{"label": "spam"}', "length", "truncated"),
        ('{"label": "spam"}', "content_filter", "refused"),
    ],
)
def test_only_an_answer_has_probabilities(text: str, finish_reason: str, outcome: str) -> None:
    chat = make_chat(abilities=BOTH, variants=["instruction"])
    [call] = chat.ready(Work(ITEM, {}))
    tokens = (*SAID[:2], token(text.removeprefix('{"label": "spam'), 1.0))
    answer = finish(chat, call, Reply(text, finish_reason, tokens=tokens))
    assert answer.outcome == outcome
    if outcome == "parsed":
        assert answer.probabilities == pytest.approx({"spam": 0.75, "ham": 0.25})
        assert answer.label_mass == pytest.approx(0.8)
        assert answer.confidence == 0.5
    else:
        assert (answer.probabilities, answer.label_mass) == (None, None)


def test_without_tokens_there_are_no_probabilities() -> None:
    chat = make_chat(abilities=BOTH, variants=["instruction"])
    [call] = chat.ready(Work(ITEM, {}))
    answer = finish(chat, call, Reply("spam", "stop"))
    assert (answer.value, answer.probabilities, answer.label_mass) == ("spam", None, None)


def test_what_is_most_likely_need_not_be_what_came() -> None:
    chat = make_chat(abilities=BOTH, variants=["multiple_choice"])
    [call] = chat.ready(Work(ITEM, {}))
    first = call.asked.words["a"]
    other = call.asked.words["b"]
    answer = finish(chat, call, Reply("A", "stop", tokens=(token("A", 0.25, B=0.75),)))
    assert answer.value == first
    assert answer.probabilities == pytest.approx({first: 0.25, other: 0.75})


# ---- the second try


class Recorder:
    """A provider that keeps what it is asked, and answers with what it was given."""

    model = "recorder"
    dropped = ()

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[Prompt, Form]] = []

    async def complete(self, prompt: Prompt, *, sample: int, form: Form = PLAIN) -> Reply:
        self.asked.append((prompt, form))
        return self.replies.pop(0)

    async def close(self) -> None:
        return None


def test_a_second_try_is_told_what_was_wrong_and_keeps_the_form() -> None:
    recorder = Recorder(Reply('{"label": "spam"}', "stop", tokens=SAID))
    chat = make_chat(provider=recorder, abilities=BOTH, variants=["instruction"])
    [call] = chat.ready(Work(ITEM, {}))
    answer = finish(chat, call, Reply('{"label": "eggs", "confidence": 1}', "stop"))
    assert (answer.outcome, answer.value) == ("repaired", "spam")
    assert answer.reason == "at first: 'eggs' is not an answer"
    assert answer.probabilities == pytest.approx({"spam": 0.75, "ham": 0.25})
    [(prompt, form)] = recorder.asked
    assert form == call.form
    assert form.schema is not None
    *before, said, again = prompt.messages
    assert tuple(before) == call.asked.prompt.messages
    assert (said.role, said.content) == ("assistant", '{"label": "eggs", "confidence": 1}')
    assert again.role == "user"
    assert again.content == (
        "'eggs' is not one of: spam, ham. Answer again, in exactly the form asked for."
    )


def test_a_second_reply_that_is_none_is_the_last() -> None:
    recorder = Recorder(Reply("neither", "stop"))
    chat = make_chat(provider=recorder, variants=["instruction"])
    [call] = chat.ready(Work(ITEM, {}))
    answer = finish(chat, call, Reply("eggs", "stop"), 0.5)
    assert (answer.outcome, answer.reason) == ("invalid", "'neither' is not an answer")
    assert (answer.raw, len(recorder.asked)) == ("neither", 1)


def last_message(reply: str, labels: list[str], language: str = "en", **llm: Any) -> str:
    project, _ = labelling(dict.fromkeys(labels, ""), language=language)
    [call] = make_chat(project=project, variants=["instruction"], **llm).ready(Work(ITEM, {}))
    return correction(call.asked, reply).messages[-1].content


def test_a_second_try_in_chinese() -> None:
    for llm in ({}, {"confidence": False}, {"abilities": BOTH}):
        said = last_message("鸡蛋", ["垃圾", "正常"], "zh", **llm)
        assert said == "'鸡蛋' 不是以下之一：垃圾、正常。请严格按照要求的格式重新回答。"


def test_long_replies_and_many_labels_are_cut() -> None:
    labels = [f"label {at}" for at in range(MOST_NAMED + 1)]
    said = last_message("very " * 200, labels)
    assert said.startswith(f"'{('very ' * 200)[:LONGEST_NAME]}…' is not one of: label 0, label 1, ")
    assert "label 49, …. Answer again" in said
    assert "label 50" not in said


def test_thoughts_without_an_end_are_named_as_they_came() -> None:
    said = last_message("<think>Is it spam?", ["spam", "ham"])
    assert said.startswith("'<think>Is it spam?' is not one of: spam, ham.")
