"""Plain text: the only column of each record as it is, each with an empty line behind it."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.exporters.forms.protocol import FORMS, Appended, Form, Sheet
from annotate.exporters.protocol import Record


def blocks(sheet: Sheet, records: Sequence[Record]) -> bytes:
    """Line ends inside are the record's own; those at its end are one."""
    (name,) = sheet.columns
    return "".join([f"{str(record[name]).rstrip(chr(10))}\n\n" for record in records]).encode()


FORMS.add("text", Form("plain text", (".txt", ".conll"), blocks, Appended, several=False))
