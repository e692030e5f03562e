"""What other processes do in the tests of the store and the verbs; imported by name in each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import TypeVar

from annotate.importers import Record
from annotate.people import operator
from annotate.store import open_store
from annotate.workflow.imports import importing
from annotate.workflow.imports.importing import import_items
from tests.forking import forking
from tests.labelling import assign, submit
from tests.small import START, small_project, someone

Result = TypeVar("Result")


def in_processes(
    count: int, work: Callable[..., Result], arguments: Iterable[tuple[object, ...]]
) -> list[Result]:
    """`work(*each)` in `count` processes of their own, all at the same moment."""
    with TemporaryDirectory() as folder, ProcessPoolExecutor(count, mp_context=forking()) as pool:
        together = partial(_together, Path(folder), count, work)
        return list(pool.map(together, *zip(*arguments, strict=True)))


def _together(folder: Path, count: int, work: Callable[..., Result], *arguments: object) -> Result:
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < count:
        sleep(0.001)
    return work(*arguments)


def claim_all(path: Path, name: str) -> list[str]:
    """Take and answer until nothing is left; the ids of the slots this person got."""
    project = small_project()
    mine: list[str] = []
    with open_store(path) as store:
        person = someone(store, name)
        while (task := assign(store, project, actor=person, now=START)) is not None:
            now = START + timedelta(seconds=len(mine))
            submit(store, project, task, "ham", actor=person, now=now)
            mine.append(task.assignment.id)
    return mine


def records(count: int) -> Iterator[Record]:
    """Rows with an id of their own."""
    for at in range(count):
        yield Record(at + 1, {"id": at, "text": f"mail {at}"})


def import_for_ever(path: Path, count: int) -> None:
    """Import `records`, after saying in `.started` that it begins."""
    path.with_suffix(".started").touch()
    import_records(path, count)


def import_records(path: Path, count: int) -> tuple[int, int, int]:
    """Import `records` in small batches; how many were added, there already, and rejected."""
    importing.BATCH = 50
    project = small_project(**{"import": {"id": "id"}})
    with open_store(path) as store:
        report = import_items(
            store, project, records(count), StringIO(), actor=operator(START), now=START
        )
    return report.added, report.already_there, report.rejected


def open_and_add(path: Path, name: str) -> int:
    """Open a store that may not be there yet and add a person; how many people there are."""
    with open_store(path) as store:
        someone(store, name)
        return len(store.people.all())
