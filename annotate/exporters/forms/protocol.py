"""What a form is: records in, the bytes of one file out, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol, TypeAlias

from annotate.exporters.protocol import Record
from routing.registry import Registry


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the files of one table have in common.

    columns: of every record, in order. guard_formulas: put ' before cells that a spreadsheet would
    run as a formula. types: column -> str, int, float or bool, where it is known beforehand. found:
    forms that keep types fill it while they write, so that all splits of a table get the same ones.
    labels: column -> its classes, where a column holds a class.
    """

    columns: tuple[str, ...]
    guard_formulas: bool = False
    types: Mapping[str, type] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Encode: TypeAlias = Callable[[Sheet, Sequence[Record]], Any]
"""Some records, all with the columns of the sheet, as a block of this form: the same whatever was
written before, so that another process may do it."""


class Writer(Protocol):
    """One file that is being written."""

    def put(self, block: Any) -> None:
        """Some more records, as the form's `encode` gives them, in order."""

    def close(self) -> None:
        """End the file; the stream stays open. After the last `put` of all files of a sheet."""


class Appended:
    """A file that is its blocks, one behind another."""

    def __init__(self, out: BinaryIO, sheet: Sheet) -> None:
        self._out = out

    def put(self, block: bytes) -> None:
        self._out.write(block)

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a table.

    suffixes: lower case, with the dot, the usual one first. encode: what `Writer.put` takes. open:
    onto an empty stream. text: whether people can read it. guards: whether it has cells that a
    spreadsheet could run. several: whether it can hold more than one column.
    """

    description: str
    suffixes: tuple[str, ...]
    encode: Encode
    open: Callable[[BinaryIO, Sheet], Writer]
    text: bool = True
    guards: bool = False
    several: bool = True

    @property
    def suffix(self) -> str:
        return self.suffixes[0]

    def begin(self, out: BinaryIO, sheet: Sheet) -> Filed:
        """A file of this form; `out` is empty."""
        return Filed(self, sheet, self.open(out, sheet))


@dataclass(frozen=True, slots=True)
class Filed:
    """One file that takes records."""

    form: Form
    sheet: Sheet
    writer: Writer

    def write(self, records: Sequence[Record]) -> None:
        """Some more, in order."""
        self.put(self.form.encode(self.sheet, records))

    def put(self, block: Any) -> None:
        """As `Writer.put`."""
        self.writer.put(block)

    def close(self) -> None:
        """As `Writer.close`."""
        self.writer.close()


FORMS: Registry[Form] = Registry("file form")
