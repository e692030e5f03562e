"""One call to a chat model, from what is asked to the typed answer it came to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from annotate.llm.label_chances import UNKNOWN, label_chances
from annotate.llm.local.tfidf import has_cjk
from annotate.llm.prelabeller import Answer
from annotate.llm.prompts import Asked, Message, Prompt
from annotate.llm.providers import Reply
from annotate.llm.providers.protocol import Form
from annotate.llm.replies import Reading
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
    reading = _ended(reply) or ready.asked.read(reply.text or "")
    chances = UNKNOWN
    if reading.outcome == "parsed" and reply.tokens is not None:
        chances = label_chances(reply.text or "", reply.tokens, ready.asked, reading.value)
    return replace(
        _blank(ready, reading.outcome),
        value=reading.value,
        probabilities=chances.probabilities,
        label_mass=chances.label_mass,
        confidence=reading.confidence,
        reason=reading.reason,
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
    """The same prompt, the reply that was no answer, and what is wrong with it."""
    chinese = any(has_cjk(message.content[-40:]) for message in asked.prompt.messages[-1:])
    wrong, comma, again = _AGAIN["zh" if chinese else "en"]
    if asked.spoken is None:
        wrong = wrong.format(_named(said, asked), comma.join(_listed(tuple(asked.answers))))
    else:
        wrong = _WRONG["zh" if chinese else "en"].format(asked.read(said).reason)
    messages = (
        *asked.prompt.messages,
        Message("assistant", said[:LONGEST_QUOTE]),
        Message("user", wrong + again),
    )
    return replace(asked.prompt, messages=messages)


def _named(reply: str, asked: Asked) -> str:
    """What a reply gave as its answer, in a few words."""
    said = asked.read(reply).said or reply.strip()
    return repr(said if len(said) <= LONGEST_NAME else f"{said[:LONGEST_NAME]}…")


def _listed(answers: tuple[str, ...]) -> tuple[str, ...]:
    return answers if len(answers) <= MOST_NAMED else (*answers[:MOST_NAMED], "…")


LONGEST_QUOTE = 2000
LONGEST_NAME = 40
MOST_NAMED = 50
_AGAIN = {
    "en": ("{} is not one of: {}. ", ", ", "Answer again, in exactly the form asked for."),
    "zh": ("{} 不是以下之一：{}。", "、", "请严格按照要求的格式重新回答。"),
}
_WRONG = {"en": "That cannot be used: {}. ", "zh": "上面的回答无法使用（{}）。"}
"""Where there is no list of answers to choose from."""


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


def _ended(reply: Reply) -> Reading | None:
    """Why a reply's text may not be read; None when it may."""
    if reply.refusal:
        return Reading("refused", reason=f"the model refused: {reply.refusal[:200]}")
    if reply.finish_reason == "content_filter":
        return Reading("refused", reason="the server's content filter stopped the answer")
    if reply.finish_reason == "length":
        return Reading("truncated", reason="the answer was cut off: raise `llm.max_tokens`")
    return None


N = TypeVar("N", int, float)


def _sum(a: N | None, b: N | None) -> N | None:
    """Both together; None when either is not known."""
    return None if a is None or b is None else a + b
