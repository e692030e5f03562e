"""JSON Lines: UTF-8 without byte order mark, one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TextIO

from annotate.exporters import labelled
from annotate.exporters.protocol import EXPORTERS, Exporter, Options, Record

# JSON allows these inside text, but many readers end a line there
_LINE_ENDS = {ord(char): f"\\u{ord(char):04x}" for char in "\u0085\u2028\u2029"}


def line(record: Record) -> str:
    """One line with its end; no character inside it ends a line anywhere.

    >>> line({"text": "标\u2028b"})
    '{"text": "标\\\\u2028b"}\\n'
    """
    return json.dumps(record, ensure_ascii=False, allow_nan=False).translate(_LINE_ENDS) + "\n"


def write(records: Iterable[Record], columns: Sequence[str], out: TextIO, options: Options) -> None:
    """The keys of every object stand in the order of `columns`."""
    for record in records:
        out.write(line({name: record[name] for name in columns}))


EXPORTERS.add(
    "labels_jsonl",
    Exporter(
        "the labelled set: one JSON object for each item and question",
        ".jsonl",
        labelled.columns,
        labelled.records,
        write,
    ),
)
