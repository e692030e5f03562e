"""What one process makes of a range of the items, and how it joins what was made of those before:
counts are added, files go on where they ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate.exporters import Record
from annotate.exporters.forms import FORMS, Filed, Form, Sheet
from annotate.workflow.exports.lots import Lot
from annotate.workflow.exports.report import SHOWN, Lengths
from annotate.workflow.exports.tables import Drops, Table


@dataclass(slots=True)
class Blocks:
    """A sink that keeps what another process is to put into the file."""

    form: Form
    sheet: Sheet
    kept: list[Any] = field(default_factory=list)

    def write(self, records: Sequence[Record]) -> None:
        self.kept.append(self.form.encode(self.sheet, records))

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class TableShare:
    """split, or "", -> rows and blocks; column -> lengths."""

    rows: dict[str, int]
    blocks: dict[str, list[Any]]
    lengths: dict[str, Lengths]


@dataclass(frozen=True, slots=True)
class DropsShare:
    """As `Drops`."""

    counts: Counter[str]
    examples: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Share:
    """Of one request."""

    tables: list[TableShare]
    drops: DropsShare


def keep(lot: Lot, *, files: bool) -> None:
    """Let a lot keep its blocks from now on; files: whether there will be any."""
    for table in lot.tables if files else ():
        for outlet in table.outlets.values():
            outlet.writer = Blocks(FORMS[table.part.form], table.sheet)


def taken(lot: Lot) -> Share:
    """What a lot has come to since this was last asked."""
    return Share([_taken(table) for table in lot.tables], _dropped(lot.drops))


def _taken(table: Table) -> TableShare:
    rows, blocks = {}, {}
    for split, outlet in table.outlets.items():
        rows[split], outlet.rows = outlet.rows, 0
        if isinstance(outlet.writer, Blocks):
            blocks[split], outlet.writer.kept = outlet.writer.kept, []
    lengths, table.lengths = table.lengths, {}
    return TableShare(rows, blocks, lengths)


def _dropped(drops: Drops) -> DropsShare:
    share = DropsShare(drops.counts, drops.examples)
    drops.counts, drops.examples = Counter(), {}
    return share


def join(lot: Lot, share: Share) -> None:
    """Let a lot go on with the share of the items that come next."""
    for table, more in zip(lot.tables, share.tables, strict=True):
        for split, outlet in table.outlets.items():
            outlet.rows += more.rows[split]
            if isinstance(outlet.writer, Filed):
                for block in more.blocks[split]:
                    outlet.writer.put(block)
        for name, lengths in more.lengths.items():
            table.lengths.setdefault(name, Lengths()).join(lengths)
    _join_drops(lot.drops, share.drops)


def _join_drops(drops: Drops, more: DropsShare) -> None:
    drops.counts.update(more.counts)
    for why, items in more.examples.items():
        shown = drops.examples.setdefault(why, [])
        shown += items[: SHOWN - len(shown)]
