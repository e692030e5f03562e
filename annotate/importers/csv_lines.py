"""Lines for the csv module, one row's worth remembered, so that a row can be given up on."""

from __future__ import annotations

from collections import deque

from annotate.importers.lines import RAW_LIMIT, Lines, shown, too_long

LINE_LIMIT = 100_000  # of one row: short lines take far more memory than their characters


class RowTooLong(Exception):
    """The current row is over the limit; passes through csv.reader to whoever asked for a row."""


class RowLines:
    """Iterator of lines that knows which of them make the current row.

    A class and not a generator, because it must go on after it has raised. first: number of
    the row's first line. at_end: the row ran into the end of the file.
    """

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._taken: list[tuple[str, int]] = []
        self._again: deque[tuple[str, int]] = deque()
        self._length = 0
        self.first = 1
        self.at_end = False

    def __iter__(self) -> RowLines:
        return self

    def __next__(self) -> str:
        line, length = self._again.popleft() if self._again else self._fresh()
        self._taken.append((line, length))
        self._length += length
        if self._length > self._lines.limit:
            raise RowTooLong(too_long(self._lines.limit))
        if len(self._taken) > LINE_LIMIT:
            raise RowTooLong(f"more than {LINE_LIMIT:,} lines")
        return line

    @property
    def last(self) -> int:
        """Number of the last line taken."""
        return self.first + len(self._taken) - 1

    def start_row(self) -> None:
        """Lines taken from here on belong to a new row."""
        self.first += len(self._taken)
        self._taken.clear()
        self._length = 0
        self.at_end = False

    def keep_first(self) -> None:
        """Shrinks the row to its first line; the others will be taken again."""
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]
        self._length = self._taken[0][1]

    def peek(self) -> str | None:
        """The first line that is not blank, without taking it; None when there is none."""
        for line in self._lines:
            if line.strip("\r\n"):
                self._again.append((line, self._lines.length))
                return line
            self.first += 1
        return None

    def text(self) -> str:
        """The row as it stands in the file."""
        if len(self._taken) == 1:
            return self._taken[0][0]
        return "".join(line for line, _ in self._taken)

    def raw(self) -> str:
        """The row for a Reject."""
        return shown(self.text()[: RAW_LIMIT + 1], self._length)

    def _fresh(self) -> tuple[str, int]:
        try:
            line = next(self._lines)
        except StopIteration:
            self.at_end = True
            raise
        return line, self._lines.length
