"""What an outlook is made of: prices, gains, an audit, a curve, calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotate.model import Destination
from annotate.promise.wording import at_most
from routing.calibration import Bin
from routing.estimate import Interval, of_population

Floats = NDArray[np.float64]

FEWEST: Final = 30
"""Compared answers below which nothing is said about how honest the risks are."""
BARS: Final = 20
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Prices:
    """What one answer takes and costs. seconds: None where nobody was timed and the project tells
    none; measured: they are the median of what people took. hour_usd: None where it is not told."""

    seconds: float | None
    measured: bool
    hour_usd: float | None

    @property
    def usd(self) -> float | None:
        """Of one answer."""
        if self.seconds is None or self.hour_usd is None:
            return None
        return self.seconds * self.hour_usd / 3600

    def minutes_of(self, labels: float) -> float | None:
        return None if self.seconds is None else labels * self.seconds / 60

    def usd_of(self, labels: float) -> float | None:
        return None if self.usd is None else labels * self.usd


@dataclass(frozen=True, slots=True)
class Gain:
    """What some more labels are expected to buy, in one order of giving items to people.

    policies: those of the project file that go in this order. items: that the labels answer, a part
    of one too. errors: repaired by them. error_after: share of all routed items still wrong.
    """

    order: str
    policies: str
    labels: float
    items: float
    errors: float
    minutes: float | None
    usd: float | None
    error_after: float


@dataclass(frozen=True, slots=True)
class Audit:
    """The items that stay with the model, of which chance gives some to people.

    population: all of these, the drawn ones too. audited: answered blind; wrong: of these, where
    people say otherwise. wrong_at_most: of the population, with 95 % confidence, one-sided and
    exact; 1 before the first answer. It holds for one look at a time; a promise holds for all.
    """

    population: int
    drawn: int
    audited: int
    wrong: int
    wrong_at_most: float

    def sentence(self) -> str:
        if not self.drawn:
            return "nothing was drawn at random, so nothing is known of what the model keeps"
        if not self.audited:
            return (
                f"{self.drawn:,} of {self.population:,} labels left to the model wait for a check "
                "by people: nothing is known of them yet"
            )
        was = "was" if self.wrong == 1 else "were"
        waiting = (
            f", {self.drawn - self.audited:,} more are drawn" if self.drawn > self.audited else ""
        )
        return (
            f"{self.audited:,} of {self.population:,} labels left to the model were checked at "
            f"random{waiting}, and {self.wrong:,} {was} wrong: at most "
            f"{at_most(self.wrong_at_most)} of them all, 95 %"
        )

    def after(self, more: float) -> float:
        """`wrong_at_most` once so many more are checked, if as many of them are wrong as so far."""
        whole = min(int(more), self.population - self.audited)
        found = self.wrong + round(whole * self.wrong / max(self.audited, 1))
        return wrong_at_most(self.population, self.audited + whole, found)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Share of all routed items that is wrong at each human share: (s,) each.

    expected: by the risks, people going on as routed and then with what is riskiest; by_chance: as
    if they took items at random from now on. low, high: by the audit, 95 %, exact at each share on
    its own; NaN where the audit says nothing. now, planned: human share of today, and once people
    have answered what is routed to them.
    """

    shares: Floats
    expected: Floats
    by_chance: Floats
    low: Floats
    high: Floats
    now: float
    planned: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The risks against people's answers: each item by the risk that was on record when people
    answered it, so that none has seen its answer. bins: each with the interval of its share."""

    items: int
    said: float
    wrong: float
    brier: float
    error: float
    bins: tuple[tuple[Bin, Interval], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """A question as it stands, n routed items of all the project's items.

    error_now: expected share of wrong labels if nobody went on; error_planned: once people have
    answered what is routed to them. learned: the risks are learned chances; else they are the
    votes' or confidences' scores, fitted to what people have answered. calibration: None below
    `FEWEST` compared answers. compared: how many there are. histogram: destination -> items by
    `BARS` equal parts of the scores 0..1; unscored: items the model gave nothing usable for.
    """

    items: int
    routed: int
    answered: int
    waiting: int
    compared: int
    error_now: float
    error_planned: float
    learned: bool
    unscored: int
    curve: Curve
    audit: Audit
    calibration: Calibration | None
    histogram: dict[Destination, NDArray[np.int64]]
    by_labels: tuple[Gain, ...]
    by_usd: tuple[Gain, ...]
    prices: Prices


def wrong_at_most(population: int, audited: int, wrong: int) -> float:
    """The most of the population that may be wrong, 0..1: 95 %, one-sided, exact; 1 unaudited."""
    if not audited:
        return 1.0
    return of_population(population, audited, wrong, level=round(2 * LEVEL - 1, 12)).high
