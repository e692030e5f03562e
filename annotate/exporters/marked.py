"""A text with its spans, cut into words so that every span begins and ends with one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from annotate.agreement.spans import Span, tokens
from annotate.exporters.protocol import Dropped, ExportRow
from annotate.questions.spans import SpansSettings

Word: TypeAlias = tuple[int, int]
"""(start, end) in code points, the end not included."""

NO_SPANS = "the question does not ask for spans"
NO_WORDS = "the text has no words"
BLANK = "a span covers nothing but blanks"
OVERLAP = "spans overlap, and the format has one label for each word"


@dataclass(frozen=True, slots=True)
class Marked:
    """words: in order, no blanks in any. spans: sorted, each from the start of a word to the end
    of one; blanks at their ends are left out."""

    text: str
    words: tuple[Word, ...]
    spans: tuple[Span, ...]

    def overlaps(self) -> bool:
        return any(after[0] < before[1] for before, after in pairwise(self.spans))


def marked(row: ExportRow) -> Marked | Dropped:
    """The text that the spans of a row's label lie in."""
    if not isinstance(row.question, SpansSettings):
        return Dropped(NO_SPANS)
    text = row.item.fields[row.question.field]
    spans = sorted(
        (*_trimmed(text, one["start"], one["end"]), one["label"]) for one in row.final.value
    )
    words = tuple(
        _cut(tokens(text), sorted({at for start, end, _ in spans for at in (start, end)}))
    )
    if not words:
        return Dropped(NO_WORDS)
    if any(start == end for start, end, _ in spans):
        return Dropped(BLANK)
    return Marked(text, words, tuple(spans))


def _trimmed(text: str, start: int, end: int) -> Word:
    inside = text[start:end]
    if not inside.strip():
        return start, start
    return start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip())


def _cut(words: Sequence[Word], edges: Sequence[int]) -> Iterator[Word]:
    """The words, those that an edge lies in as several."""
    for start, end in words:
        inside = edges[bisect_right(edges, start) : bisect_left(edges, end)]
        yield from pairwise((start, *inside, end))
