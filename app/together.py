"""Many people's requests in one transaction: a disk is waited for once, not once for each."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

from annotate.store import Store

MOST_AT_ONCE = 32
"""Requests in one transaction: others who want to write wait no longer than these take."""

Reply: TypeAlias = dict[str, Any]
Work: TypeAlias = Callable[[Store], Reply]


class Together:
    """Does what is submitted in one thread, in order; what came in while the disk was busy shares
    the next transaction. A result is given only once it is on the disk."""

    def __init__(self, store: Callable[[], Store]) -> None:
        """store: the connection of the thread that asks."""
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="saving")
        self._waiting: deque[tuple[Work, Future[Reply]]] = deque()
        self._lock = threading.Lock()
        self._busy = False

    def submit(self, work: Work) -> Future[Reply]:
        """What `work` returns or raises, later. One that raises changes nothing, and disturbs no
        other."""
        future: Future[Reply] = Future()
        with self._lock:
            self._waiting.append((work, future))
            if self._busy:
                return future
            self._busy = True
        self._thread.submit(self._work_off)
        return future

    def _work_off(self) -> None:
        while batch := self._next():
            try:
                store = self._store()
                with store.transaction():
                    outcomes = [_tried(store, work) for work, _ in batch]
            except BaseException as error:  # noqa: BLE001  each waits for an answer: all get this one
                outcomes = [error] * len(batch)
            _tell([future for _, future in batch], outcomes)

    def _next(self) -> list[tuple[Work, Future[Reply]]]:
        with self._lock:
            count = min(len(self._waiting), MOST_AT_ONCE)
            self._busy = count > 0
            return [self._waiting.popleft() for _ in range(count)]


def _tried(store: Store, work: Work) -> Reply | BaseException:
    try:
        with store.attempt():
            return work(store)
    except Exception as error:  # noqa: BLE001  it is raised again where the result is waited for
        return error


def _tell(futures: Sequence[Future[Reply]], outcomes: Sequence[Reply | BaseException]) -> None:
    for future, outcome in zip(futures, outcomes, strict=True):
        if not future.set_running_or_notify_cancel():  # the browser has gone; it will ask again
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
