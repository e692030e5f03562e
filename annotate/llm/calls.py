"""Paid calls: what one may cost is set aside before it is made, so that no cap is passed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from annotate.llm.ledger import Bound, CapReached, Ledger
from annotate.llm.prompts import Prompt
from annotate.llm.providers import Provider, Reply

MESSAGE_TOKENS = 16  # what a chat template puts around a message, generously


@dataclass(frozen=True, slots=True)
class Paid:
    """A reply and what it cost; None when the price is not known."""

    reply: Reply
    cost_usd: float | None


class Payer:
    """All calls of one run go through one of these.

    max_tokens_out: the most a reply can have, for the cost cap.
    """

    def __init__(self, provider: Provider, ledger: Ledger, *, max_tokens_out: int) -> None:
        self.ledger = ledger
        self._provider, self._max_out = provider, max_tokens_out
        self._settled = asyncio.Condition()

    async def call(self, prompt: Prompt, *, sample: int) -> Paid:
        """The reply to one prompt. Raises ProviderError, and CapReached when the call could pass
        a cap and nothing in flight can still make room. A call without a reply costs nothing."""
        reserved = await self._reserve(bound(prompt, self._max_out))
        reply: Reply | None = None
        try:
            reply = await self._provider.complete(prompt, sample=sample)
        finally:
            async with self._settled:
                cost = self._close(reserved, reply)
                self._settled.notify_all()
        return Paid(reply, cost)

    def _close(self, reserved: float, reply: Reply | None) -> float | None:
        if reply is None:
            self.ledger.release(reserved)
            return None
        cost = self.ledger.settle(reserved, reply.tokens_in, reply.tokens_out)
        return None if self.ledger.price is None else cost

    async def _reserve(self, most: Bound) -> float:
        """Calls in flight are set aside at their bound and mostly use less: wait for them."""
        async with self._settled:
            while True:
                try:
                    return self.ledger.reserve(most)
                except CapReached:
                    if self.ledger.in_flight == 0:
                        raise
                    await self._settled.wait()


def bound(prompt: Prompt, max_tokens_out: int) -> Bound:
    """The most tokens a call can use: a token is at least one byte of UTF-8."""
    size = sum(len(m.content.encode()) + MESSAGE_TOKENS for m in prompt.messages)
    return Bound(size, max_tokens_out)
