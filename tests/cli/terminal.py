"""What the tests of commands run them with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from annotate.people import operator
from annotate.store.jobs import Job
from annotate.workflow.projects.jobs import enqueue
from app.services import services_for

Command: TypeAlias = Callable[..., tuple[int, str, str]]
"""The words of a command -> its exit code, output and errors."""


def stocked(command: Command, task: str) -> Command:
    """The command, where it runs in a folder with this project file and three imported items."""
    Path("task.yaml").write_text(task, "utf-8")
    write_mails(range(3))
    assert command("import", "items.jsonl")[0] == 0
    return command


def write_mails(numbers: Iterable[int]) -> None:
    """items.jsonl in the folder where commands run."""
    rows = "".join(f'{{"text": "mail number {n}"}}\n' for n in numbers)
    Path("items.jsonl").write_text(rows, "utf-8")


def queued(folder: Path, *, job_id: str = "j1", **options: Any) -> Job:
    """A pre-labelling that waits in the folder's workspace for a worker."""
    now = datetime.now(UTC)
    with services_for(folder).open() as (store, project):
        return enqueue(
            store,
            project,
            "prelabel",
            options,
            actor=operator(now),
            now=now,
            new_id=lambda: job_id,
        )
