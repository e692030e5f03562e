"""Items with their label: one for each item and question."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.exporters.protocol import Dropped, ExportRow
from annotate.training.protocol import MATERIALS, Material, Rules, Step
from annotate.training.standing import under, unsure


def _steps(row: ExportRow, rules: Rules) -> Iterator[Step]:
    """The row itself, whoever gave its label; `final` is the label under the rules."""
    row = under(row, rules)
    why = row.final.why if row.final.source == "none" else unsure(row, rules)
    yield Dropped(why) if why is not None else lambda one: (under(one, rules),)


rows = Material(_steps)
MATERIALS.add("rows", rows)
