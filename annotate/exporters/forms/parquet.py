"""Parquet: typed columns, compressed; what pandas, Polars, DuckDB and `datasets` read fastest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, TypeAlias

from annotate.exporters.forms.protocol import FORMS, Form, Sheet
from annotate.exporters.protocol import Record
from annotate.questions import brief

GROUP_ROWS, GROUP_BYTES = 50_000, 32_000_000
"""A row group is written when it has so many rows, or so many bytes."""

MIXED = None
"""The type of a column whose values have none in common: text, as a CSV cell has it."""


Block: TypeAlias = list[list[Any]]
"""The values of some records, column by column."""


def columns(sheet: Sheet, records: Sequence[Record]) -> Block:
    return [[record[name] for record in records] for name in sheet.columns]


class Columns:
    """A column's type is found while writing. When it turns out to be wider than what is written,
    the row groups so far are written again, with the new type."""

    def __init__(
        self, out: BinaryIO, sheet: Sheet, classes: Mapping[str, Sequence[str]] = {}
    ) -> None:
        """classes: of columns that are written as the numbers of their classes, from 0."""
        self._out, self._sheet = out, sheet
        self._classes = {
            name: {one: at for at, one in enumerate(of)} for name, of in classes.items()
        }
        self._part: IO[bytes] = TemporaryFile()  # noqa: SIM115
        self._parquet: Any = None
        self._waiting: list[Any] = []
        self._rows = self._bytes = 0

    def put(self, block: Block) -> None:
        if not block or not block[0]:
            return
        import pyarrow as pa

        arrays = [self._array(*each) for each in zip(self._names, block, strict=True)]
        batch = pa.RecordBatch.from_arrays(arrays, names=list(self._names))
        self._waiting.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._flush()

    @property
    def _names(self) -> tuple[str, ...]:
        return self._sheet.columns

    def _array(self, name: str, values: list[object]) -> Any:
        """The values as an Arrow array; the sheet's type of the column covers it afterwards."""
        import pyarrow as pa

        types = self._sheet.found
        if name in self._classes:
            numbers = self._classes[name]
            types[name] = pa.int64()
            return pa.array([numbers.get(str(value)) for value in values], pa.int64())
        if types.get(name, pa.null()) is MIXED:
            return pa.array(_texts(values), pa.string())
        try:
            array = pa.array(values)
            types[name] = _wider(types.get(name, pa.null()), array.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            types[name] = MIXED
            return pa.array(_texts(values), pa.string())
        return array

    def _schema(self) -> Any:
        import pyarrow as pa

        found, known = self._sheet.found, self._sheet.types
        types = {
            name: _settled(found.get(name, pa.null()), known.get(name, str)) for name in self._names
        }
        return pa.schema(list(types.items()), metadata=features(self._classes))

    def _flush(self) -> None:
        schema = self._schema()
        if self._parquet is not None and self._parquet.schema != schema:
            self._again(schema)
        writer = self._opened(schema)
        if self._waiting:
            writer.write_table(_cast(self._waiting, schema), row_group_size=GROUP_ROWS)
        self._waiting, self._rows, self._bytes = [], 0, 0

    def _opened(self, schema: Any) -> Any:
        from pyarrow import parquet

        if self._parquet is None:
            self._parquet = parquet.ParquetWriter(self._part, schema, compression="zstd")
        return self._parquet

    def _again(self, schema: Any) -> None:
        """Write what is there once more, with these types."""
        from pyarrow import parquet

        self._parquet.close()
        old, self._part = self._part, TemporaryFile()  # noqa: SIM115
        self._parquet = None
        writer = self._opened(schema)
        with old:
            read = parquet.ParquetFile(old)
            for group in range(read.num_row_groups):
                batches = read.read_row_group(group).to_batches()
                writer.write_table(_cast(batches, schema), row_group_size=GROUP_ROWS)

    def close(self) -> None:
        self._flush()
        self._parquet.close()
        with self._part:
            self._part.seek(0)
            shutil.copyfileobj(self._part, self._out, 1 << 20)


def features(classes: Mapping[str, Mapping[str, int]]) -> dict[str, str] | None:
    """What tells the library `datasets` the names of the classes; None without any.

    >>> features({"y": {"a": 0, "b": 1}})
    {'huggingface': '{"info": {"features": {"y": {"names": ["a", "b"], "_type": "ClassLabel"}}}}'}
    """
    if not classes:
        return None
    said = {name: {"names": list(of), "_type": "ClassLabel"} for name, of in classes.items()}
    return {"huggingface": json.dumps({"info": {"features": said}}, ensure_ascii=False)}


def _wider(known: Any, new: Any) -> Any:
    """The type that holds both. Raises ArrowTypeError or ArrowInvalid where there is none."""
    import pyarrow as pa

    if known == new or pa.types.is_null(new):
        return known
    if pa.types.is_struct(new) and not new.num_fields:
        raise pa.ArrowTypeError("an object without keys is no column")
    one, other = (pa.schema([("x", type_)]) for type_ in (known, new))
    return pa.unify_schemas([one, other], promote_options="permissive").field("x").type


def _settled(type_: Any, usual: type = str) -> Any:
    """A type that a file may have: columns and lists that have been empty so far are of `usual`."""
    import pyarrow as pa

    if type_ is MIXED:
        return pa.string()
    if pa.types.is_null(type_):
        return {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}[usual]
    if pa.types.is_list(type_):
        return pa.list_(_settled(type_.value_type))
    if pa.types.is_struct(type_):
        return pa.struct([(field.name, _settled(field.type)) for field in type_])
    return type_


def _cast(batches: Sequence[Any], schema: Any) -> Any:
    """One table of these types, of batches that may have narrower ones."""
    import pyarrow as pa

    return pa.concat_tables([_as(batch, schema) for batch in batches])


def _as(batch: Any, schema: Any) -> Any:
    import pyarrow as pa

    arrays = []
    for field in schema:
        array = batch.column(field.name)
        if array.type != field.type:
            array = (
                pa.array(_texts(array.to_pylist()), pa.string())
                if pa.types.is_string(field.type)
                else pa.array(array.to_pylist(), field.type)
            )
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=schema)


def _texts(values: Sequence[object]) -> list[str | None]:
    return [None if value is None else brief(value) for value in values]


def _with_features(out: BinaryIO, sheet: Sheet) -> Columns:
    return Columns(out, sheet, sheet.labels)


FORMS.add(
    "parquet_features",
    Form(
        "Parquet whose labels are numbered classes, as the library datasets has them",
        (".parquet",),
        columns,
        _with_features,
        text=False,
    ),
)
FORMS.add("parquet", Form("typed columns, compressed", (".parquet",), columns, Columns, text=False))
