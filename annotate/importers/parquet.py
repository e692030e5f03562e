"""Parquet, through pyarrow, which is loaded only when such a file is read."""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from annotate.importers.files import size, translated
from annotate.importers.lines import shown
from annotate.importers.protocol import IMPORTERS, Record, Reject, Row, Source

BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class Parquet:
    """Rows are read in batches; `line` is the row's number, from 1."""

    suffixes: tuple[str, ...] = (".parquet",)
    options: frozenset[str] = frozenset()

    def read(self, source: Source) -> Iterator[Row]:
        """See Importer. Dates and decimals become text, as JSON knows neither.

        Raises UnreadableFile.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        with _as_unreadable(source, pa.ArrowException), pq.ParquetFile(source.path) as file:
            names = _names(source, file.schema_arrow.names)
            line = 0
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                for index in range(batch.num_rows):
                    line += 1
                    yield _row(line, names, [column[index] for column in batch.columns])
                _report(source, line, file.metadata.num_rows)
            _report(source, 1, 1)


@contextmanager
def _as_unreadable(source: Source, arrow_error: type[Exception]) -> Iterator[None]:
    with translated(source):
        try:
            yield
        except arrow_error as error:
            raise source.error(
                f"is not a whole Parquet file ({error}); write or download it again"
            ) from error


def _report(source: Source, line: int, rows: int) -> None:
    # Parquet is read column by column, so no place in the file stands for a row.
    if source.on_bytes is not None:
        source.on_bytes(size(source.path) * line // rows)


def _names(source: Source, names: list[str]) -> tuple[str, ...]:
    if twice := [repr(name) for name, count in Counter(names).items() if count > 1]:
        raise source.error(f"has column {', '.join(twice)} more than once; rename all but one")
    return tuple(names)


def _row(line: int, names: tuple[str, ...], scalars: list[Any]) -> Row:
    values: dict[str, object] = {}
    reason = None
    for name, scalar in zip(names, scalars, strict=True):
        try:
            values[name] = plain(scalar.as_py())
        except (ValueError, OverflowError) as error:
            reason = reason or f"column {name!r}: {error}"
            values[name] = "(unreadable)"
    if reason is None:
        return Record(line, values)
    raw = str(values)
    return Reject(line, reason, shown(raw, len(raw)))


def plain(value: object) -> object:
    """`value` in what JSON can hold: exact for numbers and text, ISO 8601 for dates and times.

    Raises ValueError for what has no such form: NaN, infinity, bytes that are not UTF-8.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    for kinds, convert in _CONVERSIONS:
        if isinstance(value, kinds):
            return convert(value)
    raise ValueError(f"{type(value).__name__} values cannot be stored; write them as text")


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be stored; write null or a number")
    return value


def _utf8(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"bytes that are not UTF-8 at offset {error.start}") from None


_CONVERSIONS: tuple[tuple[type | tuple[type, ...], Callable[[Any], object]], ...] = (
    (float, _finite),
    ((datetime.date, datetime.time), lambda value: value.isoformat()),
    ((decimal.Decimal, datetime.timedelta, uuid.UUID), str),
    (bytes, _utf8),
)

IMPORTERS.add("parquet", Parquet())
