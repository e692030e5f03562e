"""A rate limit that is told in the headers of every answer, and kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field


def span(seconds: float) -> str:
    """As OpenAI writes it: 120ms, 7.66s, 6m0s."""
    if seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    minutes, rest = divmod(math.ceil(seconds * 1000) / 1000, 60)
    return f"{minutes:.0f}m{rest:g}s" if minutes else f"{rest:g}s"


@dataclass
class Quota:
    """`full` units every `seconds`: all at once when a window ends, or, as a bucket, bit by bit.

    kind: requests or tokens. cost: units of one call. said: how a reset is written.
    """

    full: int
    seconds: float
    kind: str = "requests"
    cost: int = 1
    bucket: bool = False
    said: Callable[[float], str] = span
    prefix: str = "x-ratelimit"
    _left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._left, self._at = self.full, time.monotonic()

    def take(self) -> bool:
        """Whether a call that comes now is allowed; then it is counted."""
        self._refill()
        if self._left < self.cost:
            return False
        self._left -= self.cost
        return True

    def headers(self) -> dict[str, str]:
        self._refill()
        named = f"{self.prefix}-{{}}-{self.kind}"
        return {
            named.format("limit"): str(self.full),
            named.format("remaining"): str(int(self._left)),
            named.format("reset"): self.said(self._reset_s()),
        }

    def _reset_s(self) -> float:
        if self.bucket:
            return (self.full - self._left) * self.seconds / self.full
        return self._at + self.seconds - time.monotonic()

    def _refill(self) -> None:
        passed = time.monotonic() - self._at
        if self.bucket:
            self._left = min(self.full, self._left + passed * self.full / self.seconds)
            self._at += passed
        elif passed >= self.seconds:
            self._left, self._at = self.full, self._at + passed // self.seconds * self.seconds
