"""Which answers are taken as examples, and by which rule."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.project.file import parse_project
from annotate.training.protocol import Turn
from tests.annotate.exports.teaching import (
    DRAFTS,
    ORDERS,
    REPLIES,
    RESPONSES,
    TOPICS,
    WRITTEN,
    answer,
    decided,
    made,
    row_of,
)

NO_MODEL = "no usable answer from the model"
DISAGREE = "person and model disagree"
UNCONFIRMED = "nobody has confirmed the answer"


@pytest.mark.parametrize(
    ("people", "model", "ruled", "rules", "completion", "by"),
    [
        (("ham",), "ham", None, {"agreed"}, "ham", "agreed"),
        (("ham",), "spam", None, {"agreed"}, DISAGREE, None),
        (("ham",), None, None, {"agreed"}, NO_MODEL, None),
        (("ham",), "ham", None, {"confirmed"}, UNCONFIRMED, None),
        (("ham", "ham"), "spam", None, {"confirmed"}, "ham", "confirmed"),
        (("ham", "ham", "spam"), None, None, {"agreed", "confirmed"}, "ham", "confirmed"),
        (("ham", "ham"), "ham", None, {"agreed", "confirmed"}, "ham", "agreed"),
        (("spam",), "spam", "ham", {"confirmed"}, "ham", "confirmed"),
        ((), None, "ham", {"adjudicated", "confirmed"}, "ham", "adjudicated"),
        (("ham", "ham"), "ham", None, {"adjudicated"}, UNCONFIRMED, None),
        (("ham",), None, None, {"human"}, "ham", "human"),
        (("ham",), "spam", None, {"human", "agreed"}, "ham", "human"),
    ],
)
def test_rules_of_labels(
    people: Any, model: Any, ruled: Any, rules: set[str], completion: str, by: str | None
) -> None:
    ruling = None if ruled is None else decided(TOPICS, ruled)
    row = row_of(TOPICS, {"body": "x"}, people, model=model, ruling=ruling)
    [one] = made("examples", row, sft_from=frozenset(rules))
    assert (one, None) == (completion, by) if by is None else one.completion == completion
    assert by is None or one.rule == by


def test_the_prompt_is_what_the_model_is_asked() -> None:
    row = row_of(TOPICS, {"body": "Win now"}, ("spam",), model="spam")
    [example] = made("examples", row)
    asked = (
        "Read the text and answer: Which topic?\n"
        "Choose exactly one of these labels:\n- spam\n- ham\n\n"
        "Text:\n<<<Win now>>>\n\nAnswer with the label only, spelled as above."
    )
    assert example.prompt == (Turn("user", asked),)
    [guided] = made("examples", row, guideline=True)
    assert guided.prompt == (Turn("system", "Read twice."), Turn("user", asked))


def test_the_consensus_decides_where_people_differ() -> None:
    """posterior: of spam and ham, in the order of the labels."""
    row = row_of(
        TOPICS, {"body": "x"}, ("ham", "spam"), model="ham", posterior=(0.2, 0.8),
        consensus_status="disputed", consensus_value="ham",
    )  # fmt: skip
    [example] = made("examples", row, truth="consensus")
    assert (example.completion, example.rule) == ("ham", "agreed")
    [label] = made("rows", row, truth="consensus")
    assert (label.final.value, label.final.source) == ("ham", "person")
    assert made("examples", row, truth="consensus", min_posterior=0.81) == [
        "the probability is below the least one"
    ]
    assert len(made("examples", row, truth="consensus", min_posterior=0.8)) == 1


def test_a_lead_goes_before_the_consensus() -> None:
    row = row_of(
        TOPICS, {"body": "x"}, ("ham", "ham"), model="ham", ruling=decided(TOPICS, "spam"),
        posterior=(0.1, 0.9), consensus_status="agreed", consensus_value="ham",
    )  # fmt: skip
    [example] = made("examples", row, truth="consensus", min_posterior=0.5)
    assert example.completion == "spam"


def test_the_least_margin_is_of_peoples_votes() -> None:
    row = row_of(TOPICS, {"body": "x"}, ("ham", "ham", "spam"))
    assert len(made("examples", row, min_margin=1 / 3)) == 1
    assert made("examples", row, min_margin=0.34) == ["the lead is below the least margin"]
    ruled = row_of(TOPICS, {"body": "x"}, ("ham", "spam"), ruling=decided(TOPICS, "ham"))
    assert len(made("examples", ruled, min_margin=0.9)) == 1


def test_of_responses_the_better_one() -> None:
    row = row_of(REPLIES, RESPONSES, ("b",), model="b")
    [example] = made("examples", row)
    assert example.prompt == (Turn("user", "Say hi"),)
    assert example.completion == "Go away"
    ranked = row_of(ORDERS, RESPONSES, (["c", "a", "b"], ["c", "a", "b"]))
    [best] = made("examples", ranked)
    assert (best.prompt[0].content, best.completion) == ("Say hi", "Hello")


def test_how_strongly_does_not_matter_to_who_learns_from_the_better_one() -> None:
    project = parse_project("""
project: strong
title: Strong
fields: [prompt, x, y]
questions:
  - {name: better, type: preference, text: Better?, prompt: prompt, responses: [x, y], strength: 3}
""")
    fields = {"prompt": "Say hi", "x": "Hi!", "y": "No."}
    row = row_of(
        project, fields, ({"choice": "a", "strength": 1},), model={"choice": "a", "strength": 3}
    )
    [example] = made("examples", row)
    assert (example.completion, example.rule) == ("Hi!", "agreed")


FIX = {"verdict": "fix", "text": "Yes, it is."}
KEEP = {"verdict": "accept", "text": "Yes"}
NO = {"verdict": "reject", "text": ""}


@pytest.mark.parametrize(
    ("value", "completion"),
    [(FIX, "Yes, it is."), (KEEP, "Yes"), (NO, "the draft was rejected")],
)
def test_a_text_is_confirmed_by_who_wrote_it(value: Any, completion: str) -> None:
    """A draft is a response to the item's other fields, and no part of the prompt."""
    row = row_of(DRAFTS, {"question": "Is it?", "reply": "Yes"}, (value,))
    [one] = made("examples", row)
    if isinstance(one, str):
        assert one == completion
    else:
        assert (one.prompt, one.completion) == ((Turn("user", "Is it?"),), completion)
        assert one.rule == "confirmed"


def test_a_models_draft_that_people_only_accept_is_an_echo() -> None:
    wrote = {"verdict": "write", "text": "Yes"}
    kept = answer(WRITTEN, KEEP, seen="before", said=wrote)
    row = row_of(WRITTEN, {"question": "Is it?"}, (kept,), model=wrote)
    assert made("examples", row) == ["people only repeated an answer that they were shown"]
    assert len(made("examples", row, echoes=True)) == 1
    fixed = answer(WRITTEN, FIX, seen="before", said=wrote)
    [example] = made("examples", row_of(WRITTEN, {"question": "Is it?"}, (fixed,), model=wrote))
    assert example.completion == "Yes, it is."


def test_nothing_empty() -> None:
    row = row_of(REPLIES, RESPONSES | {"prompt": " "}, ("a",), model="a")
    assert made("examples", row) == ["the prompt or a response is empty"]
