"""Paid calls: what one may cost is set aside before it is made, so that no cap is passed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from annotate.llm.books.ledger import Bound, Ledger
from annotate.llm.books.prices import Price
from annotate.llm.prompts import Prompt
from annotate.llm.providers import Provider, Reply
from annotate.llm.providers.protocol import PLAIN, Form

MESSAGE_TOKENS = 16  # what a chat template puts around a message, generously


class Used(Protocol):
    """An answer that may tell what it used; None where the server did not say."""

    @property
    def tokens_in(self) -> int | None: ...
    @property
    def tokens_out(self) -> int | None: ...


U = TypeVar("U", bound=Used)


async def pay(
    ledger: Ledger, price: Price | None, most: Bound, make: Callable[[], Awaitable[U]]
) -> tuple[U, float | None]:
    """What `make` brings, and what it cost in US dollars; None when the price is not known.

    Raises what `make` raises (such a call costs nothing), and CapReached when the call could pass
    a cap and nothing in flight can still make room.
    """
    price = price or ledger.price
    reserved = await ledger.wait_for(most, price=price)
    used: U | None = None
    try:
        used = await make()
    finally:
        if used is None:
            ledger.release(reserved)
    cost = ledger.settle(reserved, used.tokens_in, used.tokens_out, price=price)
    return used, None if price is None else cost


@dataclass(frozen=True, slots=True)
class Paid:
    """A reply and what it cost; None when the price is not known."""

    reply: Reply
    cost_usd: float | None


class Payer:
    """All calls of one model go through one of these.

    max_tokens_out: the most a reply can have, for the cost cap. price: the model's own; None for
    the ledger's.
    """

    def __init__(
        self,
        provider: Provider,
        ledger: Ledger,
        *,
        max_tokens_out: int,
        price: Price | None = None,
    ) -> None:
        self.ledger = ledger
        self._provider, self._max_out, self._price = provider, max_tokens_out, price

    async def call(self, prompt: Prompt, *, sample: int, form: Form = PLAIN) -> Paid:
        """The reply to one prompt. Raises ProviderError, and CapReached as `pay` does."""
        reply, cost_usd = await pay(
            self.ledger,
            self._price,
            bound(prompt, self._max_out, form),
            lambda: self._provider.complete(prompt, sample=sample, form=form),
        )
        return Paid(reply, cost_usd)


def bound(prompt: Prompt, max_tokens_out: int, form: Form = PLAIN) -> Bound:
    """The most tokens a call can use: a token is at least one byte of UTF-8.

    Some servers show the model the schema, too.
    """
    size = sum(len(m.content.encode()) + MESSAGE_TOKENS for m in prompt.messages)
    schema = "" if form.schema is None else json.dumps(form.schema)
    return Bound(size + len(schema), max_tokens_out)
