"""A model's words -> an answer, strictly. What is not exactly an answer is none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotate.model import Outcome, Value

ABSTAIN = object()
"""What a reply means that is well-formed but names no class ("false" among many)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply came to. `reason` says why there is no value."""

    outcome: Outcome
    value: Value = None
    confidence: float | None = None
    reason: str | None = None


def read(text: str, words: Mapping[str, Any]) -> Reading:
    """The value that `text` names. words: what may be said -> value, or ABSTAIN.

    Quotes, a full stop, "Label:" in front, letter case, a closing confidence and a JSON object
    {"label": ..., "confidence": ...} are understood; "not spam" or "spam or ham" name nothing.

    >>> read('Label: "Spam".\\nconfidence: 0.8', {"spam": "spam"})
    Reading(outcome='parsed', value='spam', confidence=0.8, reason=None)
    >>> read("not spam", {"spam": "spam"}).outcome
    'invalid'
    """
    said, confidence = _split(_after_thinking(text))
    if not said:
        return Reading("invalid", confidence=confidence, reason="the reply is empty")
    value = _look_up(said, words)
    if value is ABSTAIN:
        return Reading("abstained", confidence=confidence, reason=f"{said[:80]!r} names no answer")
    if value is None:
        shown = said if len(said) <= 80 else f"{said[:80]}…"
        return Reading("invalid", confidence=confidence, reason=f"{shown!r} is not an answer")
    return Reading("parsed", value, confidence)


def _after_thinking(text: str) -> str:
    """Reasoning models put their thoughts in front; an unclosed thought has no answer."""
    if "</think>" in text:
        return text.rsplit("</think>", 1)[1].strip()
    return "" if text.lstrip().startswith("<think>") else text.strip()


def _split(text: str) -> tuple[str, float | None]:
    """The answer's words and the confidence stated with it."""
    fenced = _FENCE.fullmatch(text)
    as_object = _json_object(fenced.group(1) if fenced else text)
    if as_object is not None:
        said = next((as_object[k] for k in ("label", "answer") if k in as_object), "")
        return str(said).strip(), _number(as_object.get("confidence"))
    found = _CONFIDENCE.search(text)
    if found:
        text = text[: found.start()]
        return text.strip(), _number(found.group(1))
    return text.strip(), None


_FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)
_CONFIDENCE = re.compile(
    r"[\s,;，；(（]*(?:confidence|置信度)(?:\s+score)?\s*(?:[:：=]|is|为)?\s*"
    r"([0-9]*\.?[0-9]+\s?%?)\s*[)）.。]?\s*$",
    re.IGNORECASE,
)


def _json_object(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _number(said: object) -> float | None:
    """0..1, or None: a number outside is no confidence."""
    if isinstance(said, str):
        said = said.strip()
        scale = 100.0 if said.endswith("%") else 1.0
        try:
            said = float(said.rstrip(" %")) / scale
        except ValueError:
            return None
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    return float(said) if 0 <= said <= 1 else None


def _look_up(said: str, words: Mapping[str, Any]) -> Any:
    folded = {word.casefold(): value for word, value in words.items()}
    for form in (said, strip_reply(said)):
        if form in words:
            return words[form]
        if form.casefold() in folded:
            return folded[form.casefold()]
    return None


def strip_reply(text: str) -> str:
    """A short answer without its wrapping: quotes, full stop, "Label:" in front.

    >>> strip_reply('"Billing".'), strip_reply("Label: **spam**"), strip_reply("标签：借阅。")
    ('Billing', 'spam', '借阅')
    """
    for colon in (":", "："):
        head, found, tail = text.partition(colon)
        if found and head.strip(" *").lower() in _LEAD_INS:
            text = tail
            break
    return text.strip(" \t\r\n\"'`*.。“”‘’「」『』()（）")


_LEAD_INS = frozenset(
    {"label", "answer", "the answer is", "the label is", "标签", "答案", "the better response is"}
)
