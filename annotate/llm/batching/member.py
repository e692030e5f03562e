"""One model whose calls go through a Batch API, alone or as a member of an ensemble."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from annotate.errors import ProviderError
from annotate.llm.asking import Ready
from annotate.llm.batching.batches import BatchServer
from annotate.llm.batching.files import Failed
from annotate.llm.books.calls import bound
from annotate.llm.books.ledger import Bound
from annotate.llm.books.prices import price_of
from annotate.llm.chat import MOST_TOKENS_OUT, ChatPrelabeller
from annotate.llm.prelabeller import Answer, Work
from annotate.llm.prompts import Example
from annotate.llm.providers import Reply
from annotate.llm.providers.completions import reply_from_json
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.model import Value
from annotate.project.settings import LLMSettings

Place = tuple[str, int]


class BatchMember:
    """A chat model and its Batch API. price: of a call there; None when it is not known.

    name: of the member in its ensemble, whose variants are called `name/variant`; empty alone.
    """

    def __init__(
        self, name: str, chat: ChatPrelabeller, server: BatchServer, llm: LLMSettings
    ) -> None:
        """llm: the model's own settings."""
        self.name, self.server = name, server
        self.model = chat.model
        price = price_of(llm)
        self.price = None if price is None else price.batched()
        assert isinstance(chat.provider, OpenAIChat)
        self._chat, self._provider, self._llm = chat, chat.provider, llm
        self._prefix = f"{name}/" if name else ""

    def learn(self, examples: Sequence[Example]) -> None:
        self._chat.learn(examples[: self._chat.example_limit])

    def ready(self, work: Work, errors: Collection[Place]) -> list[Ready]:
        """Every call of the item that is not done and can be made now.

        errors: calls of this run that failed; they are not made again, nor waited for.
        """
        found = self._chat.ready(*self._own(work, errors))
        if not self._prefix:
            return found
        return [
            replace(call, variant=self._prefix + call.variant, earlier=self._named(call.earlier))
            for call in found
        ]

    def not_askable(self, work: Work, errors: Collection[Place]) -> list[Answer]:
        """Answers in place of the calls that are left when nothing is `ready`."""
        found = self._chat.not_askable(*self._own(work, errors))
        return [self._renamed(answer) for answer in found]

    async def ask_directly(self, work: Work) -> Answer:
        """What the first call that is open comes to, made at once and at the full price.

        Raises CapReached, and ProviderError where it is fatal.
        """
        answers = self._chat.answer([self._own(work, ())[0]])
        return self._renamed(await anext(answers))

    async def finish(
        self, call: Ready, reply: Reply | ProviderError, cost_usd: float | None
    ) -> Answer:
        """The answer a call came to. A reply that is none is sent back once, directly.

        Raises ProviderError where it is fatal.
        """
        own = replace(call, variant=call.variant.removeprefix(self._prefix))
        return self._renamed(await self._chat.finish(own, reply, cost_usd=cost_usd))

    def body(self, call: Ready) -> Mapping[str, Any]:
        """What is sent for a call."""
        return self._provider.body(call.asked.prompt, call.form)

    def reply(self, body: Mapping[str, Any]) -> Reply | Failed:
        """What an answer's body says."""
        try:
            return reply_from_json(body, self.server.safe)
        except ProviderError as error:
            return Failed(error.why)

    def bound(self, call: Ready) -> Bound:
        """The most tokens a call can use."""
        return bound(call.asked.prompt, self._llm.max_tokens or MOST_TOKENS_OUT, call.form)

    def _own(self, work: Work, errors: Collection[Place]) -> tuple[Work, set[Place]]:
        """The work and the errors as the model alone would know them."""
        if not self._prefix:
            return work, set(errors)
        done: dict[Place, Value] = {
            (variant.removeprefix(self._prefix), sample): value
            for (variant, sample), value in work.done.items()
            if variant.startswith(self._prefix)
        }
        own = {
            (variant.removeprefix(self._prefix), sample)
            for variant, sample in errors
            if variant.startswith(self._prefix)
        }
        return replace(work, done=done), own

    def _named(self, answer: Answer | None) -> Answer | None:
        return None if answer is None else self._renamed(answer)

    def _renamed(self, answer: Answer) -> Answer:
        if not self._prefix:
            return answer
        return replace(
            answer, variant=self._prefix + answer.variant, model=answer.model or self.model
        )
