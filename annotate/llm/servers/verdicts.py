"""What one or a few answers of a server say about a feature: plain functions, nothing is sent."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.errors import ProviderError
from annotate.llm.servers.capabilities import Feature

UNHEARD_OF = "zq-4071"
"""What no model says of itself."""
_REFUSALS = (400, 401, 403, 404, 405, 413, 422, 501)
_CONTEXT_KEYS = ("n_ctx", "max_model_len", "context_length", "context_window", "max_context_length")
_TOO_SHORT = "output limit was reached"
"""OpenAI's 400 for a model that was still thinking when its tokens were used up."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A request that brought no answer. status: None when there was no error status either."""

    error: ProviderError
    status: int | None
    said: str

    @property
    def feature(self) -> Feature:
        """Refused is `no`; what may be a passing failure is `unknown`."""
        return Feature("no" if self.status in _REFUSALS else "unknown", self.said)


@dataclass(frozen=True, slots=True)
class Said:
    """A chat completion. Servers may send anything: what is not of its type is None or empty."""

    choices: Sequence[Mapping[str, Any]]
    model: str | None = None
    tokens_out: int | None = None

    @property
    def text(self) -> str:
        content = as_dict(self.choices[0].get("message")).get("content")
        return content if isinstance(content, str) else ""

    @property
    def cut(self) -> bool:
        return self.choices[0].get("finish_reason") == "length"


def completion(found: object) -> Said | None:
    """The completion in a body; None when it is none."""
    body = as_dict(found)
    given = body.get("choices")
    choices = [c for c in given if isinstance(c, dict)] if isinstance(given, list) else []
    if not choices:
        return None
    model, tokens = body.get("model"), as_dict(body.get("usage")).get("completion_tokens")
    return Said(
        choices,
        model if isinstance(model, str) else None,
        tokens if isinstance(tokens, int) and not isinstance(tokens, bool) else None,
    )


def limit(reply: Said | Failed, cap: int) -> Feature:
    """Whether an answer that would be longer ended after `cap` tokens."""
    if isinstance(reply, Failed):
        if _TOO_SHORT in reply.said:
            return Feature("yes", f"stopped while thinking, after {cap} tokens")
        return reply.feature
    tokens = reply.tokens_out
    # without a count: no token is longer than a dozen characters on average
    ran_on = len(reply.text) > 12 * cap if tokens is None else tokens > cap
    if ran_on:
        length = f"{len(reply.text)} characters" if tokens is None else f"{tokens} tokens"
        return Feature("no", f"accepted, but ignored: {length} instead of {cap} tokens")
    if reply.cut:
        return Feature("yes", f"stopped at the limit of {cap} tokens")
    return Feature("unknown", f"accepted, but the answer ended before {cap} tokens")


def accepted(reply: Said | Failed) -> Feature:
    if isinstance(reply, Failed):
        return reply.feature
    return Feature("yes", "accepted; whether it has an effect was not measured")


def schema(reply: Said | Failed) -> Feature:
    """Whether the one answer that the schema allows came out."""
    if isinstance(reply, Failed):
        return reply.feature
    text = reply.text.strip()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if found == {"answer": UNHEARD_OF}:
        return Feature("yes", "the only allowed answer came, one that no model gives of itself")
    if reply.cut and (not text or text.startswith("{")):
        return Feature("unknown", "the answer was cut off before its end")
    return Feature("no", f"accepted, but ignored: {text[:60]!r}")


def alternatives(reply: Said) -> int | None:
    """How many alternatives stand beside the first token; None without log-probabilities."""
    tokens = as_dict(reply.choices[0].get("logprobs")).get("content")
    first = as_dict(tokens[0]) if isinstance(tokens, list) and tokens else {}
    given = first.get("top_logprobs")
    listed = given if isinstance(given, list) else []
    return sum(_is_logprob(as_dict(one).get("logprob")) for one in listed) or None


def several(reply: Said | Failed, wanted: int) -> Feature:
    """Whether one request brought as many answers as were wanted; what more would is not known."""
    if isinstance(reply, Failed):
        return reply.feature
    count = len(reply.choices)
    if count == wanted:
        return Feature("yes", f"{count} answers to one request; only {wanted} were tried")
    return Feature("no", f"accepted, but {count} came instead of {wanted}")


def seeded(replies: Sequence[Said | Failed]) -> Feature:
    """replies: to one prompt, the first two with the same seed and the third with another."""
    for reply in replies:
        if isinstance(reply, Failed):
            return reply.feature
    first, same, other = (reply.text for reply in replies if isinstance(reply, Said))
    if first != same:
        return Feature("no", "accepted, but one seed gave two texts")
    if first == other:
        return Feature("unknown", "two seeds gave one text: nothing to tell them apart by")
    return Feature("yes", "one seed gave one text twice, another seed another")


def names(entry: Mapping[str, Any]) -> Iterator[str]:
    """What a model in a server's list is called."""
    aliases = entry.get("aliases")
    called = [entry.get("id"), *(aliases if isinstance(aliases, list) else [])]
    return (name for name in called if isinstance(name, str))


def context_tokens(entry: Mapping[str, Any]) -> int | None:
    """The context length that an entry tells, under any of its usual names."""
    for place in (entry, as_dict(entry.get("meta")), as_dict(entry.get("top_provider"))):
        for key in _CONTEXT_KEYS:
            tokens = place.get(key)
            if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens > 0:
                return tokens
    return None


def few(names_: Sequence[str], most: int = 5) -> str:
    """
    >>> few(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    rest = len(names_) - most
    return ", ".join(names_[:most]) + (f" and {rest} more" if rest > 0 else "")


def as_dict(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _is_logprob(given: object) -> bool:
    number = isinstance(given, int | float) and not isinstance(given, bool)
    return number and math.isfinite(given) and given <= 1e-6  # type: ignore[arg-type, operator]
