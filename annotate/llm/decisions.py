"""A decision endpoint as pre-labeller: probabilities for every class in one call, and no text."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence

from annotate.errors import ProviderError
from annotate.hashing import digest
from annotate.llm.client import Server
from annotate.llm.decision_calls import Contract, Decided, ask, decide, request_body
from annotate.llm.prelabeller import Answer, Work
from annotate.llm.prompts import Example
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
        self, project: Project, question: QuestionSettings, server: Server, contract: Contract
    ) -> None:
        self.model = server.model
        self.concurrency = project.llm.concurrency
        self._project, self._question = project, question
        self._server, self._contract = server, contract

    def variants(self) -> tuple[str, ...]:
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
            "fields": self._project.fields,
            "question": self._question.model_dump(mode="json"),
        }

    def announcement(self) -> str | None:
        return None

    def learn(self, examples: Sequence[Example]) -> None:
        """Nothing: see `example_limit`."""

    async def answer(self, works: Sequence[Work]) -> AsyncIterator[Answer]:
        for work in works:
            for variant in self.variants():
                if (variant, 0) not in work.done:
                    yield await self._call(work.item, variant)

    async def close(self) -> None:
        await self._server.close()

    async def _call(self, item: Item, variant: str) -> Answer:
        asked = ask(self._project, self._question, item, reversed_=variant == REVERSED)
        sent = request_body(asked, self.model, self._contract)
        started = time.monotonic()
        try:
            decided = await decide(self._server, asked, self._contract)
        except ProviderError as error:
            if error.fatal:
                raise
            decided = Decided("error", reason=error.why)
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
        )
