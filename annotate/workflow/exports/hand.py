"""One of the processes of a large export: `python -m annotate.workflow.exports.hand LINE PLACE`,
as `together` begins it. LINE: number of the open file that it is talked to by. PLACE: the database.
"""

from __future__ import annotations

import io
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from annotate.errors import AnnotateError
from annotate.store import Store, open_store

if TYPE_CHECKING:  # loaded with the errand, when reading has begun: the others wait till then
    from annotate.workflow.exports.facts import Source
    from annotate.workflow.exports.lots import Lot
    from annotate.workflow.exports.one_pass import Strand
    from annotate.workflow.exports.together import Asked, Errand, Made, Range

NICE = 10
"""Whoever labels meanwhile goes first."""


def serve(line: Connection, place: str) -> None:
    """Make shares of ranges until nobody asks any more."""
    with open_store(place, read_only=True, mapped=True) as store:
        line.send(None)
        line.recv()
        with store.snapshot():
            line.send(None)
            _work(line, store, line.recv())


def _work(line: Connection, store: Store, errand: Errand) -> None:
    from annotate.workflow.exports.lots import source_of
    from annotate.workflow.exports.shares import keep

    drops = io.StringIO(newline="")
    lots = [_lot(errand, each, drops if errand.listed else None) for each in errand.asked]
    for lot in lots:
        keep(lot, files=errand.files)
    strands = [strand for lot in lots for strand in lot.strands()]
    source = source_of(store, errand.project, lots, actor=errand.actor)
    sent: Future[None] | None = None
    with ThreadPoolExecutor(max_workers=1) as sender:  # whoever writes may be at an earlier range
        while True:
            made = _made(source, lots, strands, drops, line.recv())
            if sent is not None:
                sent.result()
            sent = sender.submit(line.send, made)


def _lot(errand: Errand, asked: Asked, drops: io.StringIO | None) -> Lot:
    from annotate.workflow.exports.lots import lot_of
    from annotate.workflow.exports.request import job_of

    job = job_of(errand.project, asked.request)
    return lot_of(errand.project, job, asked.splitting, drops=drops)


def _made(
    source: Source, lots: list[Lot], strands: list[Strand], drops: io.StringIO, span: Range
) -> Made:
    from annotate.workflow.exports.one_pass import run
    from annotate.workflow.exports.shares import taken
    from annotate.workflow.exports.together import Made

    with closing(source.facts(after=span.low - 1, upto=span.high)) as facts:
        items = run(facts, strands)
    listed = drops.getvalue()
    drops.seek(0)
    drops.truncate()
    return Made(items, [taken(lot) for lot in lots], listed)


def main() -> None:
    os.nice(NICE)
    with Connection(int(sys.argv[1])) as line, suppress(EOFError, ConnectionError):
        try:
            serve(line, sys.argv[2])
        except AnnotateError as error:
            line.send(str(error))


if __name__ == "__main__":
    main()
