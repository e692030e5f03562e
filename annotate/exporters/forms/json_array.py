"""One JSON list of objects, each on a line of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import orjson

from annotate.exporters.forms.jsonl import one_line
from annotate.exporters.forms.protocol import FORMS, Form, Sheet
from annotate.exporters.protocol import Record


def objects(sheet: Sheet, records: Sequence[Record]) -> bytes:
    return one_line(b",\n".join(map(orjson.dumps, records)))


class Array:
    def __init__(self, out: BinaryIO, sheet: Sheet) -> None:
        self._out, self._next = out, b"[\n"

    def put(self, block: bytes) -> None:
        if block:
            self._out.write(self._next + block)
            self._next = b",\n"

    def close(self) -> None:
        self._out.write(b"\n]\n" if self._next == b",\n" else b"[]\n")


FORMS.add("json", Form("one JSON list", (".json",), objects, Array))
