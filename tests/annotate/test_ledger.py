"""A cap is never passed, whatever is in flight."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import AnnotateError
from annotate.llm.ledger import Bound, CapReached, Ledger
from annotate.llm.prices import Price

PRICE = Price(usd_per_m_in=1.0, usd_per_m_out=10.0, as_of="2026-11-01")


def test_a_call_is_booked_at_what_it_used() -> None:
    ledger = Ledger(PRICE, max_cost_usd=1.0)
    reserved = ledger.reserve(Bound(1000, 100))
    assert reserved == pytest.approx(0.002)
    assert ledger.settle(reserved, 500, 10) == pytest.approx(0.0006)
    assert (ledger.calls, ledger.tokens_in, ledger.tokens_out) == (1, 500, 10)
    assert ledger.spent_usd == pytest.approx(0.0006)


def test_a_server_that_does_not_tell_is_booked_at_the_bound() -> None:
    ledger = Ledger(PRICE)
    assert ledger.settle(ledger.reserve(Bound(1000, 100)), None, None) == pytest.approx(0.002)


def test_calls_in_flight_count_towards_both_caps() -> None:
    ledger = Ledger(PRICE, max_calls=2)
    first = ledger.reserve(Bound(1, 1))
    ledger.reserve(Bound(1, 1))
    with pytest.raises(CapReached, match="of 2 is reached"):
        ledger.reserve(Bound(1, 1))
    ledger.release(first)
    ledger.reserve(Bound(1, 1))
    money = Ledger(PRICE, max_cost_usd=0.005)
    money.reserve(Bound(1000, 100))
    money.reserve(Bound(1000, 100))
    with pytest.raises(CapReached, match=r"max_cost_usd` of 0.005 could be passed"):
        money.reserve(Bound(1000, 100))


def test_a_cost_cap_needs_a_price() -> None:
    with pytest.raises(AnnotateError, match="cannot be kept without a price"):
        Ledger(max_cost_usd=1.0)


@given(
    st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 500), st.booleans()), max_size=60),
    st.floats(0.001, 0.05),
)
def test_never_over_the_cap(calls: list[tuple[int, int, bool]], cap: float) -> None:
    ledger = Ledger(PRICE, max_cost_usd=cap, max_calls=40)
    waiting: list[tuple[float, int, int]] = []
    for tokens_in, tokens_out, settle_one in calls:
        try:
            reserved = ledger.reserve(Bound(tokens_in, tokens_out))
        except CapReached:
            continue
        waiting.append((reserved, tokens_in, tokens_out))
        if settle_one:
            ledger.settle(*waiting.pop(0))
        assert ledger.spent_usd <= cap
    for one in waiting:
        ledger.settle(*one)
    assert ledger.spent_usd <= cap * (1 + 1e-9)
    assert ledger.calls <= 40
