"""A chat model as pre-labeller: each item is asked in every variant, `samples` times."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence

from annotate.errors import ProviderError
from annotate.llm.prelabeller import Answer, Work
from annotate.llm.prompts import Asked, Example, ask, template_versions
from annotate.llm.providers import Provider, Reply
from annotate.llm.replies import read
from annotate.llm.variants import Variant, expand
from annotate.model import Outcome, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings


class ChatPrelabeller:
    """Implements `Prelabeller` over a `Provider`."""

    free = False
    batch = 1

    def __init__(self, project: Project, question: QuestionSettings, provider: Provider) -> None:
        self.model = provider.model
        self.concurrency = project.llm.concurrency
        self.example_limit: int | None = project.llm.few_shot
        self._project, self._question, self._provider = project, question, provider
        classes = QUESTION_TYPES[question.type].classes(question)
        self._variants = expand(project.llm.variants, classes)
        self._examples: Sequence[Example] = ()

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
        self._examples = examples

    async def answer(self, works: Sequence[Work]) -> AsyncIterator[Answer]:
        for work in works:
            values = dict(work.done)
            for variant in self._variants:
                for sample in range(self._project.llm.samples):
                    if (variant.name, sample) in values:
                        continue
                    answer = await self._call(work, variant, sample, _majority(values))
                    values[variant.name, sample] = answer.value
                    yield answer

    async def close(self) -> None:
        await self._provider.close()

    async def _call(self, work: Work, variant: Variant, sample: int, first_answer: Value) -> Answer:
        if variant.way.kind == "challenge" and first_answer is None:
            why = "not asked: there is no first answer to challenge"
            return Answer(work.item.id, variant.name, sample, "abstained", reason=why)
        asked = ask(
            self._project,
            self._question,
            work.item,
            variant,
            examples=self._examples,
            first_answer=first_answer,
        )
        started = time.monotonic()
        reply: Reply | ProviderError
        try:
            reply = await self._provider.complete(asked.prompt, sample=sample)
        except ProviderError as error:
            if error.fatal:
                raise
            reply = error
        return _answer(work.item.id, variant.name, sample, asked, reply, time.monotonic() - started)


def _majority(values: Mapping[tuple[str, int], Value]) -> Value:
    """The model's answer so far; the earliest wins a tie."""
    votes = Counter(value for value in values.values() if value is not None)
    return votes.most_common(1)[0][0] if votes else None


def _answer(
    item_id: str,
    variant: str,
    sample: int,
    asked: Asked,
    reply: Reply | ProviderError,
    seconds: float,
) -> Answer:
    version, hash_ = asked.prompt.version, asked.prompt.hash
    if isinstance(reply, ProviderError):
        return Answer(
            item_id, variant, sample, "error", None, version, hash_, reason=reply.why,
            seconds=seconds,
        )  # fmt: skip
    outcome, reason = _ended(reply)
    value, confidence = None, None
    if outcome == "parsed":
        reading = read(reply.text or "", asked.words)
        outcome, value = reading.outcome, reading.value
        confidence, reason = reading.confidence, reading.reason
    return Answer(
        item_id,
        variant,
        sample,
        outcome,
        value,
        version,
        hash_,
        confidence=confidence,
        reason=reason,
        raw=reply.text if reply.text is not None else reply.refusal,
        finish_reason=reply.finish_reason,
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        seconds=seconds,
    )


def _ended(reply: Reply) -> tuple[Outcome, str | None]:
    """`parsed` when the text may be read; otherwise why it may not."""
    if reply.refusal:
        return "refused", f"the model refused: {reply.refusal[:200]}"
    if reply.finish_reason == "content_filter":
        return "refused", "the server's content filter stopped the answer"
    if reply.finish_reason == "length":
        return "truncated", "the answer was cut off: raise `llm.max_tokens`"
    return "parsed", None
