"""What never becomes training data, whichever material it would be made into."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.exporters.protocol import Answer
from annotate.training.protocol import Rules
from tests.annotate.exports.teaching import (
    ORDERS,
    REPLIES,
    RESPONSES,
    TOPICS,
    answer,
    call,
    decided,
    made,
    row_of,
)

TRAINING = ("examples", "pairs", "judged")
ALL: dict[str, Any] = {
    "sft_from": frozenset({"agreed", "confirmed", "adjudicated", "human", "model"})
}
"""The widest rules that can be asked for, but for echoes."""

ECHO = "people only repeated an answer that they were shown"


def echoed(value: str, at: int = 0) -> Answer:
    return answer(TOPICS, value, at, seen="before", said=value)


@pytest.mark.parametrize("material", TRAINING)
@pytest.mark.parametrize("rules", [{}, ALL], ids=["strict", "widest"])
def test_never_from_people_who_are_tied(material: str, rules: dict[str, Any]) -> None:
    row = row_of(TOPICS, {"body": "x"}, ("ham", "spam"), model="spam")
    assert made(material, row, **rules) == ["people are tied"]
    row = row_of(REPLIES, RESPONSES, ("a", "b"), model="a")
    assert made(material, row, **rules) == ["people are tied"]


@pytest.mark.parametrize("material", TRAINING)
def test_never_from_an_answer_that_is_a_tie(material: str) -> None:
    row = row_of(REPLIES, RESPONSES, ("tie", "tie"), model="tie")
    assert made(material, row, **ALL) == ["the answer is a tie"]
    row = row_of(REPLIES, RESPONSES, ("a",), ruling=decided(REPLIES, "tie"))
    assert made(material, row, **ALL) == ["the answer is a tie"]


@pytest.mark.parametrize("material", [*TRAINING, "spreads"])
def test_never_from_ambiguous_items(material: str) -> None:
    row = row_of(
        TOPICS, {"body": "x"}, ("ham", "ham"), model="spam",
        ruling=decided(TOPICS, None, "ambiguous"),
        consensus_value="ham", consensus_status="ambiguous", posterior=(0.1, 0.9),
    )  # fmt: skip
    for truth in ("people", "consensus"):
        assert made(material, row, truth=truth, **ALL) == ["marked as ambiguous"]


@pytest.mark.parametrize("material", TRAINING)
def test_never_from_unresolved_disagreement(material: str) -> None:
    """The consensus may decide between people who differ; half of the probability is no decision,
    and neither is a label that no person has said."""
    differing: dict[str, Any] = {"consensus_status": "disputed", "consensus_value": "ham"}
    row = row_of(
        TOPICS, {"body": "x"}, ("ham", "spam"), model="spam", posterior=(0.5, 0.5), **differing
    )
    unresolved = ["the disagreement is not resolved"]
    assert made(material, row, truth="consensus", **ALL) == unresolved
    against = row_of(
        TOPICS, {"body": "x"}, ("spam",), model="ham", posterior=(0.3, 0.7),
        consensus_status="single", consensus_value="ham",
    )  # fmt: skip
    assert made(material, against, truth="consensus", **ALL) == unresolved


@pytest.mark.parametrize("material", TRAINING)
def test_never_from_echoes(material: str) -> None:
    """People who were shown the model's answer and said the same, and nobody who was not."""
    row = row_of(TOPICS, {"body": "x"}, (echoed("ham", 0), echoed("ham", 1)), model="ham")
    assert made(material, row, **ALL) == [ECHO]
    blind = answer(TOPICS, "ham", 2)
    with_blind = row_of(TOPICS, {"body": "x"}, (*row.answers, blind), model="ham")
    assert made(material, with_blind, **ALL) != [ECHO]


def test_an_older_record_of_what_was_shown_is_an_echo_of_what_the_routing_kept() -> None:
    row = row_of(TOPICS, {"body": "x"}, (answer(TOPICS, "ham", seen="before"),), model="ham")
    assert made("examples", row, **ALL) == [ECHO]


def test_echoes_on_request() -> None:
    row = row_of(TOPICS, {"body": "x"}, (echoed("ham"),), model="ham")
    [example] = made("examples", row, echoes=True)
    assert (example.completion, example.rule) == ("ham", "agreed")
    [judged] = made("judged", row, echoes=True)
    assert (judged.completion, judged.good) == ("ham", True)


def test_whoever_sees_an_answer_and_says_another_is_no_echo() -> None:
    """It teaches what is right; that the model is wrong takes somebody who had not seen it."""
    row = row_of(
        TOPICS, {"body": "x"}, (answer(TOPICS, "ham", seen="before", said="spam"),), model="spam"
    )
    [example] = made("examples", row, sft_from=frozenset({"human"}))
    assert example.completion == "ham"
    assert made("pairs", row) == [ECHO]


def test_what_is_revealed_after_the_answer_is_no_echo() -> None:
    row = row_of(
        TOPICS, {"body": "x"}, (answer(TOPICS, "ham", seen="after", said="ham"),), model="ham"
    )
    [example] = made("examples", row)
    assert example.rule == "agreed"


def test_never_from_what_the_model_said_wrongly() -> None:
    """An invalid reply leaves no label of the model's to compare with."""
    calls = (call(TOPICS, None, "invalid"),)
    row = row_of(TOPICS, {"body": "x"}, ("ham",), model=None, calls=calls)
    for material in TRAINING:
        assert made(material, row) == ["no usable answer from the model"]
    alone = row_of(TOPICS, {"body": "x"}, model=None, destination="auto", calls=calls)
    for material in TRAINING:
        assert made(material, alone, **ALL) == ["no usable answer from the model"]
    assert made("spreads", alone) == ["nobody has answered"]


@pytest.mark.parametrize("material", [*TRAINING, "spreads"])
def test_never_from_what_the_model_refused(material: str) -> None:
    row = row_of(TOPICS, {"body": "x"}, ("ham", "ham"), model="spam", refused=True)
    assert made(material, row, **ALL) == ["the model refused it"]
    ranked = row_of(ORDERS, RESPONSES, (["a", "b", "c"],), refused=True)
    expected = (
        "the question has no fixed answers" if material == "spreads" else "the model refused it"
    )
    assert made(material, ranked, **ALL) == [expected]


@pytest.mark.parametrize("material", TRAINING)
@pytest.mark.parametrize(
    ("destination", "why"),
    [
        (None, "not routed yet"),
        ("annotate", "waiting for people"),
        ("audit", "waiting for people"),
        ("strong", "waiting for the stronger model"),
    ],
)
def test_never_from_what_nobody_stands_by(material: str, destination: Any, why: str) -> None:
    row = row_of(TOPICS, {"body": "x"}, model="spam", destination=destination)
    assert made(material, row, **ALL) == [why]


def test_pairs_and_verdicts_are_never_the_models_alone() -> None:
    row = row_of(TOPICS, {"body": "x"}, model="spam", destination="auto")
    for material in ("pairs", "judged"):
        assert made(material, row, **ALL) == ["only the model has answered"]
    assert made("examples", row) == ["only the model has answered"]
    [example] = made("examples", row, **ALL)
    assert (example.completion, example.rule) == ("spam", "model")


def test_the_defaults_are_the_strict_ones() -> None:
    assert Rules() == Rules(
        "people", frozenset({"agreed", "confirmed"}), "all", None, 0.0, 0.0, False, False
    )
