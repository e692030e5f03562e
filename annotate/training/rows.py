"""Each item and question as it is."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.exporters.protocol import Dropped, ExportRow
from annotate.training.protocol import MATERIALS, Made, Rules


def rows(row: ExportRow, rules: Rules) -> Iterator[Made | Dropped]:
    """The row, or why it has no label."""
    yield Dropped(row.final.why) if row.final.source == "none" else row


MATERIALS.add("rows", rows)
