"""A model's words -> an answer, strictly. What is not exactly an answer is none."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotate.model import Outcome, Value

ABSTAIN = object()
"""What a reply means that is well-formed but names no class ("false" among many)."""

LONGEST_REPLY = 2_000
"""Characters. Longer texts are no answers, and are not worth searching."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply came to. `reason` says why there is no value; `said` is what was looked up."""

    outcome: Outcome
    value: Value = None
    confidence: float | None = None
    reason: str | None = None
    said: str | None = field(default=None, repr=False, compare=False)


def read(text: str, words: Mapping[str, Any]) -> Reading:
    """The value that `text` names. words: what may be said -> value, or ABSTAIN.

    Quotes, a full stop, "Label:" in front, letter case, a closing confidence and a JSON object
    {"label": ..., "confidence": ...} are understood; "not spam" or "spam or ham" name nothing.

    >>> read('Label: "Spam".\\nconfidence: 0.8', {"spam": "spam"})
    Reading(outcome='parsed', value='spam', confidence=0.8, reason=None)
    >>> read("not spam", {"spam": "spam"}).outcome
    'invalid'
    """
    said = after_thinking(text)
    if said is None:
        return Reading("invalid", reason="the reply ends before its reasoning does")
    if len(said) > LONGEST_REPLY:
        return Reading("invalid", reason=f"the reply has {len(said):,} characters: no answer")
    known = meanings(words.items())
    value, confidence = look_up(said, known), None
    if value is None:
        said, confidence = _split(said, known)
        value = look_up(said, known)
    if value is ABSTAIN:
        return Reading("abstained", confidence=confidence, reason=f"{said[:80]!r} names no answer")
    if value is None:
        return Reading("invalid", None, confidence, _no_answer(said), said)
    return Reading("parsed", value, confidence)


def meanings(words: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Folded word -> value. A word that stands for two values means neither: ABSTAIN.

    >>> meanings([("Spam", 1), ("SPAM", 1), ("ham", 2), ("Ham", 3)]) == {"spam": 1, "ham": ABSTAIN}
    True
    """
    known: dict[str, Any] = {}
    for word, value in words:
        key = fold(word)
        known[key] = value if known.get(key, value) == value else ABSTAIN
    return known


def fold(word: str) -> str:
    """What two spellings have in common that differ in letter case or in how accents are coded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", word).casefold())


def look_up(said: str, known: Mapping[str, Any]) -> Any:
    """What `said` means, as it stands or without some of its wrapping; None for nothing."""
    return next((known[fold(form)] for form in forms(said) if fold(form) in known), None)


def forms(text: str) -> Iterator[str]:
    """The text, then with one layer of wrapping less each time: the fullest form counts first,
    so that an answer keeps the punctuation that belongs to it.

    >>> list(forms('Label: **"C++".**'))
    ['Label: **"C++".**', '**"C++".**', '"C++".', '"C++"', 'C++']
    """
    last = None
    while text != last:
        yield text
        last, text = text, _peeled(text)


def _peeled(text: str) -> str:
    stripped = text.strip(_BLANKS)
    if stripped != text:
        return stripped
    for layer in (FENCE, _LEAD_IN, *_PAIRS, _FULL_STOP):
        found = layer.fullmatch(text)
        if found:
            return found.group(1)
    return text


_BLANKS = " \t\r\n\xa0\u3000\u200b\u200e\u200f\ufeff"
FENCE = re.compile(r"```\w*\n(.*?)\n```", re.DOTALL)
_LEAD_WORDS = (
    r"(?:the |my |final )*(?:label|answer|category|better response)(?: is)?|标签|答案|类别|回答"
)
_LEAD_IN = re.compile(
    rf"(?:\*\*(?:{_LEAD_WORDS})(?:\*\*[:：]|[:：]\*\*)|(?:{_LEAD_WORDS})[:：])\s*(.+)",
    re.DOTALL | re.IGNORECASE,
)
_FULL_STOP = re.compile(r"(.+)[.。]", re.DOTALL)
_MARKS = (
    ("**", "**"), ("*", "*"), ("__", "__"), ("`", "`"), ('"', '"'), ("'", "'"),
    ("“", "”"), ("‘", "’"), ("「", "」"), ("『", "』"), ("《", "》"), ("【", "】"),
    ("(", ")"), ("（", "）"), ("[", "]"),
)  # fmt: skip
_PAIRS = tuple(
    re.compile(rf"{re.escape(left)}(.+){re.escape(right)}", re.DOTALL) for left, right in _MARKS
)
OPENING = _BLANKS + "".join(left for left, _ in _MARKS)
"""Characters that may stand before an answer and are not part of it."""


def answer_start(text: str) -> int:
    """Where in a reply its answer begins: behind thoughts, a code fence, "Label:" or the key of a
    JSON object. OPENING characters may still stand before its words.

    >>> [t[answer_start(t):] for t in ('Label: "A"', '{"label": "A"}', "<think>A?</think> B")]
    ['"A"', '"A"}', 'B']
    """
    thought = text.rfind(_THOUGHT_ENDS)
    found = _BEFORE.match(text, 0 if thought < 0 else thought + len(_THOUGHT_ENDS))
    start = found.end() if found else 0
    if text.startswith("{", start):
        key = _ANSWER_KEY.search(text, start)
        return key.end() if key else start
    lead = _LEAD_IN.match(text, start)
    return lead.start(1) if lead else start


def after_thinking(text: str) -> str | None:
    """Reasoning models put their thoughts in front; an unclosed thought has no answer: None."""
    if _THOUGHT_ENDS in text:
        return text.rsplit(_THOUGHT_ENDS, 1)[1].strip()
    return None if text.lstrip().startswith("<think>") else text.strip()


def _split(text: str, known: Mapping[str, Any]) -> tuple[str, float | None]:
    """The answer's words and the confidence stated with it."""
    # a name may itself end in "confidence": then only a line of its own states one
    named = any(word in name for name in known for word in ("confidence", "置信度"))
    found = (CONFIDENCE_LINE if named else _CONFIDENCE).search(text)
    confidence = share_of(found.group(1), found.group(2)) if found else None
    text = _before(text[: found.start()], known) if found else text
    fenced = FENCE.fullmatch(text)
    as_object = _json_object(fenced.group(1).strip() if fenced else text)
    if as_object is None:
        return text, confidence
    stated = [as_object[key] for key in ("confidence", "置信度") if key in as_object]
    return _label_in(as_object), share_of(stated[0]) if stated else confidence


_NUMBER = r"(-?(?:\d{1,9}(?:[.,]\d{1,20})?|[.,]\d{1,20})\s?[%％]?)(?:\s?/\s?(1|10|100)(?:\.0)?)?"
_STATED = (
    r"(?:\*\*|__)?(?:with )?(?:my )?(?:confidence|置信度)(?: score| level)?(?:\*\*|__)?\s*"
    rf"(?:[:：=]|is|of|为|是)?\s*(?:\*\*|__)?\s*{_NUMBER}(?:\*\*|__)?\s*[)）\]]?[.。]?\s*$"
)
_CONFIDENCE = re.compile(_STATED, re.IGNORECASE)
CONFIDENCE_LINE = re.compile(r"\n\s*" + _STATED, re.IGNORECASE)
_ANSWER_KEYS = ("label", "answer", "category", "标签", "答案")
_ANSWER_KEY = re.compile(rf'"\s*(?:{"|".join(_ANSWER_KEYS)})\s*"\s*:\s*', re.IGNORECASE)
_BEFORE = re.compile(rf"[{_BLANKS}]*(?:```\w*\n[{_BLANKS}]*)?")
_THOUGHT_ENDS = "</think>"


def _before(text: str, known: Mapping[str, Any]) -> str:
    """The words before a confidence, without the comma or parenthesis that is not theirs."""
    text = text.strip()
    return text if look_up(text, known) is not None else text.rstrip(_SEPARATORS)


_SEPARATORS = " \t\r\n,;，；。([（"
CLOSING = _BLANKS + _SEPARATORS + "." + "".join(right for _, right in _MARKS)
"""Characters that may stand behind an answer and are not part of it."""


def _label_in(given: Mapping[str, Any]) -> str:
    """The one answer an object names; "" when it names none, several, or no text."""
    found = {json.dumps(given[key]) for key in _ANSWER_KEYS if key in given}
    value = json.loads(found.pop()) if len(found) == 1 else None
    if isinstance(value, bool | int):
        return json.dumps(value)
    return value.strip() if isinstance(value, str) else ""


def _json_object(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text, object_pairs_hook=_unrepeated)
    except (ValueError, RecursionError):  # also for numbers of thousands of digits
        return None
    return found if isinstance(found, dict) else None


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {key.strip().casefold(): value for key, value in pairs}
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def share_of(said: object, out_of: str | None = None) -> float | None:
    """0..1, or None: a number outside is no confidence."""
    if isinstance(said, str):
        percent = said.rstrip().endswith(("%", "％"))
        try:
            said = float(said.rstrip(" %％").replace(",", ".")) / (100.0 if percent else 1.0)
        except ValueError:
            return None
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    share = said / int(out_of) if out_of else said
    return float(share) if 0 <= share <= 1 else None


def _no_answer(said: str) -> str:
    if not said:
        return "the reply is empty"
    shown = said if len(said) <= 80 else f"{said[:80]}…"
    return f"{shown!r} is not an answer"
