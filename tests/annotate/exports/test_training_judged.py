"""Which single answers count as good or bad, and how votes become soft labels."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotate.exporters import DIALECTS
from annotate.project.file import parse_project
from annotate.training.protocol import Turn
from tests.annotate.exports.teaching import (
    DRAFTS,
    ORDERS,
    RATED,
    REPLIES,
    RESPONSES,
    TOPICS,
    WRITTEN,
    answer,
    call,
    decided,
    made,
    row_of,
)

ITEM = {"question": "Is it?", "reply": "Yes"}


@pytest.mark.parametrize(
    ("verdict", "text", "good"), [("accept", "Yes", True), ("reject", "", False)]
)
def test_accepted_and_rejected_drafts(verdict: str, text: str, good: bool) -> None:
    value = {"verdict": verdict, "text": text}
    [one] = made("judged", row_of(DRAFTS, ITEM, (value,)))
    assert (one.prompt, one.completion) == ((Turn("user", "Is it?"),), "Yes")
    assert (one.good, one.rule) == (good, "draft")


def test_a_corrected_draft_is_neither() -> None:
    fixed = {"verdict": "fix", "text": "Yes!"}
    assert made("judged", row_of(DRAFTS, ITEM, (fixed,))) == [
        "the draft was corrected, neither accepted nor rejected"
    ]


def test_whoever_judges_the_models_draft_has_seen_it() -> None:
    wrote = {"verdict": "write", "text": "Perhaps"}
    for verdict, text in (("accept", "Perhaps"), ("reject", "")):
        said = answer(WRITTEN, {"verdict": verdict, "text": text}, seen="before", said=wrote)
        [one] = made("judged", row_of(WRITTEN, {"question": "Is it?"}, (said,), model=wrote))
        assert (one.completion, one.good) == ("Perhaps", verdict == "accept")


@pytest.mark.parametrize(
    ("ratings", "verdict"),
    [
        ((4,), True),
        ((5,), True),
        ((2,), False),
        ((1,), False),
        ((3,), "rated in the middle of the scale"),
        ((4, 5), True),
        ((1, 2), False),
        ((3, 4), "people are tied"),
        ((1, 5), "people are tied"),
    ],
)
def test_ratings(ratings: tuple[int, ...], verdict: bool | str) -> None:
    [one] = made("judged", row_of(RATED, {"prompt": "Say hi", "response": "Hi!"}, ratings))
    if isinstance(verdict, str):
        assert one == verdict
    else:
        assert (one.prompt, one.completion) == ((Turn("user", "Say hi"),), "Hi!")
        assert (one.good, one.rule) == (verdict, "rating")


CHATS = """
project: chats
title: Chats
fields: [{name: talk, show: chat}]
questions:
  - name: quality
    type: rating
    text: How good is the last reply?
    scale: {min: 0, max: 4}
    aspects: [{name: tone, text: Tone}, {name: facts, text: Facts}]
"""


def test_the_last_turn_of_a_chat_is_what_is_rated() -> None:
    talk = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello!"},
    ]
    row = row_of(parse_project(CHATS), {"talk": json.dumps(talk)}, ({"tone": 4, "facts": 2},))
    [one] = made("judged", row)
    assert one.prompt == (Turn("system", "Be brief."), Turn("user", "Hi"))
    assert (one.completion, one.good) == ("Hello!", True)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("[Instruction, Context, Output]", ("p", "r")),
        ("[instruction, context]", ("p", "c")),
        ("[first, second]", None),
        ("[prompt, a, b]", None),
    ],
)
def test_which_field_a_rating_is_about(fields: str, found: tuple[str, str] | None) -> None:
    project = parse_project(f"""
project: rated
title: Rated
fields: {fields}
questions:
  - {{name: quality, type: rating, text: How good?}}
""")
    texts = dict(zip(project.fields, "pcr", strict=False))
    [one] = made("judged", row_of(project, texts, (5,)))
    if found is None:
        assert one == "no field holds a response that was judged"
    else:
        assert (one.prompt[0].content, one.completion) == found


def test_a_rating_of_a_text_judges_the_models_rating() -> None:
    project = parse_project("""
project: tones
title: Tones
fields: [body]
questions:
  - {name: tone, type: rating, text: How friendly?}
""")
    [one] = made("judged", row_of(project, {"body": "x"}, (5,), model=2))
    assert (one.completion, one.good, one.rule) == ("2", False, "answer")


def test_responses_that_were_chosen() -> None:
    found = made("judged", row_of(REPLIES, RESPONSES, ("b",)))
    assert [(one.completion, one.good) for one in found] == [
        ("Hi!", False),
        ("Go away", True),
        ("Hello", False),
    ]
    found = made("judged", row_of(ORDERS, RESPONSES, (["c", "a", "b"],)))
    assert [(one.completion, one.good) for one in found] == [("Hello", True), ("Go away", False)]


@pytest.mark.parametrize(("model", "good"), [("ham", True), ("spam", False)])
def test_the_models_label(model: str, good: bool) -> None:
    [one] = made("judged", row_of(TOPICS, {"body": "x"}, ("ham",), model=model))
    assert (one.completion, one.good, one.rule) == (model, good, "answer")


# soft labels


def test_soft_labels_are_of_peoples_blind_votes() -> None:
    shown = answer(TOPICS, "spam", 3, seen="before", said="spam")
    row = row_of(TOPICS, {"body": "x"}, ("ham", "spam", "ham", shown), model="spam")
    [spread] = made("spreads", row)
    assert (spread.state, spread.question) == ("x", "Which topic?")
    assert spread.options == ("spam", "ham")
    assert spread.probabilities == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert spread.votes == 3
    [wide] = made("spreads", row, echoes=True)
    assert wide.probabilities == (0.5, 0.5)


def test_soft_labels_of_the_model_where_nobody_has_answered() -> None:
    calls = [call(TOPICS, "spam", variant="a"), call(TOPICS, "ham", variant="b"),
             call(TOPICS, "spam", variant="c"), call(TOPICS, None, "invalid", "d"),
             call(TOPICS, "spam", variant="e")]  # fmt: skip
    [spread] = made("spreads", row_of(TOPICS, {"body": "x"}, destination="auto", calls=calls))
    assert (spread.probabilities, spread.votes) == ((0.75, 0.25), 4)
    assert made("spreads", row_of(TOPICS, {"body": "x"})) == ["nobody has answered"]


def test_soft_labels_of_the_consensus() -> None:
    row = row_of(TOPICS, {"body": "x"}, ("ham",), posterior=(0.125, 0.875))
    [spread] = made("spreads", row, truth="consensus")
    assert (spread.probabilities, spread.votes) == ((0.125, 0.875), 1)


def test_soft_labels_of_a_scale_and_of_several_fields() -> None:
    [spread] = made("spreads", row_of(RATED, {"prompt": "p", "response": "r"}, (4, 4, 5, 1)))
    assert spread.options == ("1", "2", "3", "4", "5")
    assert spread.probabilities == (0.25, 0.0, 0.0, 0.5, 0.25)
    assert spread.state == "prompt: p\n\nresponse: r"


def test_soft_labels_need_answers_to_choose_from() -> None:
    row = row_of(ORDERS, RESPONSES, (["a", "b", "c"],))
    assert made("spreads", row) == ["the question has no fixed answers"]


# votes and rows


def test_votes_are_answers_and_calls() -> None:
    calls = [call(TOPICS, "spam"), call(TOPICS, None, "refused", "w"), call(TOPICS, "eggs")]
    found = made("votes", row_of(TOPICS, {"body": "x"}, ("ham", "eggs"), calls=calls))
    retired = "the answer is no longer one that the project file offers"
    assert [one if isinstance(one, str) else type(one.said).__name__ for one in found] == [
        "Answer", retired, "Prelabel", "Prelabel", retired,
    ]  # fmt: skip


def test_what_is_asked_no_more_is_no_vote_and_a_claim_is_no_whole_one() -> None:
    project = parse_project("""
project: about
title: About
fields: [body]
questions:
  - {name: about, type: multi_label, text: About?, labels: [{name: price}, {name: taste}]}
llm: {provider: openai, model: m, exclude: [paraphrase]}
""")
    calls = [call(project, ["price"], variant="paraphrase"), call(project, ["price"]),
             call(project, {"price": True}, variant="true_false:price")]  # fmt: skip
    [vote, why] = made("votes", row_of(project, {"body": "x"}, calls=calls))
    assert vote.said.variant == "v"
    assert why == "a claim about one of several labels, which is no whole answer"


def test_rows_are_as_they_are() -> None:
    row = row_of(TOPICS, {"body": "x"}, model="spam", destination="auto")
    assert made("rows", row) == [row]
    assert made("rows", row_of(TOPICS, {"body": "x"})) == ["waiting for people"]


def test_the_agreement_is_with_the_label_that_goes_out() -> None:
    """The consensus may go with the one of three who is never wrong."""
    row = row_of(
        TOPICS, {"body": "x"}, ("ham", "ham", "spam"), posterior=(0.75, 0.25),
        consensus_status="disputed", consensus_value="spam", probability=0.75,
    )  # fmt: skip
    [one] = made("rows", row, truth="consensus")
    record = DIALECTS["labels"].record
    assert record is not None
    found = record(one)
    assert isinstance(found, dict)
    assert [found[name] for name in ("label", "votes", "agreement", "posterior")] == [
        "spam", 3, 0.3333, 0.75,
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["ambiguous", "sent_back"])
def test_rows_without_a_label(kind: Any) -> None:
    ruling = decided(TOPICS, None, kind)
    [why] = made("rows", row_of(TOPICS, {"body": "x"}, ("ham",), ruling=ruling))
    assert (kind, type(why).__name__) in [("ambiguous", "str"), ("sent_back", "ExportRow")]
