"""What a terminal shows: lines, tables, and bars on anything long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_errors = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """A line on standard output, as it is."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """A line on standard error: worth knowing, but no result."""
    _errors.print(text, markup=False)


def fail(text: str) -> None:
    """Why a command did not do what it was asked."""
    _errors.print(f"coannotate: {text}", markup=False)


def table(rows: Sequence[Mapping[str, object]]) -> None:
    """Rows in columns, under their keys."""
    for line in aligned(rows):
        say(line)


def aligned(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The lines of a table; none without rows."""
    if not rows:
        return []
    names = list(rows[0])
    cells = [names, *([str(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]


class Tell(Protocol):
    """Where a long command stands: `done` of `total` in its unit."""

    def __call__(self, done: int, total: int) -> None: ...


def watched(tell: Tell) -> Callable[[int, int, float], bool]:
    """What a long verb reports to: moves the bar and never asks to stop (Ctrl-C does)."""

    def progress(done: int, total: int, cost_usd: float) -> bool:
        tell(done, total)
        return True

    return progress


@contextmanager
def bar(what: str) -> Iterator[Tell]:
    """A progress bar on standard error while a terminal is there to see it."""
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=_errors, disable=not _errors.is_terminal) as progress:
        task = progress.add_task(what, total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield tell
