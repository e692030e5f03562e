"""Export formats: one file for each trainer's dialect. `DIALECTS` knows them by name."""

from annotate.exporters.dialect import DIALECTS, Dialect, Part, WrittenPart
from annotate.exporters.protocol import (
    Answer,
    Dropped,
    ExportRow,
    Final,
    Machine,
    Record,
    machine,
    ruled,
    settle,
)

DIALECTS.load(__name__)

__all__ = [
    "DIALECTS",
    "Answer",
    "Dialect",
    "Dropped",
    "ExportRow",
    "Final",
    "Machine",
    "Part",
    "Record",
    "WrittenPart",
    "machine",
    "ruled",
    "settle",
]
