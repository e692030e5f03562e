"""Plain text: the only column of each record as it is, each with an empty line behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from annotate.exporters.forms.protocol import FORMS, Form, Sheet
from annotate.exporters.protocol import Record


class Blocks:
    """Line ends inside are the record's own; those at its end are one."""

    def __init__(self, out: BinaryIO, sheet: Sheet) -> None:
        self._out, (self._name,) = out, sheet.columns

    def write(self, records: Sequence[Record]) -> None:
        name = self._name
        blocks = [f"{str(record[name]).rstrip(chr(10))}\n\n" for record in records]
        self._out.write("".join(blocks).encode())

    def close(self) -> None:
        pass


FORMS.add("text", Form("plain text", (".txt", ".conll"), Blocks, several=False))
