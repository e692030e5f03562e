"""What takes long to compute, kept in memory as long as it is true, or nearly."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

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

    def get(
        self,
        key: tuple[str, ...],
        state: str,
        make: Callable[[], T],
        *,
        now: datetime,
        patient: bool = False,
    ) -> Kept[T]:
        """What was made of this state, or is made now. patient: one of another state will do that
        is not older than `PATIENCE`."""
        with self._lock:
            known = self._found.get(key)
        if known is not None:
            same = known[0] == state
            if same or (patient and now - known[1] < PATIENCE):
                return Kept(known[2], known[1], same)
        made = make()
        with self._lock:
            self._found[key] = state, now, made
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return Kept(made, now, True)
