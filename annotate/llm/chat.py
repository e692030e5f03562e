"""A chat model as pre-labeller: each item is asked in every variant, `samples` times."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from annotate.errors import ProviderError
from annotate.llm.asking import Ready, answered, correction, failed, not_asked, repaired
from annotate.llm.books.calls import Payer
from annotate.llm.books.ledger import CapReached, Ledger
from annotate.llm.books.prices import price_of
from annotate.llm.prelabeller import Answer, Preview, Work
from annotate.llm.preparing import Calls
from annotate.llm.prompts import Example
from annotate.llm.providers import Provider, Reply
from annotate.llm.providers.protocol import Form
from annotate.llm.similar import POOL, ExamplePool
from annotate.llm.spoken import variants_of
from annotate.llm.structured import Abilities
from annotate.llm.variants import Variant
from annotate.model import Item, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings

MOST_TOKENS_OUT = 1024
"""What a reply is taken to have at most where the project sets no limit; only a cost cap, which
demands a limit, depends on it."""

Place = tuple[str, int]
"""One call of an item: (variant, sample)."""


class ChatPrelabeller:
    """Implements `Prelabeller` over a `Provider`.

    ledger: what the run may spend, where several prelabellers share it; None: the project's caps.
    abilities: what the server was seen to do besides text; the project may want less of it.
    """

    free = False
    batch = 1

    def __init__(
        self,
        project: Project,
        question: QuestionSettings,
        provider: Provider,
        *,
        ledger: Ledger | None = None,
        abilities: Abilities = Abilities.NONE,
    ) -> None:
        self.model = provider.model
        self.concurrency = project.llm.concurrency
        llm = project.llm
        self.example_limit: int | None = POOL if llm.few_shot else 0
        self.provider, self._samples = provider, llm.samples
        self.ledger = ledger or Ledger(max_cost_usd=llm.max_cost_usd, max_calls=llm.max_calls)
        self._payer = Payer(
            provider,
            self.ledger,
            max_tokens_out=llm.max_tokens or MOST_TOKENS_OUT,
            price=price_of(llm),
        )
        classes = QUESTION_TYPES[question.type].classes(question)
        self._first_class: Value = classes[0] if classes else None
        self._variants = variants_of(question, llm.variants, llm.prompts)
        self._calls = Calls(project, question, self.model, abilities.wanted(llm))
        self._fields, self._few_shot = project.fields, llm.few_shot
        self._examples = ExamplePool((), project.fields)

    def variants(self) -> tuple[str, ...]:
        return tuple(variant.name for variant in self._variants)

    def fingerprint(self) -> Mapping[str, Value]:
        return self._calls.fingerprint(self._variants)

    def announcement(self) -> str | None:
        return None

    def preview(self, work: Work) -> list[Preview]:
        plain = self.ready(work)
        done = dict(work.done)
        for call in plain:
            known = call.earlier
            done[call.variant, call.sample] = self._first_class if known is None else known.value
        return [
            Preview(
                call.variant, call.asked.prompt, _beside(call.form), known=call.earlier is not None
            )
            for call in (*plain, *self.ready(replace(work, done=done)))
        ]

    def learn(self, examples: Sequence[Example]) -> None:
        self._examples = ExamplePool(examples, self._fields)

    async def answer(self, works: Sequence[Work]) -> AsyncIterator[Answer]:
        for work in works:
            values = dict(work.done)
            errors: set[Place] = set()
            while calls := self.ready(replace(work, done=values), errors):
                for call in calls:
                    answer = await self._answer(call)
                    if answer.outcome == "error":
                        errors.add((call.variant, call.sample))
                    else:
                        values[call.variant, call.sample] = answer.value
                    yield answer
            for answer in self.not_askable(replace(work, done=values), errors):
                yield answer

    def ready(self, work: Work, errors: Collection[Place] = ()) -> list[Ready]:
        """Every call of the item that is not done and can be made now.

        A challenge is one when every other call is done. errors: calls of this run that failed;
        they are not made again, nor waited for.
        """
        challenged = any(variant.way.kind == "challenge" for variant in self._variants)
        first = _majority(self._answers(work)) if challenged else None
        return [
            self._calls.prepare(
                work,
                variant,
                sample,
                examples=self._examples_for(work.item),
                first_answer=first,
            )
            for variant, sample in self._open(work, errors)
            if variant.way.kind != "challenge" or first is not None
        ]

    def not_askable(self, work: Work, errors: Collection[Place] = ()) -> list[Answer]:
        """Answers in place of the calls that are left when nothing is `ready`: challenges
        without a first answer."""
        return [
            not_asked(work.item.id, variant.name, sample, failed=bool(errors))
            for variant, sample in self._open(work, errors)
        ]

    async def finish(
        self, ready: Ready, reply: Reply | ProviderError, *, cost_usd: float | None
    ) -> Answer:
        """The answer a call came to. A reply that is none is sent back once, at once.

        cost_usd: what the reply cost, in US dollars; the second call's cost is added. Raises
        ProviderError where it is fatal.
        """
        if isinstance(reply, ProviderError):
            if reply.fatal:
                raise reply
            return failed(ready, reply.why)
        first = answered(ready, reply, cost_usd)
        if first.outcome != "invalid" or not reply.text:
            return first
        try:
            prompt = correction(ready.asked, reply.text)
            second = await self._payer.call(prompt, sample=ready.sample, form=ready.form)
        except ProviderError as error:
            if error.fatal:
                raise
            return _without_repair(first, error.why)
        except CapReached as reached:  # what was paid is kept, and the cap ends the run anyway
            return _without_repair(first, str(reached))
        return repaired(first, answered(ready, second.reply, second.cost_usd))

    async def close(self) -> None:
        await self.provider.close()

    async def _answer(self, ready: Ready) -> Answer:
        if ready.earlier is not None:
            return ready.earlier
        began_s = time.monotonic()
        reply: Reply | ProviderError
        cost_usd = None
        try:
            paid = await self._payer.call(ready.asked.prompt, sample=ready.sample, form=ready.form)
            reply, cost_usd = paid.reply, paid.cost_usd
        except ProviderError as error:
            reply = error
        answer = await self.finish(ready, reply, cost_usd=cost_usd)
        return replace(answer, seconds=time.monotonic() - began_s)

    def _open(self, work: Work, errors: Collection[Place]) -> list[tuple[Variant, int]]:
        """The calls to make next: challenges when only they are left."""
        calls = [
            (variant, sample)
            for variant, sample in self._places()
            if (variant.name, sample) not in work.done and (variant.name, sample) not in errors
        ]
        plain = [call for call in calls if call[0].way.kind != "challenge"]
        return plain or calls

    def _places(self) -> Iterator[tuple[Variant, int]]:
        for variant in self._variants:
            for sample in range(self._samples):
                yield variant, sample

    def _answers(self, work: Work) -> list[Value]:
        """What the calls before a challenge said, in the order in which they are made."""
        return [
            work.done.get((variant.name, sample))
            for variant, sample in self._places()
            if variant.way.kind != "challenge"
        ]

    def _examples_for(self, item: Item) -> Sequence[Example]:
        """The human-labelled examples to show with an item."""
        return self._examples.nearest(item, self._few_shot)


def _beside(form: Form) -> dict[str, Value]:
    """What a form adds to a request, where it adds anything."""
    added = {"schema": form.schema, "top_logprobs": form.top_logprobs}
    return {name: value for name, value in added.items() if value is not None}


def _majority(values: Sequence[Value]) -> Value:
    """The model's answer so far; the earliest wins a tie, None counts for nothing."""
    votes = Counter(value for value in values if value is not None)
    return votes.most_common(1)[0][0] if votes else None


def _without_repair(first: Answer, why: str) -> Answer:
    """A reply that was no answer, and no second one came: asked again by the next run."""
    reason = f"{first.reason}; no second reply: {why}"
    return replace(first, outcome="error", confidence=None, reason=reason)
