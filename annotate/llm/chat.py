"""A chat model as pre-labeller: each item is asked in every variant, `samples` times."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from annotate.errors import ProviderError
from annotate.llm.calls import Paid, Payer
from annotate.llm.ledger import Ledger
from annotate.llm.local.tfidf import has_cjk
from annotate.llm.prelabeller import Answer, Work
from annotate.llm.prices import price_of
from annotate.llm.prompts import Asked, Example, Message, Prompt, ask, template_versions
from annotate.llm.providers import Provider, Reply
from annotate.llm.replies import read
from annotate.llm.similar import POOL, ExamplePool
from annotate.llm.variants import Variant, expand
from annotate.model import Item, Outcome, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings

MOST_TOKENS_OUT = 1024
"""What a reply is taken to have at most where the project sets no limit; only a cost cap, which
demands a limit, depends on it."""


class ChatPrelabeller:
    """Implements `Prelabeller` over a `Provider`."""

    free = False
    batch = 1

    def __init__(self, project: Project, question: QuestionSettings, provider: Provider) -> None:
        self.model = provider.model
        self.concurrency = project.llm.concurrency
        self.example_limit: int | None = POOL if project.llm.few_shot else 0
        self._project, self._question, self._provider = project, question, provider
        llm = project.llm
        ledger = Ledger(price_of(llm), max_cost_usd=llm.max_cost_usd, max_calls=llm.max_calls)
        self._payer = Payer(provider, ledger, max_tokens_out=llm.max_tokens or MOST_TOKENS_OUT)
        classes = QUESTION_TYPES[question.type].classes(question)
        self._variants = expand(project.llm.variants, classes)
        self._examples = ExamplePool((), project.fields)

    def variants(self) -> tuple[str, ...]:
        return tuple(variant.name for variant in self._variants)

    def fingerprint(self) -> Mapping[str, Value]:
        llm = self._project.llm
        return {
            "provider": llm.provider,
            "base_url": llm.base_url,
            "model": self.model,
            "parameters": [llm.temperature, llm.top_p, llm.max_tokens, llm.samples],
            "confidence": llm.confidence,
            "few_shot": llm.few_shot,
            "variants": self.variants(),
            "templates": template_versions(self._question, self._project.language),
            "guideline": self._project.guideline,
            "fields": self._project.fields,
            "question": self._question.model_dump(mode="json"),
        }

    def announcement(self) -> str | None:
        return None

    def learn(self, examples: Sequence[Example]) -> None:
        self._examples = ExamplePool(examples, self._project.fields)

    async def answer(self, works: Sequence[Work]) -> AsyncIterator[Answer]:
        for work in works:
            values = dict(work.done)
            failed = False
            for variant in self._variants:
                for sample in range(self._project.llm.samples):
                    if (variant.name, sample) in values:
                        continue
                    first_answer = _majority(values)
                    if variant.way.kind == "challenge" and first_answer is None:
                        answer = _not_asked(work.item.id, variant.name, sample, failed)
                    else:
                        answer = await self._call(work, variant, sample, first_answer)
                    values[variant.name, sample] = answer.value
                    failed = failed or answer.outcome == "error"
                    yield answer

    async def close(self) -> None:
        await self._provider.close()

    async def _call(self, work: Work, variant: Variant, sample: int, first_answer: Value) -> Answer:
        asked = ask(
            self._project,
            self._question,
            work.item,
            variant,
            examples=self._examples_for(work.item),
            first_answer=first_answer,
        )
        about = _Call(work.item.id, variant.name, sample, asked, time.monotonic())
        try:
            first = await self._payer.call(asked.prompt, sample=sample)
            answer = about.answer(first)
            if answer.outcome != "invalid" or not first.reply.text:
                return answer
            second = await self._payer.call(_correction(asked, first.reply.text), sample=sample)
            return about.repaired(answer, about.answer(second))
        except ProviderError as error:
            if error.fatal:
                raise
            return about.failed(error)

    def _examples_for(self, item: Item) -> Sequence[Example]:
        """The human-labelled examples to show with an item."""
        return self._examples.nearest(item, self._project.llm.few_shot)


def _not_asked(item_id: str, variant: str, sample: int, failed: bool) -> Answer:
    """A challenge without a first answer: an error while there may still be one to come."""
    if failed:
        why = "not asked: the calls before it failed"
        return Answer(item_id, variant, sample, "error", reason=why)
    why = "not asked: there is no first answer to challenge"
    return Answer(item_id, variant, sample, "abstained", reason=why)


def _majority(values: Mapping[tuple[str, int], Value]) -> Value:
    """The model's answer so far; the earliest wins a tie."""
    votes = Counter(value for value in values.values() if value is not None)
    return votes.most_common(1)[0][0] if votes else None


@dataclass(frozen=True, slots=True)
class _Call:
    """One call being made, until it becomes an `Answer`."""

    item_id: str
    variant: str
    sample: int
    asked: Asked
    began_s: float

    def answer(self, paid: Paid) -> Answer:
        reply = paid.reply
        outcome, reason = _ended(reply)
        value, confidence = None, None
        if outcome == "parsed":
            reading = read(reply.text or "", self.asked.words)
            outcome, value = reading.outcome, reading.value
            confidence, reason = reading.confidence, reading.reason
        return replace(
            self._blank(outcome),
            value=value,
            confidence=confidence,
            reason=reason,
            raw=reply.text if reply.text is not None else reply.refusal,
            finish_reason=reply.finish_reason,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost_usd=paid.cost_usd,
        )

    def repaired(self, first: Answer, second: Answer) -> Answer:
        """The second try's answer, with what both cost; `repaired` when it is one."""
        outcome: Outcome = "repaired" if second.outcome == "parsed" else second.outcome
        return replace(
            second,
            outcome=outcome,
            reason=f"at first: {first.reason}" if outcome == "repaired" else second.reason,
            tokens_in=_sum(first.tokens_in, second.tokens_in),
            tokens_out=_sum(first.tokens_out, second.tokens_out),
            cost_usd=_sum(first.cost_usd, second.cost_usd),
        )

    def failed(self, error: ProviderError) -> Answer:
        return replace(self._blank("error"), reason=error.why)

    def _blank(self, outcome: Outcome) -> Answer:
        return Answer(
            self.item_id,
            self.variant,
            self.sample,
            outcome,
            prompt_version=self.asked.prompt.version,
            prompt_hash=self.asked.prompt.hash,
            seconds=time.monotonic() - self.began_s,
        )


N = TypeVar("N", int, float)


def _sum(a: N | None, b: N | None) -> N | None:
    """Both together; None when either is not known."""
    return None if a is None or b is None else a + b


def _correction(asked: Asked, said: str) -> Prompt:
    """The same prompt, the reply that was no answer, and a request to keep to the form."""
    chinese = any(has_cjk(message.content[-40:]) for message in asked.prompt.messages[-1:])
    again = _AGAIN_ZH if chinese else _AGAIN_EN
    messages = (
        *asked.prompt.messages,
        Message("assistant", said[:LONGEST_QUOTE]),
        Message("user", again),
    )
    return replace(asked.prompt, messages=messages)


LONGEST_QUOTE = 2000
_AGAIN_EN = "That is not one of the answers asked for. Answer again, in exactly the form asked for."
_AGAIN_ZH = "这不是要求的答案之一。请严格按照要求的格式重新回答。"


def _ended(reply: Reply) -> tuple[Outcome, str | None]:
    """`parsed` when the text may be read; otherwise why it may not."""
    if reply.refusal:
        return "refused", f"the model refused: {reply.refusal[:200]}"
    if reply.finish_reason == "content_filter":
        return "refused", "the server's content filter stopped the answer"
    if reply.finish_reason == "length":
        return "truncated", "the answer was cut off: raise `llm.max_tokens`"
    return "parsed", None
