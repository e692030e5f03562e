"""The records of an export one by one, for whoever wants no file."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice

from annotate.errors import AnnotateError
from annotate.exporters import Record
from annotate.exporters.forms import Sheet
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.exports.facts import facts_of
from annotate.workflow.exports.lots import Lot, lot_of, wanted_by
from annotate.workflow.exports.one_pass import TELL, run
from annotate.workflow.exports.request import Request, job_of
from annotate.workspace import require_items


def sheet(project: Project, request: Request) -> Sheet:
    """The columns of the records, and what is known of their types. Raises as `records` does."""
    return _lot(project, request).tables[0].sheet


def records(
    store: Store, project: Project, request: Request, *, actor: Person
) -> Generator[Record, None, None]:
    """What `export` writes, record by record, of one moment; the splits of the request are not
    heeded. Close it to let go of the database. Raises as `export` does, when it is called."""
    require(actor, "export")
    lot = _lot(project, request)
    require_items(store, project)
    return _records(store, project, lot, actor)


def _lot(project: Project, request: Request) -> Lot:
    job = job_of(project, replace(request, splits=None))
    if job.several:
        raise AnnotateError(
            f"{request.dialect} is a folder of several tables: take one of them, "
            + ", ".join(dict.fromkeys(part.dialect for part in job.parts))
        )
    return lot_of(project, job, None)


@dataclass(slots=True)
class _Caught:
    """A writer that hands on what it is given."""

    records: list[Record] = field(default_factory=list)

    def write(self, records: Sequence[Record]) -> None:
        self.records += records

    def close(self) -> None:
        pass


def _records(
    store: Store, project: Project, lot: Lot, actor: Person
) -> Generator[Record, None, None]:
    caught = lot.tables[0].outlets[""].writer = _Caught()
    strands, questions = lot.strands(), lot.job.questions
    with (
        store.snapshot(),
        closing(facts_of(store, project, questions, wanted_by([lot]), actor=actor)) as facts,
    ):
        while some := list(islice(facts, TELL)):
            run(some, strands)
            yield from caught.records
            caught.records = []
