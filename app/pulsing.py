"""Long work of a job in a thread of its own, with a sign of life every second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Protocol, TypeVar

from annotate.store import Store
from annotate.workflow.prelabels.run import PULSE_S
from annotate.workflow.projects.jobs import Beat
from app.workplace import Workplace

T = TypeVar("T")


class Going(Protocol):
    """Told how far the work is, of how much, and US dollars so far; False asks it to stop."""

    def __call__(self, done: int, total: int, cost_usd: float = 0.0, /) -> bool: ...


def with_pulse(services: Workplace, work: Callable[[Store, Going], T], beat: Beat) -> T:
    """The result of work in a thread with a database connection of its own.

    A sign of life goes out every second, also while the work cannot tell how far it is.
    """
    at, goes_on = (0, 0, 0.0), True

    def going(done: int, total: int, cost_usd: float = 0.0) -> bool:
        nonlocal at
        at = done, total, cost_usd
        return goes_on

    def run() -> T:
        with services.workspace.open() as own:
            return work(own, going)

    def pulse() -> None:
        nonlocal goes_on
        goes_on = beat(*at) and goes_on

    with _begun(run, pulse) as result:
        pulse()
        return result()


def alive(work: Callable[[], T], beat: Beat) -> T:
    """The result of work that reports nothing itself, with a sign of life every second."""
    with _begun(work, lambda: beat(0, 0, 0.0)) as result:
        return result()


@contextmanager
def _begun(work: Callable[[], T], pulse: Callable[[], object]) -> Iterator[Callable[[], T]]:
    """What work came to or raises, once it has ended in a thread of its own; a pulse each second
    until then."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        task = pool.submit(work)
        while wait([task], timeout=PULSE_S).not_done:
            pulse()
        yield task.result
