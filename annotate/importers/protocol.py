"""What a file reader gets and gives: a `Source` in, `Record`s and `Reject`s out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from annotate.errors import UnreadableFile
from routing.registry import Registry


@dataclass(frozen=True, slots=True)
class Record:
    """One good row. line: where it starts in the file, from 1; the row's number for Parquet.

    values: column or key -> plain Python value that JSON can hold; text from CSV is untouched.
    """

    line: int
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Reject:
    """One bad row; the rows after it are still read.

    reason: the rule it breaks and the way out. raw: its text, at most 20,000 characters and a
    note of the full length; bytes that could not be decoded are written \\xNN.
    """

    line: int
    reason: str
    raw: str


Row: TypeAlias = Record | Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file and how to read it.

    delimiter: None to let the format choose. on_bytes: called with the bytes of the file
    consumed so far (of the compressed file, if it is compressed).
    """

    path: Path
    encoding: str = "utf-8"
    delimiter: str | None = None
    on_bytes: Callable[[int], None] | None = None

    def error(self, why: str) -> UnreadableFile:
        """An error that names this file, for the caller to raise."""
        return UnreadableFile(f"{self.path}: {why}")


class Importer(Protocol):
    """One file format.

    suffixes: lower case, with the dot. options: those of "encoding" and "delimiter" that mean
    something here; `read` refuses the others.
    """

    @property
    def suffixes(self) -> tuple[str, ...]: ...

    @property
    def options(self) -> frozenset[str]: ...

    def read(self, source: Source) -> Iterator[Row]:
        """Rows in file order, in memory that does not grow with their number.

        Raises UnreadableFile, at the first row or, for a damaged file, later.
        """
        ...


IMPORTERS: Registry[Importer] = Registry("file format")
