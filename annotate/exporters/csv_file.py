"""CSV as RFC 4180 has it: UTF-8 without byte order mark, header, CR LF, quotes doubled.

Everything is text in a CSV file, an empty cell too: programs guess that an id 007 is a number and
a label NA is missing. Tell yours to read text, or take the JSON Lines.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from annotate.exporters import labelled
from annotate.exporters.protocol import (
    EXPORTERS,
    Dropped,
    Exporter,
    ExportRow,
    Options,
    Record,
)
from annotate.questions.wording import in_words

# full-width forms are formulas to spreadsheets in East Asian settings
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def write(records: Iterable[Record], columns: Sequence[str], out: TextIO, options: Options) -> None:
    """`out` must not translate line ends (open it with newline="")."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_guarded(columns) if options.guard_formulas else columns)
    for record in records:
        cells = [record[name] for name in columns]
        writer.writerow(_guarded(cells) if options.guard_formulas else cells)


def records(row: ExportRow) -> Iterator[Record | Dropped]:
    """As the labelled set has them, with the label in words: a cell holds text."""
    for record in labelled.records(row):
        if isinstance(record, Dropped):
            yield record
        else:
            yield record | {"label": in_words(row.question, record["label"])}


def _guarded(cells: Iterable[object]) -> list[object]:
    """Cells that a spreadsheet shows as they are. The quote in front is part of the text.

    >>> _guarded(["=1+1", "1 = 1", 0.5])
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
        records,
        write,
        frozenset({"guard_formulas"}),
    ),
)
