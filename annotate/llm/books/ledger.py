"""What a run has spent and may still spend; a cap is never passed, with many calls in flight."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

from annotate.errors import AnnotateError
from annotate.llm.books.prices import Price


class CapReached(AnnotateError):
    """The next call could pass a cap: the run ends cleanly; what was answered is kept."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The most one call can use, in tokens."""

    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A run's books at one moment.

    spent_usd: of the calls whose price is known. unpriced: ended calls whose price is not.
    """

    calls: int
    in_flight: int
    tokens_in: int
    tokens_out: int
    spent_usd: float
    unpriced: int
    max_calls: int | None
    max_cost_usd: float | None

    def cost(self) -> str:
        """What was spent, in words; an unknown price never counts as nothing.

        >>> Snapshot(3, 0, 90, 6, 0.0123, 0, None, 5.0).cost()
        '$0.0123 of $5'
        >>> Snapshot(3, 0, 90, 6, 0.0, 3, None, None).cost()
        'cost unknown'
        >>> Snapshot(3, 0, 90, 6, 0.0123, 1, None, None).cost()
        '$0.0123 and 1 call of unknown cost'
        """
        cap = "" if self.max_cost_usd is None else f" of ${self.max_cost_usd:g}"
        if not self.unpriced:
            return f"${self.spent_usd:.4f}{cap}"
        if self.unpriced == self.calls:
            return "cost unknown"
        calls = "1 call" if self.unpriced == 1 else f"{self.unpriced:,} calls"
        return f"${self.spent_usd:.4f}{cap} and {calls} of unknown cost"


@dataclass(slots=True)
class Ledger:
    """Money and calls of one run, over all its models. A call is reserved at its bound and settled
    at its real use.

    price: of calls that name no other; None when it is not known.
    """

    price: Price | None = None
    max_cost_usd: float | None = None
    max_calls: int | None = None
    spent_usd: float = 0.0
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    unpriced: int = 0
    """Ended calls whose price is not known: they are in no sum of money."""
    _reserved_usd: float = field(default=0.0)
    _reserved_calls: int = field(default=0)
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)
    _whole: threading.Lock = field(default_factory=threading.Lock)
    """Calls may be booked in one thread and looked at from another."""

    @property
    def in_flight(self) -> int:
        """Calls that are reserved and not yet settled."""
        return self._reserved_calls

    def snapshot(self) -> Snapshot:
        """The books as they are now."""
        with self._whole:
            return Snapshot(
                calls=self.calls,
                in_flight=self.in_flight,
                tokens_in=self.tokens_in,
                tokens_out=self.tokens_out,
                spent_usd=self.spent_usd,
                unpriced=self.unpriced,
                max_calls=self.max_calls,
                max_cost_usd=self.max_cost_usd,
            )

    def reserve(self, bound: Bound, *, price: Price | None = None) -> float:
        """Set aside what the call may cost, in US dollars.

        Raises CapReached when it could pass a cap, and AnnotateError for a cost cap that cannot be
        kept because the call's price is not known.
        """
        price = price or self.price
        if self.max_cost_usd is not None and price is None:
            raise AnnotateError(
                "`llm.max_cost_usd` cannot be kept without a price: add `price` with "
                "usd_per_m_in and usd_per_m_out, or use `llm.max_calls`"
            )
        cost = _cost(price, bound.tokens_in, bound.tokens_out)
        if self.max_calls is not None and self.calls + self._reserved_calls + 1 > self.max_calls:
            raise CapReached(f"`llm.max_calls` of {self.max_calls} is reached")
        ahead = self.spent_usd + self._reserved_usd + cost
        if self.max_cost_usd is not None and ahead > self.max_cost_usd:
            raise CapReached(
                f"`llm.max_cost_usd` of {self.max_cost_usd:g} could be passed by the next call: "
                f"{self.spent_usd:.4f} is spent"
            )
        self._reserved_usd += cost
        self._reserved_calls += 1
        return cost

    async def wait_for(self, bound: Bound, *, price: Price | None = None) -> float:
        """`reserve`, when there is room: calls in flight are set aside at their bound and mostly
        use less. Raises CapReached when none in flight can still make room."""
        while True:
            try:
                return self.reserve(bound, price=price)
            except CapReached:
                if self.in_flight == 0:
                    raise
            settled = asyncio.get_running_loop().create_future()
            self._waiting.append(settled)
            await settled

    def settle(
        self,
        reserved_usd: float,
        tokens_in: int | None,
        tokens_out: int | None,
        *,
        price: Price | None = None,
    ) -> float:
        """Book a call at what it used; without numbers from the server, at what was reserved.

        price: as it was reserved. Returns its cost in US dollars.
        """
        price = price or self.price
        self.release(reserved_usd)
        told = tokens_in is not None and tokens_out is not None
        cost = _cost(price, tokens_in or 0, tokens_out or 0) if told else reserved_usd
        with self._whole:
            self.calls += 1
            self.unpriced += price is None
            self.spent_usd += cost
            self.tokens_in += tokens_in or 0
            self.tokens_out += tokens_out or 0
        return cost

    def release(self, reserved_usd: float) -> None:
        """Give back what was set aside for a call that was not made, or not answered."""
        self._reserved_calls -= 1
        # thousands of additions and subtractions leave dust behind
        self._reserved_usd = self._reserved_usd - reserved_usd if self._reserved_calls else 0.0
        waiting, self._waiting = self._waiting, []
        for settled in waiting:
            if not settled.done():
                settled.set_result(None)


def _cost(price: Price | None, tokens_in: int, tokens_out: int) -> float:
    return 0.0 if price is None else price.cost(tokens_in, tokens_out)
