"""Offsets of other tools -> code points of our texts."""

from __future__ import annotations

from collections.abc import Mapping

BROKEN = "the marked place does not hold the words that the file names"


def code_points(text: str, start: int, end: int, words: object) -> tuple[int, int] | None:
    """Where a marked place is in code points; None where the text says otherwise.

    Browsers count UTF-16 units, so that every emoji before it moves a place by one. words: what
    stands there as the file tells, which decides; None where it does not tell.

    >>> code_points("😀 Ada was", 3, 6, "Ada"), code_points("😀 Ada was", 2, 5, "Ada")
    ((2, 5), (2, 5))
    >>> code_points("Ada was", 0, 3, "Bob") is None
    True
    """
    if not isinstance(words, str) or text[start:end] == words:
        return (start, end) if 0 <= start < end <= len(text) else None
    units = text.encode("utf-16-le", "surrogatepass")
    try:
        first = len(units[: 2 * start].decode("utf-16-le"))
        marked = units[2 * start : 2 * end].decode("utf-16-le")
    except UnicodeDecodeError:
        return None
    return (first, first + len(marked)) if marked == words else None


def field_with(values: Mapping[str, object], start: int, end: int, words: object) -> str:
    """The text that a place lies in: the one that holds the words there, else the longest."""
    texts = {key: value for key, value in values.items() if isinstance(value, str)}
    if isinstance(words, str):
        for key, text in texts.items():
            if code_points(text, start, end, words) is not None:
                return key
    return max(texts, key=lambda key: len(texts[key]), default="")
