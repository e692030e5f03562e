"""Several processes that read one moment together, for the exports of large projects."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from annotate.errors import AnnotateError, WorkspaceError
from annotate.model import Person
from annotate.project import Project
from annotate.splits.plan import Splitting
from annotate.store import Store, open_store
from annotate.workflow.exports.facts import of_text
from annotate.workflow.exports.lots import Lot
from annotate.workflow.exports.one_pass import TELL
from annotate.workflow.exports.request import Request
from annotate.workflow.exports.shares import Share, join

MANY = 50_000
"""Items from which on it pays off: the processes take about half a second to begin."""
MOST = 8
"""Processes."""
AHEAD = 2
"""Ranges that a process has been given: it begins the next one while the last is written."""
PROGRAM = "annotate.workflow.exports.hand"
LONGEST, CHARACTERS = 2_000, 4_000_000
"""Items of a range, and about how much text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of an errand."""

    request: Request
    splitting: Splitting | None


@dataclass(frozen=True, slots=True)
class Errand:
    """What a process is to make of every range. files: whether any are written; listed: whether
    every drop is."""

    project: Project
    actor: Person
    asked: tuple[Asked, ...]
    files: bool
    listed: bool


class Range(NamedTuple):
    """Positions low..high."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a range: a share for each request of the errand. listed: the drops of all."""

    items: int
    shares: list[Share]
    listed: str


@contextmanager
def of_one_moment(
    store: Store, project: Project, requests: Iterable[Request]
) -> Iterator[Crew | None]:
    """A snapshot of the store; with the processes that read it, where that pays off.

    Raises WorkspaceError where a process cannot be begun.
    """
    many = store.shared and store.items.next_position(project.project) >= MANY
    count = min(MOST, processors()) if many and all(map(_divisible, requests)) else 1
    with ExitStack() as stack:
        hands = [stack.enter_context(_hand(store.place)) for _ in range(count if count > 1 else 0)]
        for hand in hands:
            hand.get()  # is there, and has opened the database
        if hands:
            # nobody writes in between: all begin to read the same state
            with open_store(store.place) as other, other.transaction():
                for hand in hands:
                    hand.give(None)
                    hand.get()
                stack.enter_context(store.snapshot())
        else:
            stack.enter_context(store.snapshot())
        yield Crew(hands) if hands else None


def processors() -> int:
    """How many this process may use; 1 where it cannot hand on an open file."""
    if os.name != "posix":
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _divisible(request: Request) -> bool:
    """Whether what is made of an item does not depend on those before it, nor takes long to work
    out for all of them."""
    return request.rules.per_prompt is None and not request.rules.weighed


@dataclass(frozen=True, slots=True)
class _Hand:
    """One process, seen from here."""

    process: subprocess.Popen[bytes]
    line: Connection

    def give(self, what: object) -> None:
        try:
            self.line.send(what)
        except BrokenPipeError:
            self._ended()

    def get(self) -> Any:
        """What it sends next. Raises AnnotateError with what it says went wrong."""
        try:
            found = self.line.recv()
        except (EOFError, OSError):  # at the end of a message, or in the middle
            self._ended()
        if isinstance(found, str):
            raise AnnotateError(found)
        return found

    def _ended(self) -> None:
        status = self.process.wait()
        if status >= 0:
            raise RuntimeError(f"a process of the export has ended with status {status}")
        raise WorkspaceError(
            f"a process of the export was ended from outside (signal {-status}), most likely for "
            "want of memory: free some, and export again"
        )


@contextmanager
def _hand(place: str) -> Generator[_Hand, None, None]:
    """A process that ends with this block. A program of its own, not a copy of this process, which
    may have threads, and may be a notebook."""
    ours, theirs = Pipe()
    with ours:
        with theirs:
            line = theirs.fileno()
            process = subprocess.Popen(
                [sys.executable, "-m", PROGRAM, str(line), place],
                stdin=subprocess.DEVNULL, pass_fds=[line], start_new_session=True,
            )  # fmt: skip
        try:
            yield _Hand(process, ours)
        finally:
            ours.close()
            process.kill()
            process.wait()


@dataclass(frozen=True, slots=True)
class Crew:
    """Processes that read the same moment."""

    hands: Sequence[_Hand]

    def read(
        self,
        store: Store,
        project: Project,
        lots: Sequence[Lot],
        *,
        actor: Person,
        on_item: Callable[[int], None] | None,
    ) -> int:
        """As `lots.read`, of requests whose drops go to one list. The ranges in turn, each by the
        next process; what they make comes in the order of the items.
        """
        errand = _errand(project, lots, actor)
        for hand in self.hands:
            hand.give(errand)
        ranges, count = list(_ranges(store, project)), len(self.hands)
        for at, span in enumerate(ranges[: AHEAD * count]):
            self.hands[at % count].give(span)
        items, listed = 0, lots[0].drops.listed
        for at in range(len(ranges)):
            hand = self.hands[at % count]
            made: Made = hand.get()
            for span in ranges[at + AHEAD * count : at + AHEAD * count + 1]:
                hand.give(span)
            for lot, share in zip(lots, made.shares, strict=True):
                join(lot, share)
            if listed is not None:
                listed.write(made.listed)
            items += made.items
            if on_item is not None:
                on_item(items)
        return items


def _errand(project: Project, lots: Sequence[Lot], actor: Person) -> Errand:
    asked = tuple(Asked(_with_form(lot), lot.splitting) for lot in lots)
    files = any(
        outlet.writer is not None
        for lot in lots
        for table in lot.tables
        for outlet in table.outlets.values()
    )
    return Errand(project, actor, asked, files, lots[0].drops.listed is not None)


def _with_form(lot: Lot) -> Request:
    """The request as it was understood: the suffix of a file may have chosen its form."""
    job = lot.job
    return job.request if job.dialect.parts else replace(job.request, form=job.parts[0].form)


def _ranges(store: Store, project: Project) -> Iterator[Range]:
    """All positions, so many at once that their texts are no more than a few million characters.
    Their borders are where the pass writes anyway: the files are the same as those of one process.
    """
    end = store.items.next_position(project.project)
    some = store.items.at(project.project, range(0, end, max(1, end // 50)))
    step = max(TELL, min(LONGEST, of_text(some, CHARACTERS))) // TELL * TELL
    for low in range(0, end, step):
        yield Range(low, low + step - 1)
