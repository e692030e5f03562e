"""JSON Lines: UTF-8 without byte order mark, one object a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import orjson

from annotate.exporters.forms.protocol import FORMS, Form, Sheet
from annotate.exporters.protocol import Record

# JSON allows these inside text, but many readers end a line there
_LINE_ENDS = tuple((char.encode(), f"\\u{ord(char):04x}".encode()) for char in "\u0085\u2028\u2029")


def one_line(text: bytes) -> bytes:
    """JSON in UTF-8 with no character inside that ends a line anywhere.

    >>> one_line(orjson.dumps({"text": "标\\u2028b"})).decode()
    '{"text":"标\\\\u2028b"}'
    """
    for raw, escaped in _LINE_ENDS:
        text = text.replace(raw, escaped)
    return text


class Lines:
    """The keys of every object stand in the order of the sheet's columns."""

    def __init__(self, out: BinaryIO, sheet: Sheet) -> None:
        self._out = out

    def write(self, records: Sequence[Record]) -> None:
        dumps, end = orjson.dumps, orjson.OPT_APPEND_NEWLINE
        self._out.write(one_line(b"".join([dumps(record, None, end) for record in records])))

    def close(self) -> None:
        pass


FORMS.add("jsonl", Form("JSON Lines, one object a line", (".jsonl", ".ndjson"), Lines))
