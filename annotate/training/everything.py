"""All that was said of each item and question, decided or not: for moving to another tool."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.exporters.protocol import ExportRow
from annotate.training.protocol import MATERIALS, Material, Rules, Step


def everything(row: ExportRow, rules: Rules) -> Iterator[Step]:
    """The row as it is, whatever the rules: nobody trains on it."""
    yield lambda one: (one,)


MATERIALS.add("everything", Material(everything))
