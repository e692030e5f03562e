"""CSV as RFC 4180 has it: UTF-8 without byte order mark, header, CR LF, quotes doubled.

Everything is text in a CSV file, an empty cell too: programs guess that an id 007 is a number and
a label NA is missing. Tell yours to read text, or take the JSON Lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from annotate.exporters.forms.protocol import FORMS, Appended, Form, Sheet
from annotate.exporters.protocol import Record
from annotate.questions import brief

# full-width forms are formulas to spreadsheets in East Asian settings
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def lines(sheet: Sheet, records: Sequence[Record]) -> bytes:
    columns = sheet.columns
    return _lines(sheet, [[cell(record[name]) for name in columns] for record in records])


def _lines(sheet: Sheet, rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(
        map(guarded, rows) if sheet.guard_formulas else rows
    )
    return text.getvalue().encode()


class Cells(Appended):
    """The header goes out at once, so that a table without rows has its columns."""

    def __init__(self, out: BinaryIO, sheet: Sheet) -> None:
        super().__init__(out, sheet)
        self.put(_lines(sheet, [sheet.columns]))


def cell(value: object) -> object:
    """Lists and objects as JSON, which an import of known answers reads back.

    >>> cell(["a", "标"]), cell({"tone": 2}), cell(0.5), cell("a")
    ('["a", "标"]', '{"tone": 2}', 0.5, 'a')
    """
    return brief(value) if isinstance(value, list | dict | tuple) else value


def guarded(cells: Iterable[object]) -> list[object]:
    """Cells that a spreadsheet shows as they are. The quote in front is part of the text.

    >>> guarded(["=1+1", "1 = 1", 0.5])
    ["'=1+1", '1 = 1', 0.5]
    """
    return [
        f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
        for cell in cells
    ]


FORMS.add("csv", Form("a table as CSV, for spreadsheets", (".csv",), lines, Cells, guards=True))
