"""CSV and TSV: a header row, then one row of as many cells each."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from annotate.importers.csv_lines import RowLines, RowTooLong
from annotate.importers.files import open_text
from annotate.importers.lines import ROW_LIMIT, Lines, undecodable
from annotate.importers.protocol import IMPORTERS, Record, Reject, Row, Source

CANDIDATES = ",;\t|"
_QUOTED = re.compile(r'"[^"]*("|$)')

# The csv module's own limit is one number for the whole process and starts at 131,072. It is
# only ever raised here, once, so that nobody else's reader is broken and threads cannot meet a
# half-restored value; what bounds memory is RowLines, whatever the number says.
csv.field_size_limit(max(csv.field_size_limit(), ROW_LIMIT + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimited:
    """delimiter: of this format; None to guess it from the header."""

    suffixes: tuple[str, ...]
    delimiter: str | None = None
    options: frozenset[str] = frozenset({"encoding", "delimiter"})

    def read(self, source: Source) -> Iterator[Row]:
        """See Importer. Every value is text, exactly as in the file: "007" and "NA" stay.

        Blank lines are skipped. Raises UnreadableFile, also for a header with empty or
        duplicate names.
        """
        given = _given(source)
        with open_text(source, newline="") as text:
            lines = RowLines(Lines(text))
            first = lines.peek()
            if first is None:
                raise source.error("holds no rows; the first row must name the columns")
            delimiter = given or self.delimiter or guess_delimiter(first)
            table = _Table(lines, delimiter, source.encoding)
            columns = _columns(source, table)
            while row := table.next_row(columns):
                yield row


def guess_delimiter(header: str) -> str:
    """Whichever of `,` `;` tab `|` gives the header most cells; a comma when none does.

    >>> guess_delimiter('id;"a, b, c, d";x')
    ';'
    """
    return max(CANDIDATES, key=_QUOTED.sub("", header).count)


def _given(source: Source) -> str | None:
    # Shells hand on '\t' as two characters.
    delimiter = "\t" if source.delimiter == "\\t" else source.delimiter
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise source.error(f"delimiter {delimiter!r} must be one character, and not a quote")
    return delimiter


class _Table:
    """The rows of one file. After a broken row, reading resumes on the line below its first:
    an unclosed quote swallows good rows, and this gives them back."""

    def __init__(self, lines: RowLines, delimiter: str, encoding: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._encoding = encoding
        # strict: otherwise an unclosed quote at the end of the file passes without a word.
        self._reader = csv.reader(lines, delimiter=delimiter, strict=True)
        self._broken_at: int | None = None

    def next_row(self, columns: tuple[str, ...]) -> Row | None:
        """The next row that is not blank; None at the end."""
        cells = self.next_cells()
        if cells is None:
            return None
        reason = cells if isinstance(cells, str) else self._problem(cells, columns)
        if reason is not None:
            return Reject(self._lines.first, reason, self._lines.raw())
        self._broken_at = None
        return Record(self._lines.first, dict(zip(columns, cells, strict=True)))

    def next_cells(self) -> list[str] | str | None:
        """The cells of the next row that is not blank, or why it has none; None at the end."""
        cells: list[str] = []
        while not cells:
            self._lines.start_row()
            try:
                cells = next(self._reader)
            except StopIteration:
                return None
            except (csv.Error, RowTooLong) as error:
                reason = self._broken(error)
                self._broken_at = self._lines.first
                self._lines.keep_first()
                return reason
        return undecodable(self._lines.text(), self._encoding) or cells

    def _broken(self, error: Exception) -> str:
        first, last = self._lines.first, self._lines.last
        if self._lines.at_end:
            return f'the quote opened on line {first} is never closed; close it with one more "'
        if last > first:
            return (
                f"probably a quote on line {first} is not closed: read up to line {last}, the row "
                f"breaks a rule ({error}); close it, or write quotes inside the cell twice"
            )
        if isinstance(error, RowTooLong):
            return str(error)
        return f'{error}; inside a quoted cell write every quote twice, as ""'

    def _problem(self, cells: list[str], columns: tuple[str, ...]) -> str | None:
        if self._broken_at is not None and self._lines.text().count('"') % 2:
            broken, self._broken_at = self._broken_at, None
            return f"an odd number of quotes: probably the rest of the broken row on line {broken}"
        if len(cells) == len(columns):
            return None
        count = f"{len(cells)} cell{'s' if len(cells) != 1 else ''}"
        way_out = (
            f"put cells that hold {self._delimiter!r} in quotes"
            if len(cells) > len(columns)
            else "add the missing cells, or name the right --delimiter"
        )
        return f"{count} where the header has {len(columns)}; {way_out}"


def _columns(source: Source, table: _Table) -> tuple[str, ...]:
    names = table.next_cells()
    if names is None or isinstance(names, str):
        raise source.error(f"the header is unreadable: {names}")
    if empty := [str(n) for n, name in enumerate(names, start=1) if not name.strip()]:
        raise source.error(
            f"the header has no name for column {', '.join(empty)}; name it or remove it "
            "(pandas writes such a column unless told to_csv(index=False))"
        )
    if twice := [repr(name) for name, count in Counter(names).items() if count > 1]:
        raise source.error(
            f"the header names {', '.join(twice)} more than once; rename all but one"
        )
    return tuple(names)


IMPORTERS.add("csv", Delimited(suffixes=(".csv",)))
IMPORTERS.add("tsv", Delimited(suffixes=(".tsv", ".tab"), delimiter="\t"))
