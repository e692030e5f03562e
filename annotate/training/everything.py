"""All that was said of each item and question, decided or not: for moving to another tool."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.exporters.protocol import ExportRow
from annotate.training.protocol import MATERIALS, Rules


def everything(row: ExportRow, rules: Rules) -> Iterator[ExportRow]:
    """The row as it is, whatever the rules: nobody trains on it."""
    yield row


MATERIALS.add("everything", everything)
