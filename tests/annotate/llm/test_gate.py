"""The gate against a made-up server with its own clock: nothing here waits."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from annotate.llm.books.gate import Gate, Pass


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def met(gate: Gate) -> Gate:
    """After the first call, which goes alone."""
    gate.answered()
    return gate


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
    gate = met(Gate(64, clock=clock, start=32))

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
    gate = met(Gate(3, clock=Clock(), start=3))
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


def test_the_first_call_goes_alone() -> None:
    gate = Gate(50, clock=Clock(), start=8)
    seen: list[int] = []

    async def one() -> None:
        async with gate.call() as leave:
            seen.append(gate.in_flight)
            await asyncio.sleep(0)
            gate.went_well(leave)

    async def crowd() -> None:
        await asyncio.gather(*(one() for _ in range(40)))

    asyncio.run(crowd())
    assert seen[0] == 1
    assert max(seen) >= 9


def test_a_cancelled_call_leaves_its_place() -> None:
    async def run() -> int:
        gate = Gate(1, clock=Clock())

        async def one() -> None:
            async with gate.call():
                await asyncio.sleep(0)

        async with gate.call():
            waiting = [asyncio.create_task(one()) for _ in range(3)]
            await asyncio.sleep(0)
            waiting[0].cancel()
        await asyncio.gather(*waiting[1:])
        return gate.in_flight

    assert asyncio.run(run()) == 0


# ---- the server's word on its limits


class Told:
    """A gate whose calls begin as far as they may, by a clock that stands still."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.gate = met(Gate(100, clock=self.clock, start=100))
        self._open: list[tuple[AsyncExitStack, Pass]] = []

    async def begin(self, wanted: int = 50) -> int:
        """How many of the calls that want to begin now may; they stay in flight."""
        begun = 0
        while begun < wanted:
            stack = AsyncExitStack()
            try:
                leave = await asyncio.wait_for(stack.enter_async_context(self.gate.call()), 0.01)
            except TimeoutError:
                break
            self._open.append((stack, leave))
            begun += 1
        return begun

    async def end(self, at: int = 0, **word: Any) -> None:
        """The call in flight at this place ends, with a word on a limit."""
        stack, leave = self._open.pop(at)
        if word:
            self.gate.hold("requests", leave, **word)
        await stack.aclose()


def test_no_more_calls_begin_than_remain() -> None:
    async def run() -> None:
        told = Told()
        assert await told.begin(1) == 1
        await told.end(calls=3, wait_s=10, full=4)
        assert await told.begin() == 3
        for _ in range(3):
            await told.end()
        assert await told.begin() == 0
        told.clock.now += 10
        assert await told.begin() == 1  # the others may have been counted after that word
        await told.end(calls=3, wait_s=10, full=4)
        assert await told.begin() == 3

    asyncio.run(run())


def test_calls_in_flight_may_not_have_been_counted_yet() -> None:
    async def run() -> None:
        told = Told()
        assert await told.begin(10) == 10
        # the last to begin reached the server first, and 20 were left then
        await told.end(9, calls=20, wait_s=10, full=30)
        assert await told.begin() == 11

    asyncio.run(run())


def test_the_word_of_the_latest_call_stands() -> None:
    async def run() -> None:
        told = Told()
        await told.begin(1)
        await told.begin(1)
        await told.end(1, calls=5, wait_s=10, full=9)
        await told.end(0, calls=0, wait_s=10, full=9)
        assert await told.begin() == 4

    asyncio.run(run())


def test_one_call_goes_and_asks_when_nobody_else_will_tell() -> None:
    async def run() -> None:
        told = Told()
        await told.begin(20)
        await told.end(19, calls=0, wait_s=10, full=3)
        for _ in range(19):
            await told.end()
        told.clock.now += 10
        assert await told.begin() == 1
        await told.end()  # it was told nothing: the server has no more limits
        assert await told.begin(30) == 30

    asyncio.run(run())


def test_without_a_full_number_what_was_seen_counts() -> None:
    async def run() -> None:
        told = Told()
        await told.begin(1)
        await told.end(calls=4, wait_s=10, full=None)
        assert await told.begin(1) == 1
        await told.end(calls=0, wait_s=10, full=None)
        assert await told.begin() == 0
        told.clock.now += 10
        assert await told.begin() == 5

    asyncio.run(run())


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


@pytest.mark.parametrize(("every", "least", "most"), [(20, 64, 64), (4, 1, 8)])
def test_a_few_refusals_of_many_do_not_slow_it_down(every: int, least: int, most: int) -> None:
    """Asking for less would be refused as often; a server that is too busy refuses more."""
    clock = Clock()
    gate = met(Gate(64, clock=clock, start=64))
    make_calls(gate, clock, 40)

    async def some_refused() -> None:
        for number in range(1, 401):
            async with gate.call() as leave:
                clock.now += 0.1
                if number % every == 0:
                    gate.slow_down(leave)
                else:
                    gate.went_well(leave)

    asyncio.run(some_refused())
    assert least <= gate.limit <= most


def test_who_says_when_to_come_back_is_obeyed_at_once() -> None:
    clock = Clock()
    gate = met(Gate(64, clock=clock, start=64))
    make_calls(gate, clock, 100)

    async def refused() -> None:
        async with gate.call() as leave:
            gate.slow_down(leave, wait_s=0.01)

    asyncio.run(refused())
    assert gate.limit == 32
