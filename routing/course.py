"""What a replay found: error and money at each human share, over seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What came of one strategy, a row for each seed.

    shares: (s,), human shares. error, usd: (seeds, s), error of the whole set and money spent at
    each; NaN beyond where the course ended. end_share, end_error: (seeds,), where that was.
    """

    items: int
    shares: Floats
    error: Floats
    usd: Floats
    end_share: Floats
    end_error: Floats

    @property
    def area(self) -> Floats:
        """(seeds,) area under error against human share, lower is better; NaN if it ended early."""
        return np.asarray(np.trapezoid(self.error, self.shares, axis=1), dtype=np.float64)

    def band(self, *, level: float = 0.9) -> tuple[Floats, Floats, Floats]:
        """Low, mean and high error at each share: (s,) each; `level` of the seeds lie between.

        NaN at shares that not every seed has come to.
        """
        low, high = np.quantile(self.error, [(1 - level) / 2, (1 + level) / 2], axis=0)
        return low, self.error.mean(axis=0), high

    def repaired(self, share: float, *, labels: int = 100) -> tuple[float, float, float]:
        """Errors fewer after `labels` more people's answers from a share on: 5 %, mean, 95 %."""
        before = np.array([np.interp(share, self.shares, row) for row in self.error])
        later = min(share + labels / self.items, 1.0)
        after = np.array([np.interp(later, self.shares, row) for row in self.error])
        fewer = (before - after) * self.items
        low, high = np.quantile(fewer, [0.05, 0.95])
        return float(low), float(fewer.mean()), float(high)
