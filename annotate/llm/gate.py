"""How many calls may be in flight: grows while the server keeps up, halves when it says no.

Additive increase, multiplicative decrease (Chiu and Jain, 1989), with the doubling start of TCP.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

START = 16
LATENCY_TOLERANCE = 3.0
SMOOTHING = 0.1
LATENCY_NOISE_S = 0.05


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to make one call. epoch: how many slow-downs came before it."""

    began_s: float
    epoch: int


class Gate:
    """Lets at most `limit` calls through at once, 1 <= limit <= most.

    clock: seconds, monotonic. One pause is shared by all: when one call is told to wait, no
    other call begins before.
    """

    def __init__(self, most: int, *, clock: Callable[[], float], start: int = START) -> None:
        if most < 1:
            raise ValueError(f"most is {most}, but at least one call must be let through")
        self._most, self._clock = most, clock
        self._limit = float(min(start, most))
        self._in_flight = 0
        self._epoch = 0
        self._doubling = True
        self._resume_at = 0.0
        self._usual_s: float | None = None
        self._recent_s: float | None = None
        self._changed = asyncio.Condition()

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return max(1, int(self._limit))

    @property
    def in_flight(self) -> int:
        return self._in_flight

    @asynccontextmanager
    async def call(self) -> AsyncIterator[Pass]:
        """Wait for leave, then hold it while the call is made."""
        await self._enter()
        try:
            yield Pass(self._clock(), self._epoch)
        finally:
            async with self._changed:
                self._in_flight -= 1
                self._changed.notify(2)  # one for this place, one for a limit that grew

    def went_well(self, leave: Pass) -> None:
        """The server answered: let a little more through, unless its answers get slow."""
        self._measure(self._clock() - leave.began_s)
        if self._limit >= self._most or self._slow():
            return
        growth = 1.0 if self._doubling else 1.0 / self._limit
        self._limit = min(self._limit + growth, float(self._most))

    def slow_down(self, leave: Pass, wait_s: float = 0.0) -> None:
        """The server refused: halve, once for all the calls that began before the last halving."""
        self._resume_at = max(self._resume_at, self._clock() + wait_s)
        if leave.epoch < self._epoch:
            return
        self._epoch += 1
        self._doubling = False
        self._limit = max(1.0, self._limit / 2)

    async def _enter(self) -> None:
        while True:
            pause_s = self._resume_at - self._clock()
            if pause_s > 0:
                await asyncio.sleep(pause_s)
                continue
            async with self._changed:
                if self._in_flight < self.limit:
                    self._in_flight += 1
                    return
                await self._changed.wait()

    def _measure(self, seconds: float) -> None:
        if self._usual_s is None or self._recent_s is None:
            self._usual_s = self._recent_s = seconds
            return
        self._recent_s += SMOOTHING * (seconds - self._recent_s)
        self._usual_s = min(self._usual_s, self._recent_s)

    def _slow(self) -> bool:
        """Answers take much longer than they did when the server was least busy."""
        if self._usual_s is None or self._recent_s is None:
            return False
        return self._recent_s > LATENCY_TOLERANCE * self._usual_s + LATENCY_NOISE_S
