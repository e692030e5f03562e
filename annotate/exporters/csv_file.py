"""CSV as RFC 4180 has it: UTF-8 without byte order mark, header, CR LF, quotes doubled.

Everything is text in a CSV file, an empty cell too: programs guess that an id 007 is a number and
a label NA is missing. Tell yours to read text, or take the JSON Lines.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from annotate.exporters import labelled
from annotate.exporters.protocol import EXPORTERS, Exporter, Options, Record
from annotate.questions import brief

# full-width forms are formulas to spreadsheets in East Asian settings
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def write(records: Iterable[Record], columns: Sequence[str], out: TextIO, options: Options) -> None:
    """`out` must not translate line ends (open it with newline="")."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(guarded(columns) if options.guard_formulas else columns)
    for record in records:
        cells = [_cell(record[name]) for name in columns]
        writer.writerow(guarded(cells) if options.guard_formulas else cells)


def _cell(value: object) -> object:
    """Lists and objects as JSON, which an import of known answers reads back.

    >>> _cell(["a", "标"]), _cell({"tone": 2}), _cell(0.5), _cell("a")
    ('["a", "标"]', '{"tone": 2}', 0.5, 'a')
    """
    return brief(value) if isinstance(value, list | dict) else value


def guarded(cells: Iterable[object]) -> list[object]:
    """Cells that a spreadsheet shows as they are. The quote in front is part of the text.

    >>> guarded(["=1+1", "1 = 1", 0.5])
    ["'=1+1", '1 = 1', 0.5]
    """
    return [
        f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
        for cell in cells
    ]


EXPORTERS.add(
    "labels_csv",
    Exporter(
        "the labelled set as a table: one row for each item and question",
        ".csv",
        labelled.columns,
        labelled.records,
        write,
        frozenset({"guard_formulas"}),
    ),
)
