"""A decision endpoint as pre-labeller: probabilities for every class in one call, and no text."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from annotate.chats import read_fields
from annotate.errors import ProviderError
from annotate.hashing import digest
from annotate.llm.books.calls import pay
from annotate.llm.books.ledger import Ledger
from annotate.llm.books.prices import price_of
from annotate.llm.deciders.calls import Asked, Contract, Decided, ask, bound, decide, request_body
from annotate.llm.prelabeller import Answer, Preview, Work, call_identity
from annotate.llm.prompts import Example, Message, Prompt
from annotate.llm.servers.client import Server
from annotate.llm.spoken import has_classes
from annotate.llm.variants import DECISION, DECISION_REVERSED
from annotate.model import Item, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings

VERSION = "v1"
PLAIN, REVERSED = DECISION, DECISION_REVERSED


class DecisionPrelabeller:
    """Implements `Prelabeller`. Responses are compared in both orders, one call each.

    The confidence a server states is not kept, because each server computes another one: ours is
    the largest probability. Equal probabilities go to the class that stands first. Labels given
    by people are not shown: the contracts have no place for examples.
    """

    free = False
    batch = 1
    example_limit: int | None = 0

    def __init__(
        self,
        project: Project,
        question: QuestionSettings,
        server: Server,
        contract: Contract,
        *,
        ledger: Ledger | None = None,
    ) -> None:
        """ledger: the books shared with other models of the run; None for books of its own."""
        llm = project.llm
        self.model = server.model
        self.concurrency = llm.concurrency
        self.ledger = ledger or Ledger(max_cost_usd=llm.max_cost_usd, max_calls=llm.max_calls)
        self._price = price_of(llm)
        self._project, self._question = project, question
        self._server, self._contract = server, contract
        self._able = has_classes(question)

    def variants(self) -> tuple[str, ...]:
        if not self._able:
            return (PLAIN,)
        compared = QUESTION_TYPES[self._question.type].control(self._question).responses
        return (PLAIN, REVERSED) if compared else (PLAIN,)

    def fingerprint(self) -> Mapping[str, Value]:
        return {
            "contract": self._contract,
            "version": VERSION,
            "base_url": self._server.base_url,
            "model": self.model,
            "variants": self.variants(),
            "language": self._project.language,
            "guideline": self._project.guideline,
            "fields": read_fields(self._project),
            "question": self._question.asked(),
        }

    def announcement(self) -> str | None:
        if self._able:
            return None
        return (
            f"`llm.provider: {self._contract}` abstains from {self._question.type}: such a server "
            "chooses among a fixed set of answers. People get these items, or set `provider: "
            "openai` for a model that writes"
        )

    def preview(self, work: Work) -> list[Preview]:
        if not self._able:
            return []
        return [self._preview(work, v) for v in self.variants() if (v, 0) not in work.done]

    def learn(self, examples: Sequence[Example]) -> None:
        """Nothing: see `example_limit`."""

    async def answer(self, works: Sequence[Work]) -> AsyncIterator[Answer]:
        for work in works:
            for variant in self.variants():
                if (variant, 0) not in work.done:
                    yield await self._call(work, variant)

    async def close(self) -> None:
        await self._server.close()

    async def _call(self, work: Work, variant: str) -> Answer:
        item = work.item
        if not self._able:
            why = f"{self._contract} gives classes a probability; {self._question.type} has none"
            return Answer(item.id, variant, 0, "abstained", reason=why)
        asked = ask(self._project, self._question, item, reversed_=variant == REVERSED)
        sent = request_body(asked, self.model, self._contract)
        call = self._identity(item, variant, asked, prompt_hash=digest(sent))
        if (earlier := work.earlier.get(call)) is not None:
            return replace(earlier, variant=variant, sample=0)
        started = time.monotonic()
        decided, cost = await self._paid(asked, sent)
        chances = decided.probabilities or {}
        value = max(chances, key=chances.__getitem__, default=None)
        return Answer(
            item.id,
            variant,
            0,
            decided.outcome,
            value,
            prompt_version=f"{self._contract}.{VERSION}",
            prompt_hash=digest(sent),
            probabilities=decided.probabilities,
            confidence=None if value is None else chances[value],
            reason=decided.reason,
            raw=decided.raw,
            tokens_in=decided.tokens_in,
            tokens_out=decided.tokens_out,
            seconds=time.monotonic() - started,
            cost_usd=cost,
            call=call,
        )

    def _preview(self, work: Work, variant: str) -> Preview:
        asked = ask(self._project, self._question, work.item, reversed_=variant == REVERSED)
        sent = request_body(asked, self.model, self._contract)
        text = json.dumps(sent, ensure_ascii=False, indent=2)
        prompt = Prompt(
            (Message(f"POST /{self._contract}", text),),
            f"{self._contract}.{VERSION}",
            digest(sent),
        )
        call = self._identity(work.item, variant, asked, prompt_hash=prompt.hash)
        return Preview(variant, prompt, known=call in work.earlier)

    async def _paid(self, asked: Asked, sent: Mapping[str, Any]) -> tuple[Decided, float | None]:
        """What a call came to, and what it cost."""
        try:
            return await pay(
                self.ledger,
                self._price,
                bound(asked, sent),
                lambda: decide(self._server, asked, self._contract),
            )
        except ProviderError as error:
            if error.fatal:
                raise
            return Decided("error", reason=error.why), None

    def _identity(self, item: Item, variant: str, asked: Asked, *, prompt_hash: str) -> str:
        return call_identity(
            item.id,
            self._question.name,
            variant,
            0,
            model=self.model,
            prompt_hash=prompt_hash,
            parameters={
                "contract": f"{self._contract}.{VERSION}",
                "base_url": self._server.base_url,
                # what stands first is called A, whatever its value is
                "values": {choice.said: choice.value for choice in asked.choices},
            },
        )
