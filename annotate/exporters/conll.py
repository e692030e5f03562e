"""CoNLL-2003: a word and its tag on each line, an empty line behind each sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from annotate.agreement.spans import Span
from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.marked import OVERLAP, Marked, Word, marked
from annotate.exporters.messages import OTHER_COLUMNS, unreadable
from annotate.exporters.protocol import Dropped, ExportRow, Record
from annotate.training.protocol import Made

COLUMNS = ("text",)
DOCUMENT = "-DOCSTART- -X- -X- O"

NO_LINE = "a line is not a word and its tag"
NO_START = "a tag goes on with a span that has not begun"

_LINE = re.compile(r"(\S+) -X- -X- (?:O|([BI])-(\S+))")
_BLANKS = re.compile(r"\s+")


def record(made: Made) -> Record | Dropped:
    """One document: its words with IOB2 tags. Blanks inside a label's name become _.

    A line end of the text ends a sentence, unless a span goes over it.
    """
    assert isinstance(made, ExportRow)
    found = marked(made)
    if isinstance(found, Dropped):
        return found
    if found.overlaps():
        return Dropped(OVERLAP)
    return {"text": "\n".join([DOCUMENT, "", *_lines(found)]) + "\n"}


def _lines(found: Marked) -> Iterator[str]:
    before = 0
    for (start, end), tag in tagged(found):
        if before and not tag.startswith("I-") and "\n" in found.text[before:start]:
            yield ""
        yield f"{found.text[start:end]} -X- -X- {tag}"
        before = end


def tagged(found: Marked) -> Iterator[tuple[Word, str]]:
    """Each word with its IOB2 tag; the spans must not overlap."""
    left = iter(found.spans)
    span: Span | None = next(left, None)
    for start, end in found.words:
        while span is not None and span[1] <= start:
            span = next(left, None)
        if span is None or end <= span[0]:
            yield (start, end), "O"
        else:
            yield (start, end), f"{'B' if start == span[0] else 'I'}-{_BLANKS.sub('_', span[2])}"


def check(found: Mapping[str, object]) -> str | None:
    """Readers cut a line at its blanks, and take an I- behind nothing for a beginning."""
    if found.keys() != {"text"}:
        return OTHER_COLUMNS
    why, text = unreadable(found["text"]), str(found["text"])
    if why is not None:
        return why
    lines = text.split("\n")
    if lines[:2] != [DOCUMENT, ""]:
        return "the document does not begin with -DOCSTART-"
    return _tags(lines[2:])


def _tags(lines: list[str]) -> str | None:
    inside = None
    for line in lines:
        read = _LINE.fullmatch(line)
        if line and read is None:
            return NO_LINE
        begins, label = (read[2], read[3]) if read else (None, None)
        if begins == "I" and label != inside:
            return NO_START
        inside = label
    return None


DIALECTS.add(
    "conll",
    Dialect(
        "words with IOB2 tags, in four columns as CoNLL-2003",
        material="rows",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("text",),
        read_by=("spaCy convert -c conll", "flair", "seqeval"),
        note="For questions about spans that do not overlap. A word that a span begins or ends in "
        "is cut there, and each character of Chinese and Japanese is a word: no span moves.",
        passport=False,
    ),
)
