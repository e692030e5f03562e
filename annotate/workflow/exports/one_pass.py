"""One pass over everything that is known, for any number of tables: rows, made things, records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from annotate.exporters import Dropped, ExportRow
from annotate.splits.plan import Splitting
from annotate.training import MATERIALS
from annotate.training.caps import Caps
from annotate.training.passport import passport
from annotate.training.protocol import Made, Rules, Step, taken
from annotate.training.reasons import LACKS_FIELD
from annotate.workflow.exports.facts import Facts
from annotate.workflow.exports.tables import Drops, Table, record_of

TELL = 100
"""Progress is told every so many items."""


@dataclass(slots=True)
class Strand:
    """Tables that are made of the same things. fields: that an item must have. question: only of
    this one; None: of all. caps: None where each prompt may have any number of pairs."""

    material: str
    rules: Rules
    fields: frozenset[str]
    question: str | None
    tables: list[Table]
    drops: Drops
    splitting: Splitting | None
    caps: Caps | None = None


def run(
    facts: Iterable[Facts],
    strands: Sequence[Strand],
    on_item: Callable[[int], None] | None = None,
    enough: Callable[[int], bool] = lambda items: False,
) -> int:
    """Fill the tables; how many items were read. `enough` is asked behind each item."""
    items = 0
    for items, of_item in enumerate(facts, 1):
        for row in of_item:
            for strand in strands:
                _take(strand, row)
        if items % TELL == 0:
            _flush(strands)
            if on_item is not None:
                on_item(items)
        if enough(items):
            break
    _flush(strands)
    return items


def _flush(strands: Sequence[Strand]) -> None:
    for strand in strands:
        for table in strand.tables:
            table.flush()


def _take(strand: Strand, row: ExportRow) -> None:
    if strand.question is not None and row.question.name != strand.question:
        return
    if not strand.fields <= row.item.fields.keys():
        _drop(strand, row, LACKS_FIELD)
        return
    found = taken(_steps(strand, row), row)
    for made in found if strand.caps is None else strand.caps.let_in(found):
        if isinstance(made, Dropped):
            _drop(strand, row, made.why)
        else:
            _write(strand, row, made)


def _steps(strand: Strand, row: ExportRow) -> Iterable[Step]:
    """What is to be made of the row: the same for all of which the same was said."""
    kept = row.once
    if kept is None:
        return MATERIALS[strand.material].steps(row, strand.rules)
    steps = kept.get(id(strand))
    if steps is None:
        steps = kept[id(strand)] = tuple(MATERIALS[strand.material].steps(row, strand.rules))
    found: Iterable[Step] = steps
    return found


def _drop(strand: Strand, row: ExportRow, why: str) -> None:
    for table in strand.tables:
        strand.drops.add(row, table.part.dialect, why)


def _write(strand: Strand, row: ExportRow, made: Made) -> None:
    split = "" if strand.splitting is None else strand.splitting.of(row.item.position)
    meta = None
    for table in strand.tables:
        if table.passport and meta is None:
            meta = passport(made)
        found = record_of(table.dialect, made, meta if table.passport else None)
        if isinstance(found, Dropped):
            strand.drops.add(row, table.part.dialect, found.why)
        else:
            table.take(found, split, row.item.id)
