"""The money and calls of a batch run, among which are some that are long submitted."""

from __future__ import annotations

from annotate.llm.books.ledger import Bound, Ledger
from annotate.llm.books.prices import Price
from annotate.llm.providers import Reply


class Books:
    """A run's ledger. What is in a batch counts as spent, at its bound, until its result is in.

    So that second tries, which are made directly and at the full price, see what is left.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._batched = 0
        self._told_direct = 0

    def resume(self, *, calls: int, spent_usd: float) -> None:
        """Begin with what the run had spent, or set aside, before this command."""
        self._ledger.calls += calls
        self._ledger.spent_usd += spent_usd
        self._batched += calls

    def set_aside(self, bound: Bound, price: Price | None) -> float | None:
        """The most a call can cost; None when its price is not known. Raises CapReached."""
        most_usd = self._ledger.reserve(bound, price=price)
        self._ledger.release(most_usd)
        self._ledger.calls += 1
        self._ledger.spent_usd += most_usd
        self._batched += 1
        return None if price is None else most_usd

    def give_back(self, most_usd: float | None) -> None:
        """A call was not made after all, or came to nothing: it costs nothing."""
        self.give_back_all(1, most_usd or 0.0)

    def give_back_all(self, calls: int, most_usd: float) -> None:
        """A whole batch was not made."""
        self._ledger.calls -= calls
        self._ledger.spent_usd -= most_usd
        self._batched -= calls

    def settle(self, most_usd: float | None, reply: Reply, price: Price | None) -> float | None:
        """What a call did cost; without the server's numbers, the most it can."""
        tokens_in, tokens_out = reply.tokens_in, reply.tokens_out
        self._ledger.tokens_in += tokens_in or 0
        self._ledger.tokens_out += tokens_out or 0
        if price is None:
            self._ledger.unpriced += 1
            return None
        cost_usd = most_usd or 0.0
        if tokens_in is not None and tokens_out is not None:
            cost_usd = price.cost(tokens_in, tokens_out)
        self._ledger.spent_usd += cost_usd - (most_usd or 0.0)
        return cost_usd

    def direct(self) -> int:
        """Direct calls since this was last asked."""
        made = self._ledger.calls - self._batched
        new, self._told_direct = made - self._told_direct, made
        return new

    def no_room(self, cap: str) -> str:
        """What a cap leaves no room for, in words."""
        ledger = self._ledger
        if cap == "`llm.max_calls`":
            most, used = f"{ledger.max_calls:,}", f"{ledger.calls:,} are made"
        else:
            most, used = f"{ledger.max_cost_usd:g}", f"${ledger.spent_usd:.4f} is spent"
        return f"{cap} of {most} leaves no room for another batch: {used}"
