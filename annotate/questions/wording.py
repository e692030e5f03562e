"""Values in words, for tables, sentences and spreadsheet cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from annotate.model import Value
from annotate.questions.protocol import QuestionSettings
from routing.registry import Registry

REJECTED = "(rejected)"
NOTHING = "(none)"

WORDED: Registry[Callable[[Any], str]] = Registry("wording")
"""Question type -> its values in words. A type that is not here has values that are words."""


def in_words(question: QuestionSettings, value: Value) -> str:
    """The value in one readable piece; "" for none. Whoever wants to read it back takes JSON."""
    if value is None:
        return ""
    return WORDED[question.type](value) if question.type in WORDED else str(value)


def labels_in_words(value: Sequence[str]) -> str:
    """
    >>> labels_in_words(["price", "taste"]), labels_in_words([])
    ('price; taste', '(none)')
    """
    return "; ".join(value) or NOTHING


def rating_in_words(value: int | Mapping[str, int]) -> str:
    """
    >>> rating_in_words(4), rating_in_words({"tone": 4, "facts": 2})
    ('4', 'tone 4; facts 2')
    """
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {number}" for name, number in value.items())
    return str(value)


def preference_in_words(value: str | Mapping[str, Any]) -> str:
    """
    >>> preference_in_words("a"), preference_in_words({"choice": "a", "strength": 2})
    ('a', 'a 2')
    """
    if isinstance(value, Mapping):
        return " ".join(str(part) for part in value.values())
    return value


def spans_in_words(value: Sequence[Mapping[str, Any]]) -> str:
    """
    >>> spans_in_words([{"start": 0, "end": 3, "label": "person"}]), spans_in_words([])
    ('person 0-3', '(none)')
    """
    return "; ".join(f"{s['label']} {s['start']}-{s['end']}" for s in value) or NOTHING


def text_in_words(value: Mapping[str, str]) -> str:
    """
    >>> text_in_words({"verdict": "fix", "text": "Yes."})
    'Yes.'
    """
    return REJECTED if value["verdict"] == "reject" else value["text"]


WORDED.add("multi_label", labels_in_words)
WORDED.add("rating", rating_in_words)
WORDED.add("preference", preference_in_words)
WORDED.add("ranking", " > ".join)
WORDED.add("spans", spans_in_words)
WORDED.add("text", text_in_words)
