"""Items with their label: one for each item and question."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.exporters.protocol import Dropped, ExportRow
from annotate.training.protocol import MATERIALS, Rules
from annotate.training.standing import under, unsure


def rows(row: ExportRow, rules: Rules) -> Iterator[ExportRow | Dropped]:
    """The row itself, whoever gave its label; `final` is the label under the rules."""
    row = under(row, rules)
    why = row.final.why if row.final.source == "none" else unsure(row, rules)
    yield row if why is None else Dropped(why)


MATERIALS.add("rows", rows)
