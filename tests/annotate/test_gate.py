"""The gate against a made-up server with its own clock: nothing here waits."""

from __future__ import annotations

import asyncio

import pytest

from annotate.llm.gate import Gate


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def make_calls(gate: Gate, clock: Clock, count: int, seconds: float = 0.1) -> None:
    async def one() -> None:
        async with gate.call() as leave:
            clock.now += seconds
            gate.went_well(leave)

    async def all_of_them() -> None:
        for _ in range(count):
            await one()

    asyncio.run(all_of_them())


def test_doubles_at_first_and_stays_within_most() -> None:
    clock = Clock()
    gate = Gate(50, clock=clock, start=4)
    make_calls(gate, clock, 4)
    assert gate.limit == 8
    make_calls(gate, clock, 100)
    assert gate.limit == 50


def test_halves_once_for_all_calls_of_one_burst_then_grows_by_one_a_window() -> None:
    clock = Clock()
    gate = Gate(64, clock=clock, start=32)

    async def burst() -> None:
        async with gate.call() as first, gate.call() as second, gate.call() as third:
            for leave in (first, second, third):
                gate.slow_down(leave)

    asyncio.run(burst())
    assert gate.limit == 16
    make_calls(gate, clock, 17)
    assert gate.limit == 17


def test_never_under_one() -> None:
    gate = Gate(4, clock=Clock(), start=1)

    async def refused() -> None:
        async with gate.call() as leave:
            gate.slow_down(leave)

    for _ in range(5):
        asyncio.run(refused())
    assert gate.limit == 1


def test_holds_while_answers_get_slow() -> None:
    clock = Clock()
    gate = Gate(1000, clock=clock, start=4)
    make_calls(gate, clock, 4, seconds=0.1)
    make_calls(gate, clock, 30, seconds=1.0)
    held = gate.limit
    make_calls(gate, clock, 50, seconds=1.0)
    assert gate.limit == held
    make_calls(gate, clock, 60, seconds=0.1)
    assert gate.limit > held


def test_no_more_than_the_limit_at_once() -> None:
    gate = Gate(3, clock=Clock(), start=3)
    most = 0

    async def one() -> None:
        nonlocal most
        async with gate.call():
            most = max(most, gate.in_flight)
            await asyncio.sleep(0)

    async def crowd() -> None:
        await asyncio.gather(*(one() for _ in range(20)))

    asyncio.run(crowd())
    assert most == 3
    assert gate.in_flight == 0


def test_everybody_waits_when_one_is_told_to() -> None:
    async def two_calls() -> float:
        loop = asyncio.get_running_loop()
        gate = Gate(8, clock=loop.time)
        async with gate.call() as leave:
            gate.slow_down(leave, wait_s=0.05)
        began = loop.time()
        async with gate.call():
            return loop.time() - began

    assert asyncio.run(two_calls()) >= 0.045


def test_a_gate_that_lets_nobody_through_is_refused() -> None:
    with pytest.raises(ValueError, match="most is 0"):
        Gate(0, clock=Clock())
