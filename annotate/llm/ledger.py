"""What a run has spent and may still spend; a cap is never passed, with many calls in flight."""

from __future__ import annotations

from dataclasses import dataclass, field

from annotate.errors import AnnotateError
from annotate.llm.prices import Price


class CapReached(AnnotateError):
    """The next call could pass a cap: the run ends cleanly; what was answered is kept."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The most one call can use, in tokens."""

    tokens_in: int
    tokens_out: int


@dataclass(slots=True)
class Ledger:
    """Money and calls of one run. A call is reserved at its bound and settled at its real use.

    price: None when it is not known; then there is no cost, and a cost cap cannot be kept.
    """

    price: Price | None = None
    max_cost_usd: float | None = None
    max_calls: int | None = None
    spent_usd: float = 0.0
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    _reserved_usd: float = field(default=0.0)
    _reserved_calls: int = field(default=0)

    def __post_init__(self) -> None:
        if self.max_cost_usd is not None and self.price is None:
            raise AnnotateError(
                "`llm.max_cost_usd` cannot be kept without a price: add `llm.price` with "
                "usd_per_m_in and usd_per_m_out, or use `llm.max_calls`"
            )

    @property
    def in_flight(self) -> int:
        """Calls that are reserved and not yet settled."""
        return self._reserved_calls

    def reserve(self, bound: Bound) -> float:
        """Set aside what the call may cost, in US dollars; raises CapReached when it could pass
        a cap."""
        cost = self._cost(bound.tokens_in, bound.tokens_out)
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

    def settle(self, reserved_usd: float, tokens_in: int | None, tokens_out: int | None) -> float:
        """Book a call at what it used; without numbers from the server, at what was reserved.

        Returns its cost in US dollars.
        """
        self.release(reserved_usd)
        told = tokens_in is not None and tokens_out is not None
        cost = self._cost(tokens_in or 0, tokens_out or 0) if told else reserved_usd
        self.calls += 1
        self.spent_usd += cost
        self.tokens_in += tokens_in or 0
        self.tokens_out += tokens_out or 0
        return cost

    def release(self, reserved_usd: float) -> None:
        """Give back what was set aside for a call that was not made, or not answered."""
        self._reserved_usd -= reserved_usd
        self._reserved_calls -= 1

    def _cost(self, tokens_in: int, tokens_out: int) -> float:
        return 0.0 if self.price is None else self.price.cost(tokens_in, tokens_out)
