"""Items with their label: one for each item and question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from annotate.exporters.protocol import Dropped, ExportRow
from annotate.training.protocol import MATERIALS, Rules
from annotate.training.standing import final_of, unsure


def rows(row: ExportRow, rules: Rules) -> Iterator[ExportRow | Dropped]:
    """The row itself, whoever gave its label; `final` is the label under the rules."""
    final = final_of(row, rules)
    why = final.why if final.source == "none" else unsure(row, final, rules)
    if why is not None:
        yield Dropped(why)
    else:
        yield row if final is row.final else replace(row, final=final)


MATERIALS.add("rows", rows)
