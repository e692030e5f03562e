"""Alpaca: {"instruction", "input", "output"}: finished texts, for people to look at."""

from __future__ import annotations

from annotate.importers.protocol import Record, Source
from annotate.importers.tool import TOOLS, Raw, Tool

FIELDS = ("instruction", "input", "output")


def _knows(raw: Raw) -> bool:
    return all(isinstance(raw.get(key), str) for key in ("instruction", "output"))


def _convert(record: Record, source: Source) -> Record:
    raw = record.values
    if not _knows(raw):
        raise ValueError("no text in `instruction` or `output`")
    values = {**raw, "input": raw.get("input") or ""}
    return Record(record.line, values, (), "alpaca", FIELDS)


TOOLS.add(
    "alpaca", Tool(title="Alpaca", knows=_knows, convert=_convert, sure=False, draft="output")
)
