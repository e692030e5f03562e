"""Physical lines of bounded length, and what to say about text that could not be decoded."""

from __future__ import annotations

import re
from typing import TextIO

ROW_LIMIT = 16_000_000  # characters; far above anything a person can label
RAW_LIMIT = 20_000
_REST = 1 << 16
_SURROGATE = re.compile("[\ud800-\udfff]")


class Lines:
    """Iterator of lines with their ends, without a byte-order mark at the start of the first.

    number: of the last line, from 1. length: its characters, line end included; a line longer
    than `limit` comes cut to `limit` + 1, and the rest has been read and thrown away.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.limit = ROW_LIMIT
        self.number = 0
        self.length = 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self.limit + 1)
        if not line:
            raise StopIteration
        self.length = len(line)
        if self.length > self.limit and not line.endswith("\n"):
            self.length += self._drop_rest()
        self.number += 1
        if self.number == 1 and line.startswith("\ufeff"):
            self.length -= 1
            return line[1:]
        return line

    def _drop_rest(self) -> int:
        dropped = 0
        while piece := self._text.readline(_REST):
            dropped += len(piece)
            if len(piece) < _REST or piece.endswith("\n"):
                break
        return dropped


def too_long(limit: int) -> str:
    """The reason for a row over the limit."""
    return f"longer than {limit:,} characters; split the text into several rows"


def undecodable(text: str, encoding: str) -> str | None:
    """Why `text` is not `encoding`, at the first bad byte; None when it was decoded in full."""
    if text.isascii():
        return None
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        at = error.start
    else:
        return None
    # What encoding nothing gives is the byte-order mark; it is not part of the row.
    offset = len(text[:at].encode(encoding, "replace")) - len("".encode(encoding))
    return (
        f"not {encoding.upper()} at byte offset {offset} ({_escape(text[at])}); name the file's "
        "encoding with --encoding, for example cp1252 or gb18030, or convert it with iconv"
    )


def shown(text: str, length: int) -> str:
    """`text` for a Reject: no line end, bad bytes as \\xNN, at most RAW_LIMIT characters.

    length: of the whole row, of which `text` may be the start; noted when it is over the limit.

    >>> shown("caf\\udce9\\n", 5)
    'caf\\\\xe9'
    """
    start = _SURROGATE.sub(lambda found: _escape(found[0]), text[:RAW_LIMIT])
    if length <= RAW_LIMIT and len(start) <= RAW_LIMIT:
        return start.rstrip("\r\n")
    return f"{start[:RAW_LIMIT]}… ({length:,} characters in all)"


def _escape(mark: str) -> str:
    code = ord(mark)
    return f"\\x{code - 0xDC00:02x}" if 0xDC00 <= code <= 0xDCFF else f"\\u{code:04x}"
