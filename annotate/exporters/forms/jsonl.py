"""JSON Lines: UTF-8 without byte order mark, one object a line."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from annotate.exporters.forms.protocol import FORMS, Appended, Form, Sheet
from annotate.exporters.protocol import Record

# JSON allows these inside text, but many readers end a line there
_LINE_ENDS = tuple((char.encode(), f"\\u{ord(char):04x}".encode()) for char in "\u0085\u2028\u2029")


def one_line(text: bytes) -> bytes:
    """JSON in UTF-8 with no character inside that ends a line anywhere.

    >>> one_line(orjson.dumps({"text": "标\\u2028b"})).decode()
    '{"text":"标\\\\u2028b"}'
    """
    if text.isascii():
        return text
    for raw, escaped in _LINE_ENDS:
        text = text.replace(raw, escaped)
    return text


def lines(sheet: Sheet, records: Sequence[Record]) -> bytes:
    """The keys of every object stand in the order of the sheet's columns."""
    dumps, end = orjson.dumps, orjson.OPT_APPEND_NEWLINE
    return one_line(b"".join([dumps(record, None, end) for record in records]))


FORMS.add("jsonl", Form("JSON Lines, one object a line", (".jsonl", ".ndjson"), lines, Appended))
