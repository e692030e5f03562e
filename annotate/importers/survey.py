"""What a data file holds, told by its first rows: its columns, what is in them, what is broken."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from annotate.importers.asked import Asked, asked_of
from annotate.importers.protocol import Record, Reject, Row, Said

LOOKED_AT = 5_000
"""Rows that are looked at: enough to know a column by, and read in half a second."""

KEPT = 5
REMEMBERED = 60
"""Different values of a column that are counted one by one."""

START_BYTES = 1_000_000
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column or key, over the rows looked at.

    filled: rows with something in it. distinct: different values. values: each with how often it
    came, most first, () when there are more than `REMEMBERED`. characters: mean length of what is
    there. structured: holds lists or objects, or text that is JSON of these.
    """

    name: str
    filled: int
    distinct: int
    values: tuple[tuple[str, int], ...]
    characters: float
    structured: bool
    example: str


@dataclass(frozen=True, slots=True)
class Survey:
    """rows: good ones looked at. blank: rows with nothing in any cell, rejects: bad ones, both
    beside them. whole: whether that is all. tool: that the rows are an export of, empty for plain
    ones; asked: its questions; read: the columns that people read there, where it tells.
    """

    columns: tuple[Column, ...]
    rows: int
    blank: int
    rejects: int
    first_rejects: tuple[str, ...]
    first: tuple[Mapping[str, object], ...]
    whole: bool
    tool: str = ""
    asked: tuple[Asked, ...] = ()
    read: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column of this name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def survey(rows: Iterable[Row], *, limit: int = LOOKED_AT) -> Survey:
    """What the first `limit` rows hold, good and bad. Raises what `rows` raises."""
    rows = iter(rows)
    seen: dict[str, _Seen] = {}
    first: list[Mapping[str, object]] = []
    rejects: list[str] = []
    said: list[Said] = []
    tool, read = "", tuple[str, ...]()
    good = bad = blank = 0
    for row in islice(rows, limit):
        if isinstance(row, Reject):
            bad += 1
            if len(rejects) < KEPT:
                rejects.append(f"line {row.line}: {row.reason}")
            continue
        if not any(as_text(value).strip() for value in row.values.values()):
            blank += 1
            continue
        good += 1
        _see(seen, row)
        said += row.said
        tool, read = row.tool, tuple(dict.fromkeys([*read, *row.read]))
        if len(first) < KEPT:
            first.append(row.values)
    whole = next(rows, None) is None
    columns = tuple(one.column(name) for name, one in seen.items())
    filled = {column.name for column in columns if column.filled}
    read = tuple(name for name in read if name in filled)
    plain = (columns, good, blank, bad, tuple(rejects), tuple(first), whole)
    return Survey(*plain, tool=tool, asked=asked_of(said), read=read)


def as_text(value: object) -> str:
    """A cell as people read it: text as it is, nothing as nothing, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def guess_encoding(path: Path) -> str:
    """The encoding that the first million bytes of a text file can be in.

    utf-8 for all that is UTF-8 or compressed; else by its mark, else gb18030 where that gives
    common Chinese characters, else cp1252. Raises OSError.
    """
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return name
    if start.startswith(b"\x1f\x8b") or _decodes(start, "utf-8"):
        return "utf-8"
    if _decodes(start, "gb18030"):
        text = codecs.getincrementaldecoder("gb18030")().decode(start)
        other = [character for character in text if not character.isascii()]
        if sum(map(_is_common_chinese, other)) > 0.8 * len(other):
            return "gb18030"
    return "cp1252"


def _is_common_chinese(character: str) -> bool:
    """In GB 2312: "ä" and the letter behind it make a rarer one of GB 18030."""
    try:
        return len(character.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def _decodes(start: bytes, encoding: str) -> bool:
    """Whether these bytes begin a text; the last character may be cut."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return False
    return True


@dataclass(slots=True)
class _Seen:
    filled: int = 0
    characters: int = 0
    structured: int = 0
    example: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, value: object) -> None:
        text = as_text(value)
        if not text.strip():
            return
        self.filled += 1
        self.characters += len(text)
        self.structured += isinstance(value, list | dict) or _is_json(text)
        self.example = self.example or text
        self.counts[text] += 1

    def column(self, name: str) -> Column:
        few = len(self.counts) <= REMEMBERED
        return Column(
            name=name,
            filled=self.filled,
            distinct=len(self.counts),
            values=tuple(self.counts.most_common()) if few else (),
            characters=self.characters / self.filled if self.filled else 0.0,
            structured=bool(self.filled) and self.structured == self.filled,
            example=self.example,
        )


def _see(seen: dict[str, _Seen], row: Record) -> None:
    for name, value in row.values.items():
        seen.setdefault(name, _Seen()).add(value)


def _is_json(text: str) -> bool:
    if text[:1] not in ("[", "{"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
