"""What takes long to compute, kept in memory as long as it is true, or nearly."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from annotate.errors import AnnotateError

T = TypeVar("T")

PATIENCE = timedelta(seconds=60)
"""How old figures of very many answers may be."""


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """at: when it was made; current: nothing has changed since."""

    value: T
    at: datetime
    current: bool


class Shelf(Generic[T]):
    """The results made last in this process; a thread that makes one keeps no other waiting.

    most: how many are kept.
    """

    def __init__(self, most: int = 16) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[str, ...], tuple[str, datetime, T]] = OrderedDict()
        self._making: dict[tuple[str, ...], threading.Thread] = {}
        self._failed: dict[tuple[str, ...], AnnotateError] = {}

    def get(
        self,
        key: tuple[str, ...],
        state: str,
        make: Callable[[], T],
        *,
        now: datetime,
        patient: bool = False,
        lasting: bool = False,
    ) -> Kept[T]:
        """What was made of this state, or is made now. patient: one of another state will do that
        is not older than `PATIENCE`; lasting: one of whatever age."""
        with self._lock:
            known = self._found.get(key)
        if known is not None:
            same = known[0] == state
            if same or lasting or (patient and now - known[1] < PATIENCE):
                return Kept(known[2], known[1], same)
        made = make()
        self._put(key, state, now, made)
        return Kept(made, now, True)

    def at_once(
        self, key: tuple[str, ...], state: str, make: Callable[[], T], *, now: datetime
    ) -> Kept[T] | None:
        """What was made last, of whatever state; None before that. Another thread makes it of this
        state where what there is is older than `PATIENCE`. Raises what that ended in."""
        with self._lock:
            known, failed = self._found.get(key), self._failed.pop(key, None)
        if failed is not None:
            raise failed
        same = known is not None and known[0] == state
        if not same and (known is None or now - known[1] >= PATIENCE):
            self._begin(key, state, make, now)
        return None if known is None else Kept(known[2], known[1], same)

    def wait(self) -> None:
        """Until nothing is being made."""
        for thread in list(self._making.values()):
            thread.join()

    def _begin(
        self, key: tuple[str, ...], state: str, make: Callable[[], T], now: datetime
    ) -> None:
        def run() -> None:
            try:
                self._put(key, state, now, make())
            except AnnotateError as error:
                with self._lock:
                    self._failed[key] = error
            finally:
                with self._lock:
                    self._making.pop(key, None)

        with self._lock:
            if key not in self._making:
                self._making[key] = threading.Thread(target=run, daemon=True)
                self._making[key].start()

    def _put(self, key: tuple[str, ...], state: str, now: datetime, made: T) -> None:
        with self._lock:
            self._found[key] = state, now, made
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)
