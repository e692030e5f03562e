"""Decision endpoints in trouble: what is asked again, what ends a run, where no key may go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.responses import Response, StreamingResponse

from annotate.errors import ProviderError
from annotate.llm.deciders.calls import Contract
from annotate.llm.prelabeller import Work
from tests.annotate.support.deciding import GOOD, TOPICS, answered, answers, item, made, one
from tests.decision_server import DecisionServer, Features, body


def test_a_busy_server_is_asked_again(decider: DecisionServer, contract: Contract) -> None:
    busy = body({"error": {"message": "slow down"}}, 429, retry_after_ms="30")
    broken = body({"error": {"message": "upstream"}})
    decider.script.extend([broken, busy, body({}, 503)])
    answer = one(decider, contract)
    assert answer.outcome == "parsed"
    assert answer.seconds is not None
    assert answer.seconds >= 0.03
    assert len(decider.sent(contract)) == 4


def test_a_server_that_stays_broken_costs_one_answer(
    decider: DecisionServer, contract: Contract
) -> None:
    decider.script.extend([body({"error": {"message": "oops"}}, 500)] * 6)
    answer = one(decider, contract)
    assert (answer.outcome, answer.value) == ("error", None)
    assert answer.reason == f"{decider.base_url}: 500 oops"
    assert len(decider.sent(contract)) == 6


def test_a_text_the_server_refuses_costs_one_answer(
    decider: DecisionServer, contract: Contract
) -> None:
    decider.script.append(body({"error": {"message": "too long"}}, 400))
    answer = one(decider, contract)
    assert (answer.outcome, len(decider.sent(contract))) == ("error", 1)
    assert "400: too long" in (answer.reason or "")


def test_a_body_that_drips_is_cut_off(decider: DecisionServer, contract: Contract) -> None:
    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    def drip(sent: object) -> Response:
        return StreamingResponse(drops(), media_type="application/json")

    decider.script.extend([drip, drip])
    answer = one(decider, contract, timeout_s=0.2)
    assert (answer.outcome, answer.reason) == (
        "error",
        f"{decider.base_url}: no answer within 0.2 s",
    )


@pytest.mark.parametrize(
    ("features", "why"),
    [
        (Features(key="sk-right-one"), "refused the key (401)"),
        (Features(only_model="other"), "knows no model 'm'"),
        (Features(decisions=False, systemone=False), "llm.model"),
    ],
    ids=["key", "model", "endpoint"],
)
def test_what_no_item_can_pass_ends_the_run_in_one_line(
    decider: DecisionServer, contract: Contract, features: Features, why: str
) -> None:
    decider.reset(features)
    if why == "llm.model" and contract == "systemone":
        why = "cannot do this (501: This model is not a decision model)"
    with pytest.raises(ProviderError) as caught:
        one(decider, contract)
    assert caught.value.fatal
    assert why in caught.value.why
    assert "\n" not in caught.value.why
    assert len(decider.sent(contract)) == 1


def test_a_page_ends_the_run(decider: DecisionServer, contract: Contract) -> None:
    decider.script.append(lambda sent: Response("\n<html>Sign in</html>", media_type="text/html"))
    with pytest.raises(ProviderError, match="answered with a page") as caught:
        one(decider, contract)
    assert caught.value.fatal


def test_a_redirect_does_not_take_the_key_along(
    decider: DecisionServer, contract: Contract
) -> None:
    with DecisionServer() as elsewhere:
        moved = Response(status_code=307, headers={"location": f"{elsewhere.base_url}/{contract}"})
        decider.script.append(lambda sent: moved)
        prelabeller = made(TOPICS, decider, contract, "sk-secret-of-mine")
        (answer,) = answers(prelabeller, [Work(item(text="a"), {})])
        assert answer.outcome == "parsed"
        (headers,) = elsewhere.headers
    assert decider.headers[0]["authorization"] == "Bearer sk-secret-of-mine"
    assert "sk-secret-of-mine" not in str(headers)


def test_an_echoed_key_is_stored_nowhere(decider: DecisionServer, contract: Contract) -> None:
    key = "sk-secret-of-mine"
    decider.script.append(body(answered(contract, GOOD, note=key)))
    decider.script.append(body({"error": {"message": f"bad {key}"}}, 400))
    prelabeller = made(TOPICS, decider, contract, key)
    works = [Work(item(text="a"), {}), Work(item(text="b"), {})]
    first, second = answers(prelabeller, works)
    assert decider.headers[0]["authorization"] == f"Bearer {key}"
    assert (first.outcome, second.outcome) == ("parsed", "error")
    for answer in (first, second):
        assert key not in f"{answer.raw}{answer.reason}"
