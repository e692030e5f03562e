"""JSON Lines: one object per line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from annotate.importers.files import open_text
from annotate.importers.lines import Lines, shown, too_long, undecodable
from annotate.importers.protocol import IMPORTERS, Record, Reject, Row, Source

JSON_SPACE = " \t\r\n"
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_TYPE_NAMES = {list: "an array", str: "text", bool: "true or false", type(None): "null"}


@dataclass(frozen=True, slots=True)
class JsonLines:
    """Splits at \\n only: other line separators are allowed inside JSON text."""

    suffixes: tuple[str, ...] = (".jsonl", ".ndjson")
    options: frozenset[str] = frozenset({"encoding"})

    def read(self, source: Source) -> Iterator[Row]:
        """See Importer. Raises UnreadableFile, also when there is nothing but blank lines."""
        objects = Objects()
        blank = True
        with open_text(source, newline="\n") as text:
            lines = Lines(text)
            for line in lines:
                if line.strip(JSON_SPACE):
                    blank = False
                    yield _row(objects, lines, line, source.encoding)
        if blank:
            raise source.error("holds no rows; write one JSON object per line")


class Objects:
    """Reads JSON and keeps the complaints, so that reading can go on behind a bad object."""

    def __init__(self) -> None:
        self._problems: list[str] = []
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_constant=self._constant,
            parse_float=self._float,
        )

    def decode(self, text: str, start: int) -> tuple[dict[str, object] | str, int]:
        """The object that begins at `start`, or what is wrong with it; and where it ends.

        Raises ValueError when it is not JSON: there is no telling then where it ends.
        """
        self._problems.clear()
        try:
            value, end = self._decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            where = f"at character {error.pos - start + 1}"
            why = error.msg.removesuffix(" at")
            raise ValueError(f"not JSON: {why} {where}; one object is expected") from error
        except RecursionError:
            raise ValueError("not readable: nested too deeply; flatten it") from None
        return self._judge(value, _HALF_PAIR.search(text, start, end) is not None), end

    def _judge(self, value: object, may_hold_half: bool) -> dict[str, object] | str:
        if not isinstance(value, dict):
            return f"{_TYPE_NAMES.get(type(value), 'a number')}, not an object like {{…}}"
        if self._problems:
            return self._problems[0]
        return (_half_pair(value) if may_hold_half else None) or value

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        values = dict(pairs)
        if len(values) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            self._problems.append(f"duplicate key {_brief(twice)}; keep one of them")
        return values

    def _constant(self, literal: str) -> None:
        self._problems.append(f"{literal} is not JSON; write null or a number")

    def _float(self, literal: str) -> float:
        number = float(literal)
        if math.isinf(number):
            self._problems.append(f"number {_brief(literal)} is too large; write it as text")
        return number


def _row(objects: Objects, lines: Lines, line: str, encoding: str) -> Row:
    parsed = (
        too_long(lines.limit)
        if lines.length > lines.limit
        else undecodable(line, encoding) or _one(objects, line.strip(JSON_SPACE))
    )
    if isinstance(parsed, str):
        return Reject(lines.number, parsed, shown(line, lines.length))
    return Record(lines.number, parsed)


def _one(objects: Objects, text: str) -> dict[str, object] | str:
    try:
        parsed, end = objects.decode(text, 0)
    except ValueError as error:
        reason = str(error)
        return f"{reason}; {_ARRAY_HINT}" if text.startswith("[") else reason
    if end < len(text):
        return f"not JSON: more text after the value at character {end + 1}; one object per line"
    return f"{parsed}; {_ARRAY_HINT}" if text.startswith("[") else parsed


_ARRAY_HINT = "if the whole file is one array, pass --format json"


def _half_pair(values: dict[str, object]) -> str | None:
    """The complaint about the first key or value with half of a surrogate pair, if there is."""
    for key, value in values.items():
        try:
            json.dumps([key, value], ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError as error:
            half = error.object[error.start]
            return (
                f"{_brief(key)} holds the lone surrogate {half!r}, half of a character, which "
                "cannot be stored as text; write the whole character"
            )
    return None


def _brief(text: str, limit: int = 80) -> str:
    """`text` in quotes; repr also escapes what could not be stored."""
    return repr(text if len(text) <= limit else f"{text[:limit]}…")


IMPORTERS.add("jsonl", JsonLines())
