"""How many calls may be in flight: grows while the server keeps up, halves when it says no.

Additive increase, multiplicative decrease (Chiu and Jain, 1989), with the doubling start of TCP.
The first call of all goes alone: what it brings (a wrong key, a limit) holds for those after it.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

START = 16
LATENCY_TOLERANCE = 3.0
SMOOTHING = 0.1
LATENCY_NOISE_S = 0.05
RECENT = 100
"""Outcomes that say how often the server refuses."""
BY_CHANCE = 0.12
"""A share of refusals up to this is no sign of too many calls: fewer would be refused as often."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to make one call. number: 1 for the first. others: how many were in flight already.
    epoch: how many slow-downs came before."""

    number: int
    others: int
    began_s: float
    epoch: int


@dataclass(frozen=True, slots=True)
class _Hold:
    """Calls with a greater number than `last` wait until `until_s`. told_by: the call that brought
    the word. full: calls that are allowed in all. asking: one call was let through for new word."""

    told_by: Pass
    last: int
    until_s: float
    full: int
    asking: bool = False


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
        self._answered = False
        self._begun = 0
        self._in_flight = 0
        self._epoch = 0
        self._doubling = True
        self._resume_at = 0.0
        self._holds: dict[str, _Hold] = {}
        self._usual_s: float | None = None
        self._recent_s: float | None = None
        self._refused: deque[bool] = deque(maxlen=RECENT)
        self._changed = asyncio.Condition()

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return max(1, int(self._limit)) if self._answered else 1

    @property
    def in_flight(self) -> int:
        return self._in_flight

    @asynccontextmanager
    async def call(self) -> AsyncIterator[Pass]:
        """Wait for leave, then hold it while the call is made."""
        leave = await self._enter()
        try:
            yield leave
        finally:
            async with self._changed:
                self._in_flight -= 1
                # one for this place, and more where the limit grew
                self._changed.notify(max(1, self.limit - self._in_flight))

    def answered(self) -> None:
        """There is a server, and it does not refuse every call: the next need not go alone."""
        self._answered = True

    def went_well(self, leave: Pass) -> None:
        """The server answered: let a little more through, unless its answers get slow."""
        self.answered()
        self._refused.append(False)
        if leave.number > 1:  # the first goes alone and has to connect: that is not usual
            self._measure(self._clock() - leave.began_s)
        if self._limit >= self._most or self._slow():
            return
        growth = 1.0 if self._doubling else 1.0 / self._limit
        self._limit = min(self._limit + growth, float(self._most))

    def slow_down(self, leave: Pass, wait_s: float = 0.0) -> None:
        """The server refused: halve, once for all the calls that began before the last halving.

        Not where it refuses a few of very many without saying when to come back.
        """
        self._resume_at = max(self._resume_at, self._clock() + wait_s)
        self._refused.append(True)
        seldom = self._refused.count(True) <= BY_CHANCE * len(self._refused)
        if leave.epoch < self._epoch or (seldom and not wait_s):
            return
        self._epoch += 1
        self._doubling = False
        self._limit = max(1.0, self._limit / 2)

    def hold(self, kind: str, leave: Pass, calls: int, wait_s: float, full: int | None) -> None:
        """The server's word on one of its limits: when it looked at this call, so many more were
        allowed within `wait_s` seconds. full: how many in all after that, if told.

        The word of a call that began later stands. Calls that were in flight when this one began
        may have reached the server after it: like those that began since, they count as allowed.
        """
        known = self._holds.get(kind)
        if known and known.told_by.number >= leave.number:
            return
        seen = max(calls + 1, known.full if known else 0)
        last = leave.number + calls - leave.others
        self._holds[kind] = _Hold(leave, last, self._clock() + wait_s, full or seen)

    async def _enter(self) -> Pass:
        async with self._changed:
            while True:
                wait_s = self._wait_s()
                if wait_s == 0 and self._in_flight < self.limit:
                    self._in_flight += 1
                    self._begun += 1
                    return Pass(self._begun, self._in_flight - 1, self._clock(), self._epoch)
                try:
                    await self._change(wait_s or math.inf)
                except asyncio.CancelledError:
                    self._changed.notify()  # the word may have been for this call: pass it on
                    raise

    async def _change(self, most_s: float) -> None:
        """Return when something changed, or after `most_s` seconds."""
        if math.isinf(most_s):
            await self._changed.wait()
            return
        try:
            async with asyncio.timeout(most_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def _wait_s(self) -> float:
        """Seconds before the next call may begin: 0 now, infinite when an answer has to tell."""
        waits = [self._held_s(kind, hold) for kind, hold in list(self._holds.items())]
        return max(0.0, self._resume_at - self._clock(), *waits)

    def _held_s(self, kind: str, hold: _Hold) -> float:
        if self._begun < hold.last:
            return 0.0
        wait_s = hold.until_s - self._clock()
        if 0 < wait_s < math.inf:
            return wait_s
        if wait_s <= 0:
            # all of it is there again, but for what may have been used since that word
            again = hold.told_by.number - hold.told_by.others + hold.full
            hold = replace(hold, last=again, until_s=math.inf)
        if self._begun >= hold.last and not self._in_flight:
            # nobody is left to bring word: one call goes and asks, and is believed if there is none
            if hold.asking:
                del self._holds[kind]
                return 0.0
            hold = replace(hold, last=self._begun + 1, asking=True)
        self._holds[kind] = hold
        return 0.0 if self._begun < hold.last else math.inf

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
