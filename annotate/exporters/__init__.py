"""File formats the labelled items go out in: one file each. `EXPORTERS` knows them by name."""

from annotate.exporters.protocol import (
    EXPORTERS,
    Answer,
    Dropped,
    Exporter,
    ExportRow,
    Final,
    Machine,
    Options,
    Record,
    machine,
    ruled,
    settle,
)

EXPORTERS.load(__name__)

__all__ = [
    "EXPORTERS",
    "Answer",
    "Dropped",
    "ExportRow",
    "Exporter",
    "Final",
    "Machine",
    "Options",
    "Record",
    "machine",
    "ruled",
    "settle",
]
