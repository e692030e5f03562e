"""What a file reader gets and gives: a `Source` in, `Record`s and `Reject`s out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from annotate.errors import UnreadableFile
from routing.registry import Registry

Kind = Literal["choices", "rating", "text", "spans", "preference", "ranking", "empty"]
"""What an answer from another tool is made of. `choices`: a list of labels, or a single text that
may be one. `rating`: a number. `text`: words. `spans`: a list of {"start", "end", "label"} in code
points. `preference`: a letter or "tie". `ranking`: letters or names of fields, best first.
`empty`: handed in without anything marked or chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that somebody, or a model, said of a row in the tool that it comes from.

    question: what the tool calls it; empty where it has one question only. who: the person as the
    tool names them, empty where it does not; or the model. at: UTC ISO text. about: the column that
    spans lie in. among: the columns that a preference compares, in the order of its letters, where
    the tool tells. why: why it is no answer, empty for one. record: what else the tool tells of it.
    """

    question: str
    kind: Kind
    value: object
    who: str
    model: bool = False
    at: str | None = None
    seconds: float | None = None
    score: float | None = None
    note: str | None = None
    about: str = ""
    among: tuple[str, ...] = ()
    why: str = ""
    record: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One good row. line: where it starts in the file, from 1; the row's number for Parquet.

    values: column or key -> plain Python value that JSON can hold; text from CSV is untouched.
    said: what came along with it from another tool. tool: the name of that, empty for a plain file.
    read: the columns that people read there, where it tells.
    """

    line: int
    values: dict[str, object]
    said: tuple[Said, ...] = ()
    tool: str = ""
    read: tuple[str, ...] = ()


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

    name: what people call the file, where its path does not say. delimiter: None to let the format
    choose. on_bytes: called with the bytes of the file
    consumed so far (of the compressed file, if it is compressed).
    """

    path: Path
    encoding: str = "utf-8"
    delimiter: str | None = None
    on_bytes: Callable[[int], None] | None = None
    name: str = ""

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
