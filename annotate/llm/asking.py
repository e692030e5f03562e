"""One call to a chat model, from what is asked to the typed answer it came to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from annotate.llm.local.tfidf import has_cjk
from annotate.llm.prelabeller import Answer
from annotate.llm.prompts import Asked, Message, Prompt
from annotate.llm.providers import Reply
from annotate.llm.providers.protocol import Form
from annotate.llm.replies import read
from annotate.model import Outcome


@dataclass(frozen=True, slots=True)
class Ready:
    """A call that can be made now.

    call: its identity. earlier: the answer another round has to it; then nothing is asked.
    """

    item_id: str
    variant: str
    sample: int
    call: str
    asked: Asked
    form: Form
    earlier: Answer | None = None


def answered(ready: Ready, reply: Reply, cost_usd: float | None) -> Answer:
    """What a reply came to: a value, or the typed reason why there is none."""
    outcome, reason = _ended(reply)
    value, confidence = None, None
    if outcome == "parsed":
        reading = read(reply.text or "", ready.asked.words)
        outcome, value = reading.outcome, reading.value
        confidence, reason = reading.confidence, reading.reason
    return replace(
        _blank(ready, outcome),
        value=value,
        confidence=confidence,
        reason=reason,
        raw=reply.text if reply.text is not None else reply.refusal,
        finish_reason=reply.finish_reason,
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        cost_usd=cost_usd,
    )


def repaired(first: Answer, second: Answer) -> Answer:
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


def failed(ready: Ready, why: str) -> Answer:
    """A call without a reply: it is asked again by the next run."""
    return replace(_blank(ready, "error"), reason=why)


def not_asked(item_id: str, variant: str, sample: int, *, failed: bool) -> Answer:
    """A challenge without a first answer: an error while there may still be one to come."""
    if failed:
        why = "not asked: the calls before it failed"
        return Answer(item_id, variant, sample, "error", reason=why)
    why = "not asked: there is no first answer to challenge"
    return Answer(item_id, variant, sample, "abstained", reason=why)


def correction(asked: Asked, said: str) -> Prompt:
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


def _blank(ready: Ready, outcome: Outcome) -> Answer:
    return Answer(
        ready.item_id,
        ready.variant,
        ready.sample,
        outcome,
        prompt_version=ready.asked.prompt.version,
        prompt_hash=ready.asked.prompt.hash,
        call=ready.call,
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


N = TypeVar("N", int, float)


def _sum(a: N | None, b: N | None) -> N | None:
    """Both together; None when either is not known."""
    return None if a is None or b is None else a + b
