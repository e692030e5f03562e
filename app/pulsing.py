"""Long work of a job in a thread of its own, with a sign of life every second."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
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

    with ThreadPoolExecutor(max_workers=1) as pool:
        task = pool.submit(run)
        while True:
            ended = not wait([task], timeout=PULSE_S).not_done
            goes_on = beat(*at) and goes_on
            if ended:
                return task.result()
