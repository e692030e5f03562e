"""CoNLL-2003: a word and its tag on each line, an empty line behind each sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping

from annotate.agreement.spans import words
from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.marked import Marked, apart
from annotate.exporters.messages import unreadable
from annotate.exporters.protocol import Dropped, ExportRow, Record
from annotate.exporters.refusals import NO_WORDS, OTHER_COLUMNS
from annotate.training.protocol import Made

COLUMNS = ("text",)
DOCUMENT = "-DOCSTART- -X- -X- O"

NO_LINE = "a line is not a word and its tag"
NO_START = "a tag goes on with a span that has not begun"

_BODY = re.compile(r"(?:\S+ -X- -X- (?:O|[BI]-\S+)\n|\n)+")
_INSIDE = re.compile(r" -X- -X- I-(\S+)\n")
_BLANKS = re.compile(r"\s+")


def record(made: Made) -> Record | Dropped:
    """One document: its words with IOB2 tags. Blanks inside a label's name become _.

    A line end of the text ends a sentence, unless a span goes over it.
    """
    assert isinstance(made, ExportRow)
    found = apart(made)
    if isinstance(found, Dropped):
        return found
    lines = _lines(found)
    return {"text": "\n".join([DOCUMENT, "", *lines, ""])} if lines else Dropped(NO_WORDS)


def _lines(found: Marked) -> list[str]:
    lines: list[str] = []
    at, ended = 0, False
    for start, end, label in found.spans:
        ended = _outside(lines, found.text[at:start], ended)
        _inside(lines, found.text[start:end], _BLANKS.sub("_", label), ended)
        at, ended = end, False
    _outside(lines, found.text[at:], ended)
    return lines


def _outside(lines: list[str], text: str, ended: bool) -> bool:
    """Add the words of a stretch without a label; whether a sentence has ended behind them."""
    for number, piece in enumerate(text.split("\n")):
        ended = ended or number > 0
        found = words(piece)
        if found:
            _separate(lines, ended)
            lines += [f"{word} -X- -X- O" for word in found]
            ended = False
    return ended


def _inside(lines: list[str], text: str, label: str, ended: bool) -> None:
    _separate(lines, ended)
    first, *more = words(text)
    lines.append(f"{first} -X- -X- B-{label}")
    lines += [f"{word} -X- -X- I-{label}" for word in more]


def _separate(lines: list[str], ended: bool) -> None:
    if ended and lines:
        lines.append("")


def check(found: Mapping[str, object]) -> str | None:
    """Readers cut a line at its blanks, and take an I- behind nothing for a beginning."""
    if found.keys() != {"text"}:
        return OTHER_COLUMNS
    why, text = unreadable(found["text"]), str(found["text"])
    if why is not None:
        return why
    head = f"{DOCUMENT}\n\n"
    if not text.startswith(head):
        return "the document does not begin with -DOCSTART-"
    if _BODY.fullmatch(text, len(head)) is None:
        return NO_LINE
    return _goes_on(text)


def _goes_on(text: str) -> str | None:
    """Whether an I- stands behind nothing of its label."""
    for found in _INSIDE.finditer(text):
        before = text.rfind("\n", 0, found.start())
        if not text.endswith((f" B-{found[1]}", f" I-{found[1]}"), 0, before):
            return NO_START
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
