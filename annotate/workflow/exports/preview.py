"""How the files of an export begin, without making them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from annotate.exporters import Record
from annotate.exporters.forms import FORMS
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.exports.lots import lot_of, read
from annotate.workflow.exports.request import Request, job_of
from annotate.workflow.exports.tables import Table
from annotate.workspace import require_items

LOOKED_THROUGH = 500
"""Items that a preview reads at most."""


@dataclass(frozen=True, slots=True)
class Begins:
    """How one file begins. text: as it will be written; None of a form that is not text."""

    path: str
    columns: tuple[str, ...]
    records: tuple[Record, ...]
    text: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """files: one for each table. dropped: reason -> records among the `items` looked at. complete:
    whether these were all."""

    files: tuple[Begins, ...]
    dropped: Mapping[str, int]
    items: int
    complete: bool


def preview(
    store: Store, project: Project, request: Request, *, actor: Person, limit: int = 5
) -> Preview:
    """`limit` rows of each table, before they are split, from the first 500 items at most.

    Raises as `export` does.
    """
    require(actor, "export")
    job = job_of(project, replace(request, splits=None))
    with store.snapshot():
        require_items(store, project)
        lot = lot_of(project, job, None)
        kept = [_keep(table, limit) for table in lot.tables]

        def enough(items: int) -> bool:
            return items >= LOOKED_THROUGH or all(table.rows >= limit for table in lot.tables)

        items = read(store, project, [lot], actor=actor, enough=enough)
        files = tuple(_begins(*pair) for pair in zip(lot.tables, kept, strict=True))
        complete = items == store.items.count(project.project)
    return Preview(files, dict(lot.drops.counts.most_common()), items, complete)


@dataclass(slots=True)
class _Kept:
    """A writer that keeps the first records."""

    limit: int
    records: list[Record] = field(default_factory=list)

    def write(self, records: Sequence[Record]) -> None:
        self.records += records[: self.limit - len(self.records)]

    def close(self) -> None:
        pass


def _keep(table: Table, limit: int) -> _Kept:
    kept = table.outlets[""].writer = _Kept(limit)
    return kept


def _begins(table: Table, kept: _Kept) -> Begins:
    form, out = FORMS[table.part.form], io.BytesIO()
    if form.text:
        writer = form.begin(out, table.sheet)
        writer.write(kept.records)
        writer.close()
    text = out.getvalue().decode() if form.text else None
    path = table.outlets[""].path
    return Begins(path, table.sheet.columns, tuple(kept.records), text)
