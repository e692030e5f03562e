"""What decision endpoints may send that is no answer: typed, never repaired, never a vote."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.llm.deciders.calls import Contract
from tests.annotate.support.deciding import GOOD, answered, one, reading
from tests.decision_server import DecisionServer, body


def test_a_refusal_is_told_apart(decider: DecisionServer, contract: Contract) -> None:
    refusal = {"type": "refusal", "name": "topic"}
    found = {"topic": refusal} if contract == "systemone" else [refusal]
    decider.script.append(body({"answers": found}))
    answer = one(decider, contract)
    assert (answer.outcome, answer.value, answer.probabilities) == ("refused", None, None)


@pytest.mark.parametrize(
    ("chances", "reason"),
    [
        (GOOD[:2], "'praise' is without a probability"),
        ([*GOOD, ("other", 0.0)], "'other' is not one of billing, delivery, praise"),
        ([("Billing", 0.5), *GOOD[1:]], "'Billing' is not one of"),
        ([("billing", 0.9), *GOOD[1:]], "1.4 is the sum of all probabilities, not 1"),
        ([("billing", 0.0), ("delivery", 0.0), ("praise", 0.0)], "0.0 is the sum"),
        ([("billing", float("nan")), *GOOD[1:]], "nan is not a probability"),
        ([("billing", float("inf")), *GOOD[1:]], "inf is not a probability"),
        ([("billing", -0.1), ("delivery", 0.9), ("praise", 0.2)], "-0.1 is not a probability"),
        ([("billing", 50), ("delivery", 30), ("praise", 20)], "50 is not a probability"),
        ([("billing", "0.5"), *GOOD[1:]], "'0.5' is not a number"),
        ([("billing", None), *GOOD[1:]], "None is not a number"),
        ([("billing", True), ("delivery", 0), ("praise", 0)], "True is not a number"),
        (None, "None is not a"),
        ("billing", "'billing' is not a"),
        ([], "'billing' is without a probability"),
    ],
    ids=lambda value: None,
)
def test_garbage_is_typed_and_not_repaired(contract: Contract, chances: Any, reason: str) -> None:
    decided = reading(answered(contract, chances), contract)
    assert (decided.outcome, decided.probabilities) == ("invalid", None)
    assert reason in (decided.reason or "")
    assert decided.raw


def test_garbage_gives_no_value(decider: DecisionServer, contract: Contract) -> None:
    decider.script.append(body(answered(contract, [("billing", float("nan")), *GOOD[1:]])))
    answer = one(decider, contract)
    assert (answer.outcome, answer.value) == ("invalid", None)
    assert (answer.probabilities, answer.confidence) == (None, None)
    assert "NaN" in (answer.raw or "")


def test_an_option_named_twice() -> None:
    decided = reading(answered("decisions", [*GOOD, ("praise", 0.0)]), "decisions")
    assert (decided.outcome, decided.reason) == ("invalid", "decision: 'praise' is named twice")


def test_a_key_that_stands_twice_in_the_body(decider: DecisionServer) -> None:
    twice = '{"answers": {"topic": {"type": "choice", "probabilities": {"a": 1, "a": 0}}}}'
    decider.script.extend([body(twice)] * 3)
    answer = one(decider, "systemone")
    assert (answer.outcome, answer.reason) == (
        "error",
        f"{decider.base_url}: the answer is not JSON",
    )


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"answers": None},
        {"answers": []},
        {"answers": {}},
        {"answers": "topic"},
        {"answers": [None]},
        {"answers": {"topic": None}},
        {"answers": [{"type": "choice", "name": "other", "probabilities": []}]},
        {"answers": {"other": {"type": "choice", "probabilities": {}}}},
        {"answers": [{"type": "predicate", "name": "topic", "probability": 0.4}]},
        {"answers": {"topic": {"type": "noul", "noul": 0.4}}},
        [],
        "topic",
        None,
    ],
    ids=str,
)
def test_a_body_without_our_answer(contract: Contract, found: object) -> None:
    decided = reading(found, contract)
    assert (decided.outcome, decided.probabilities) == ("invalid", None)
    assert (decided.reason or "").startswith("decision: ")


@pytest.mark.parametrize("share", [0.33, 1 / 3, 0.338])
def test_rounding_is_evened_out(contract: Contract, share: float) -> None:
    decided = reading(answered(contract, [(name, share) for name, _ in GOOD]), contract)
    assert decided.outcome == "parsed"
    assert decided.probabilities == pytest.approx(
        {"billing": 1 / 3, "delivery": 1 / 3, "praise": 1 / 3}
    )


def test_odd_text_and_counts_can_be_stored(decider: DecisionServer, contract: Contract) -> None:
    usage = {"input_tokens": 10**30, "output_tokens": "many"}
    found = answered(contract, GOOD, note="\ud83d") | {"usage": usage}
    decider.script.append(body(found))
    answer = one(decider, contract)
    assert (answer.outcome, answer.tokens_in, answer.tokens_out) == ("parsed", None, None)
    assert (answer.raw or "").encode()
