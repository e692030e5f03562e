"""A cap is never passed, whatever is in flight."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import AnnotateError, ProviderError
from annotate.llm.books.calls import pay
from annotate.llm.books.ledger import Bound, CapReached, Ledger, Snapshot
from annotate.llm.books.prices import Price
from annotate.llm.deciders.calls import Decided

CHEAP = Price(usd_per_m_in=0.1, usd_per_m_out=1.0, as_of="2026-11-01")
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
    ledger = Ledger(max_cost_usd=1.0)
    with pytest.raises(AnnotateError, match="cannot be kept without a price"):
        ledger.reserve(Bound(1, 1))
    assert (ledger.in_flight, ledger.reserve(Bound(1000, 100), price=PRICE)) == (0, 0.002)


def test_each_model_is_booked_at_its_own_price() -> None:
    ledger = Ledger(max_cost_usd=0.01)
    dear = ledger.reserve(Bound(1000, 100), price=PRICE)
    cheap = ledger.reserve(Bound(1000, 100), price=CHEAP)
    assert (dear, cheap) == pytest.approx((0.002, 0.0002))
    assert ledger.settle(cheap, 1000, 0, price=CHEAP) == pytest.approx(0.0001)
    assert ledger.settle(dear, 1000, 0, price=PRICE) == pytest.approx(0.001)
    assert ledger.spent_usd == pytest.approx(0.0011)


def test_the_books_can_be_looked_at_while_calls_are_in_flight() -> None:
    ledger = Ledger(max_cost_usd=5.0, max_calls=10)
    first = ledger.reserve(Bound(1000, 100), price=PRICE)
    ledger.reserve(Bound(1000, 100), price=PRICE)
    ledger.settle(first, 500, 10, price=PRICE)
    assert ledger.snapshot() == Snapshot(
        calls=1,
        in_flight=1,
        tokens_in=500,
        tokens_out=10,
        spent_usd=0.0006,
        unpriced=0,
        max_calls=10,
        max_cost_usd=5.0,
    )
    assert ledger.snapshot().cost() == "$0.0006 of $5"


def test_an_unknown_price_is_never_a_cost_of_nothing() -> None:
    ledger = Ledger()
    ledger.settle(ledger.reserve(Bound(10, 10)), 10, 10)
    assert ledger.snapshot().cost() == "cost unknown"
    ledger.settle(ledger.reserve(Bound(1000, 0), price=PRICE), 1000, 0, price=PRICE)
    assert ledger.snapshot().cost() == "$0.0010 and 1 call of unknown cost"


def test_many_calls_leave_no_dust_in_the_books() -> None:
    odd = Price(usd_per_m_in=0.1, usd_per_m_out=0.7, as_of="2026-11-01")
    ledger = Ledger(odd, max_cost_usd=1.0)
    for _ in range(100):
        reserved = [ledger.reserve(Bound(n, n)) for n in range(1, 100)]
        for one in reserved:
            ledger.release(one)
    assert ledger.reserve(Bound(10_000_000, 0)) == 1.0


def test_a_call_waits_for_room_that_another_model_s_call_may_leave() -> None:
    """Two payers, one book: who is at the cap goes on when the other's call used little."""
    ledger = Ledger(max_cost_usd=0.0025)
    slow, ended = asyncio.Event(), []

    async def answer(name: str, wait: bool) -> Decided:
        if wait:
            await slow.wait()
        ended.append(name)
        return Decided("parsed", tokens_in=1, tokens_out=0)

    async def both() -> list[float | None]:
        most = Bound(1000, 100)
        first = asyncio.create_task(pay(ledger, PRICE, most, lambda: answer("first", wait=True)))
        await asyncio.sleep(0)
        second = asyncio.create_task(pay(ledger, PRICE, most, lambda: answer("second", wait=False)))
        await asyncio.sleep(0)
        assert ended == []
        slow.set()
        return [cost for _, cost in await asyncio.gather(first, second)]

    assert asyncio.run(both()) == pytest.approx([1e-6, 1e-6])
    assert ended == ["first", "second"]


def test_a_call_that_was_not_answered_makes_room_too() -> None:
    ledger = Ledger(max_calls=1)

    async def fail() -> Decided:
        await asyncio.sleep(0)
        raise ProviderError("gone")

    async def work() -> Decided:
        return Decided("parsed", tokens_in=1, tokens_out=1)

    async def both() -> tuple[object, tuple[Decided, float | None]]:
        first = asyncio.create_task(pay(ledger, None, Bound(1, 1), fail))
        await asyncio.sleep(0)
        second = await pay(ledger, None, Bound(1, 1), work)
        (failed,) = await asyncio.gather(first, return_exceptions=True)
        return failed, second

    failed, (answer, cost) = asyncio.run(both())
    assert (str(failed), answer.outcome, cost) == ("gone", "parsed", None)
    with pytest.raises(CapReached, match="of 1 is reached"):
        asyncio.run(pay(ledger, None, Bound(1, 1), work))


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
