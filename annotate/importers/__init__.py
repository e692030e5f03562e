"""Files -> records: one file per format, each streaming, each keeping the good rows of a bad file.

>>> sorted(suffix for _, importer in IMPORTERS.items() for suffix in importer.suffixes)
['.csv', '.json', '.jsonl', '.ndjson', '.parquet', '.tab', '.tsv']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from annotate.errors import UnreadableFile
from annotate.importers.files import check_file, size
from annotate.importers.lines import shown
from annotate.importers.protocol import IMPORTERS, Importer, Record, Reject, Row, Said, Source
from annotate.importers.survey import as_text
from annotate.importers.tool import Tool, tool_of
from annotate.importers.tools import TOOLS

__all__ = [
    "IMPORTERS",
    "TOOLS",
    "Importer",
    "Record",
    "Reject",
    "Row",
    "Said",
    "Source",
    "format_of",
    "read",
    "recognised",
    "size",
]

IMPORTERS.load(__name__)

LOOKED_AT = 50


def read(
    path: Path,
    *,
    format: str | None = None,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    on_bytes: Callable[[int], None] | None = None,
    name: str = "",
) -> Iterator[Row]:
    """The rows of `path`, in file order: a `Record` for each good one, a `Reject` for each bad.

    format: a name in IMPORTERS or TOOLS; None to go by the suffix, where a final .gz is looked
    through. delimiter: one character, CSV only; None to guess it from the header. on_bytes: gets
    the bytes consumed so far; the last call is `size(path)`. name: as people know the file.

    Raises UnreadableFile: here for a file, format or option that cannot be used, at the first
    row for content that cannot be, and in the middle when compressed data is cut off.
    """
    source = Source(
        path=path, encoding=encoding, delimiter=delimiter, on_bytes=on_bytes, name=name or path.name
    )
    if format in TOOLS:
        return _converted(source, str(format))
    return _plain(source, format_of(path) if format is None else _known(path, format))


def recognised(path: Path, *, encoding: str = "utf-8") -> str | None:
    """The name in TOOLS of the tool that an export is from; None for a plain file of rows.

    Told by its first row that can be read. Raises UnreadableFile.
    """
    if path.is_dir():
        return next((name for name in reversed(list(TOOLS)) if TOOLS[name].holds(path)), None)
    plain = path.suffix.lower() == ".parquet"
    rows = read(path, encoding="utf-8" if plain else encoding)
    first = next((row for row in islice(rows, LOOKED_AT) if isinstance(row, Record)), None)
    return None if first is None else tool_of(first.values)


def _plain(source: Source, name: str) -> Iterator[Row]:
    _check_options(source, name)
    check_file(source)
    return IMPORTERS[name].read(source)


def _converted(source: Source, name: str) -> Iterator[Row]:
    """The rows of a tool's export; of a folder where the tool has one."""
    tool = TOOLS[name]
    if tool.folder is not None and source.path.is_dir():
        return tool.folder(source)
    return map(partial(_as_row, tool, source), _plain(source, format_of(source.path)))


def _as_row(tool: Tool, source: Source, row: Row) -> Row:
    if isinstance(row, Reject):
        return row
    other = None if tool.knows(row.values) else tool_of(row.values)
    why = f"not as {tool.title} writes it"
    hint = "" if other is None else f". It looks like {TOOLS[other].title}: --from {other}"
    try:
        made = tool.convert(row, source)
    except ValueError as error:
        return _reject(row, f"{why}: {error}{hint}")
    if other is not None and TOOLS[other].sure and tool.folder is None:
        return _reject(row, f"{why}{hint}")  # a text with none of what was said of it
    return made


def _reject(row: Record, reason: str) -> Reject:
    raw = as_text(row.values)
    return Reject(row.line, reason, shown(raw, len(raw)))


def _known(path: Path, name: str) -> str:
    if name not in IMPORTERS:
        tools = ", ".join(TOOLS)
        raise UnreadableFile(
            f"{path}: unknown format {name!r}; known formats: {_listed()}; exports of {tools}"
        )
    return name


def format_of(path: Path) -> str:
    """The name in IMPORTERS that a file's suffix says. Raises UnreadableFile for another."""
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
