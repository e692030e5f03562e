"""Failed sign-ins make the next ones wait: longer each time, by name and by address."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from annotate.clock import iso
from annotate.errors import TooManyAttempts
from annotate.store import Store
from annotate.store.persons.attempts import Attempts

FREE_BY_NAME, FREE_BY_ADDRESS = 5, 20
"""Failures before anybody waits. Many people may share an address."""

LONGEST_S = 900.0
FORGOTTEN_AFTER = timedelta(days=1)


def wait_s(failures: int, free: int) -> float:
    """Seconds until the next attempt after so many failures.

    >>> [wait_s(failures, 5) for failures in (4, 5, 6, 7, 30)]
    [0.0, 1.0, 2.0, 4.0, 900.0]
    """
    return 0.0 if failures < free else min(2.0 ** min(failures - free, 60), LONGEST_S)


def count_attempt(store: Store, free: Mapping[str, int], *, now: datetime) -> None:
    """Count an attempt as failed before it is looked at: many at once are counted too.

    free: for each digest of a name or an address, its failures before anybody waits. Raises
    TooManyAttempts; such an attempt is neither looked at nor counted.
    """
    with store.transaction():
        store.attempts.forget(before=iso(now - FORGOTTEN_AFTER))
        known = store.attempts.several(list(free))
        _refuse_early([one.next_at for one in known.values()], now)
        for key, allowed in free.items():
            failures = 1 + (known[key].failures if key in known else 0)
            next_at = now + timedelta(seconds=wait_s(failures, allowed))
            store.attempts.put(Attempts(key, failures, iso(now), iso(next_at)))


def _refuse_early(next_at: list[str], now: datetime) -> None:
    latest = max(next_at, default="")
    if latest <= iso(now):
        return
    left = (datetime.fromisoformat(latest) - now).total_seconds()
    raise TooManyAttempts(
        f"too many failed attempts: wait {math.ceil(left)} s and try again", retry_after_s=left
    )


def succeeded(store: Store, name: str, address: str) -> None:
    """The attempt that was counted was right: the name starts anew, the address loses that one."""
    with store.transaction():
        store.attempts.clear(name)
        for one in store.attempts.several([address]).values():
            store.attempts.put(Attempts(one.id, one.failures - 1, one.last_at, one.last_at))
