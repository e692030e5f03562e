"""A .json file: one array of objects, or JSON Lines under another name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from annotate.importers.files import open_text
from annotate.importers.jsonl import JSON_SPACE, JsonLines, Objects
from annotate.importers.lines import shown, undecodable
from annotate.importers.protocol import IMPORTERS, Record, Reject, Row, Source

ARRAY_LIMIT = 64_000_000  # characters, since an array is held in memory as a whole
_CONVERT = "convert it to one object per line: jq -c '.[]' old.json > new.jsonl"


@dataclass(frozen=True, slots=True)
class JsonFile:
    """The first character decides: "[" is an array, anything else JSON Lines."""

    suffixes: tuple[str, ...] = (".json",)
    options: frozenset[str] = frozenset({"encoding"})

    def read(self, source: Source) -> Iterator[Row]:
        """See Importer. Raises UnreadableFile, also for one object spread over many lines."""
        start = _start(source)
        if start.startswith("["):
            return _elements(source, _whole(source))
        first, line_end, _ = start.partition("\n")
        if first.startswith("{") and line_end and not first.rstrip().endswith("}"):
            raise source.error(
                "looks like one object spread over several lines; expected an array of objects "
                "or one object per line; jq -c '.KEY[]' takes an array out of an object"
            )
        return JsonLines().read(source)


def _start(source: Source) -> str:
    with open_text(replace(source, on_bytes=None), newline="\n") as text:
        return text.read(1 << 16).removeprefix("\ufeff").lstrip(JSON_SPACE)


def _whole(source: Source) -> str:
    with open_text(source, newline="\n") as text:
        # In pieces, because reading all at once goes past the progress report.
        pieces = []
        left = ARRAY_LIMIT + 1
        while left and (piece := text.read(min(left, 1 << 20))):
            pieces.append(piece)
            left -= len(piece)
    if not left:
        raise source.error(
            f"is a JSON array of more than {ARRAY_LIMIT:,} characters, too large to hold in "
            f"memory; {_CONVERT}"
        )
    return "".join(pieces).removeprefix("\ufeff")


def _elements(source: Source, text: str) -> Iterator[Row]:
    """The rows of an array, by their line; where all stand in one, by their place in it.

    Raises UnreadableFile where the text stops being JSON, and for an array without rows.
    """
    objects = Objects()
    lines = "\n" in text.strip(JSON_SPACE)
    line, counted, place = 1, 0, 0
    at = _skip(text, 0) + 1
    if closed := text.startswith("]", _skip(text, at)):
        raise source.error("holds no rows: the array is empty; check that it was written in full")
    while not closed:
        start = _skip(text, at)
        line, counted, place = line + text.count("\n", counted, start), start, place + 1
        try:
            parsed, end = objects.decode(text, start)
        except ValueError as error:
            where = f"line {line}, row {place} of the array: {error}"
            raise source.error(f"{where}{_cut_off(text)}") from None
        yield _row(source, line if lines else place, text[start:end], parsed)
        at, closed = _after(source, text, end)
    if rest := text[at:].strip(JSON_SPACE):
        raise source.error(f"more text after the end of the array: {rest[:40]!r}; {_CONVERT}")


def _cut_off(text: str) -> str:
    if text.rstrip(JSON_SPACE).endswith("]"):
        return ""
    return ". The file does not end with ']': it was cut off; write or download it again"


def _row(source: Source, line: int, raw: str, parsed: dict[str, object] | str) -> Row:
    parsed = undecodable(raw, source.encoding) or parsed
    if isinstance(parsed, str):
        return Reject(line, parsed, shown(raw, len(raw)))
    return Record(line, parsed)


def _after(source: Source, text: str, end: int) -> tuple[int, bool]:
    """Behind the comma or bracket that follows an element, and whether it was the bracket."""
    at = _skip(text, end)
    if text[at : at + 1] not in {",", "]"}:
        line = text.count("\n", 0, at) + 1
        found = repr(text[at]) if at < len(text) else "the end of the file"
        raise source.error(
            f"line {line}: ',' or ']' expected in the array, found {found}{_cut_off(text)}"
        )
    return at + 1, text[at] == "]"


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in JSON_SPACE:
        at += 1
    return at


IMPORTERS.add("json", JsonFile())
