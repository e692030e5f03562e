"""What a terminal shows: lines, tables, and bars on anything long."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console

    from annotate.llm.books.ledger import Ledger, Snapshot


def say(text: str = "") -> None:
    """A line on standard output, as it is."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """A line on standard error: worth knowing, but no result."""
    _errors().print(text, markup=False)


def fail(text: str) -> None:
    """Why a command did not do what it was asked."""
    _errors().print(f"coannotate: {text}", markup=False)


@cache
def _errors() -> Console:
    from rich.console import Console  # a tenth of a second that most commands do without

    return Console(stderr=True, highlight=False, soft_wrap=True)


def table(rows: Sequence[Mapping[str, object]]) -> None:
    """Rows in columns, under their keys."""
    for line in aligned(rows):
        say(line)


def aligned(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The lines of a table; none without rows."""
    from rich.cells import cell_len

    if not rows:
        return []
    names = list(rows[0])
    cells = [names, *([str(row[name]) for name in names] for row in rows)]
    widths = [max(cell_len(line[at]) for line in cells) for at in range(len(names))]
    return [
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in cells
    ]


class Tell(Protocol):
    """Where a long command stands: `done` of `total` in its unit, and what else to show."""

    def __call__(self, done: int, total: int, beside: str = "") -> None: ...


def watched(
    tell: Tell, ledger: Ledger | None = None, *, clock: Callable[[], float] = time.monotonic
) -> Callable[[int, int, float], bool]:
    """What a long verb reports to: moves the bar and never asks to stop (Ctrl-C does).

    ledger: its money and pace stand beside the bar. clock: seconds, monotonic.
    """
    pace: deque[tuple[float, int]] = deque()

    def progress(done: int, total: int, cost_usd: float) -> bool:
        if ledger is None:
            tell(done, total)
            return True
        books, now = ledger.snapshot(), clock()
        while len(pace) > 1 and now - pace[0][0] > PACE_OVER_S:
            pace.popleft()
        pace.append((now, books.calls))
        tell(done, total, spent(books, pace[0], pace[-1]))
        return True

    return progress


BAR_WIDTH = 20
"""Characters; what stands beside it has to fit into a line too."""
PACE_OVER_S = 10.0
"""Time over which the calls per second are taken."""


def spent(books: Snapshot, before: tuple[float, int], now: tuple[float, int]) -> str:
    """Money and pace of a run that goes on. before, now: (seconds, calls until then).

    >>> from annotate.llm.books.ledger import Snapshot
    >>> spent(Snapshot(30, 4, 900, 60, 0.0123, 0, None, 5.0), (0.0, 10), (4.0, 30))
    '$0.0123 of $5, 4 in flight, 5.0 calls/s'
    >>> spent(Snapshot(30, 4, 900, 60, 0.0, 30, 100, None), (0.0, 10), (4.0, 30))
    'cost unknown, 30 of 100 calls, 4 in flight, 5.0 calls/s'
    """
    told = [books.cost()] if books.calls else []
    if books.max_calls is not None:
        told.append(f"{books.calls:,} of {books.max_calls:,} calls")
    told.append(f"{books.in_flight} in flight")
    if now[0] > before[0]:
        told.append(f"{(now[1] - before[1]) / (now[0] - before[0]):.1f} calls/s")
    return ", ".join(told)


@contextmanager
def bar(what: str) -> Iterator[Tell]:
    """A progress bar on standard error while a terminal is there to see it."""
    if not sys.stderr.isatty():
        yield lambda done, total, beside="": None
        return
    from rich import progress

    columns = (
        progress.TextColumn(what),
        progress.BarColumn(bar_width=BAR_WIDTH),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(elapsed_when_finished=True),
        progress.TextColumn("{task.fields[beside]}", markup=False),
    )
    with progress.Progress(*columns, console=_errors()) as shown:
        task = shown.add_task(what, total=None, beside="")

        def tell(done: int, total: int, beside: str = "") -> None:
            shown.update(task, completed=done, total=total, beside=beside)

        yield tell
