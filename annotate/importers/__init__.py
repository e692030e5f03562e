"""Files -> records: one file per format, each streaming, each keeping the good rows of a bad file.

>>> sorted(suffix for _, importer in IMPORTERS.items() for suffix in importer.suffixes)
['.csv', '.json', '.jsonl', '.ndjson', '.parquet', '.tab', '.tsv']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from annotate.errors import UnreadableFile
from annotate.importers.files import check_file, size
from annotate.importers.protocol import IMPORTERS, Importer, Record, Reject, Row, Source

__all__ = ["IMPORTERS", "Importer", "Record", "Reject", "Row", "Source", "read", "size"]

IMPORTERS.load(__name__)


def read(
    path: Path,
    *,
    format: str | None = None,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[Row]:
    """The rows of `path`, in file order: a `Record` for each good one, a `Reject` for each bad.

    format: a name in IMPORTERS; None to go by the suffix, where a final .gz is looked through.
    delimiter: one character, CSV only; None to guess it from the header. on_bytes: gets the
    bytes consumed so far; the last call is `size(path)`.

    Raises UnreadableFile: here for a file, format or option that cannot be used, at the first
    row for content that cannot be, and in the middle when compressed data is cut off.
    """
    source = Source(path=path, encoding=encoding, delimiter=delimiter, on_bytes=on_bytes)
    name = _format_of(path) if format is None else _known(path, format)
    _check_options(source, name)
    check_file(source)
    return IMPORTERS[name].read(source)


def _known(path: Path, name: str) -> str:
    if name not in IMPORTERS:
        raise UnreadableFile(f"{path}: unknown format {name!r}; known formats: {_listed()}")
    return name


def _format_of(path: Path) -> str:
    plain = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    suffix = plain.suffix.lower()
    for name, importer in IMPORTERS.items():
        if suffix in importer.suffixes:
            return name
    what = f"unknown file suffix {suffix!r}" if suffix else "the file name has no suffix"
    raise UnreadableFile(
        f"{path}: {what}; known formats: {_listed()}; save the file as one of these, "
        "or say which one it is with --format"
    )


def _listed() -> str:
    return ", ".join(f"{name} ({' '.join(i.suffixes)})" for name, i in IMPORTERS.items())


def _check_options(source: Source, name: str) -> None:
    options = IMPORTERS[name].options
    if source.delimiter is not None and "delimiter" not in options:
        raise source.error(f"{name} files have no delimiter; leave out --delimiter")
    plain = source.encoding.lower().replace("_", "-") in {"utf-8", "utf8"}
    if not plain and "encoding" not in options:
        raise source.error(f"{name} files carry their own encoding; leave out --encoding")
