"""A text with its spans, and the words that every span begins and ends with."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from annotate.agreement.spans import Span, tokens
from annotate.exporters.protocol import Dropped, ExportRow
from annotate.exporters.refusals import BLANK, NO_SPANS, OVERLAP
from annotate.questions.spans import SpansSettings

Word: TypeAlias = tuple[int, int]
"""(start, end) in code points, the end not included."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and its spans, sorted; blanks at their ends are left out."""

    text: str
    spans: tuple[Span, ...]

    def overlaps(self) -> bool:
        return any(after[0] < before[1] for before, after in pairwise(self.spans))

    def words(self) -> tuple[Word, ...]:
        """In order and without blanks; a word that a span begins or ends in is cut there."""
        words: list[Word] = tokens(self.text)
        for at in {at for start, end, _ in self.spans for at in (start, end)}:
            _cut(words, at)
        return tuple(words)


def marked(row: ExportRow) -> Marked | Dropped:
    """The text that the spans of a row's label lie in."""
    if not isinstance(row.question, SpansSettings):
        return Dropped(NO_SPANS)
    text = row.item.fields[row.question.field]
    spans = [(*_trimmed(text, one["start"], one["end"]), one["label"]) for one in row.final.value]
    if any(start == end for start, end, _ in spans):
        return Dropped(BLANK)
    return Marked(text, tuple(sorted(spans)))


def apart(row: ExportRow) -> Marked | Dropped:
    """As `marked`, for formats in which a word has one label at most."""
    found = marked(row)
    return Dropped(OVERLAP) if isinstance(found, Marked) and found.overlaps() else found


def _trimmed(text: str, start: int, end: int) -> Word:
    inside = text[start:end]
    if not inside.strip():
        return start, start
    return start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip())


def _cut(words: list[Word], at: int) -> None:
    place = bisect_left(words, (at, at))
    if place:
        start, end = words[place - 1]
        if at < end:
            words[place - 1 : place] = (start, at), (at, end)
