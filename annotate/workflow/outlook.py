"""What is to be expected: errors left, how honest the risks are, what more labels would buy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError
from annotate.model import Destination, Person
from annotate.people import require
from annotate.project import Project
from annotate.promise.wording import at_most
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.ground import DESTINATIONS, Ground, stand
from routing.calibration import Bin, brier, calibration_error, reliability
from routing.estimate import Interval, binomial, of_population
from routing.remaining import Course, audited_errors, course
from routing.types import Mask

Floats = NDArray[np.float64]

LABELS: Final = 100
USD: Final = 10.0
FEWEST: Final = 30
"""Compared answers below which nothing is said about how honest the risks are."""
POINTS: Final = 41
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
        waiting = f", {self.drawn - self.audited:,} more are drawn" if self._waits else ""
        return (
            f"{self.audited:,} of {self.population:,} labels left to the model were checked at "
            f"random{waiting}, and {self.wrong:,} were wrong: at most {at_most(self.wrong_at_most)}"
            " of them all, 95 %"
        )

    @property
    def _waits(self) -> bool:
        return self.drawn > self.audited

    def after(self, more: float) -> float:
        """`wrong_at_most` once so many more are checked, if as many of them are wrong as so far."""
        whole = min(int(more), self.population - self.audited)
        found = self.wrong + round(whole * self.wrong / max(self.audited, 1))
        return _at_most(self.population, self.audited + whole, found)


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


def outlook(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    labels: float = LABELS,
    usd: float = USD,
    ground: Ground | None = None,
) -> Outlook:
    """What the next labels and dollars buy, and how good what is there is. Only reads.

    labels, usd: above 0. ground: the record, where somebody keeps it; read anew when None.
    Raises NotAllowed, NothingToDo before any routing, and AnnotateError for amounts of 0 or less.
    """
    require(actor, "review")
    for name, amount in (("labels", labels), ("dollars", usd)):
        if not 0 < amount < float("inf"):
            raise AnnotateError(f"{amount:g} {name}: ask for an amount above 0")
    ground = stand(store, project, question) if ground is None else ground
    prices = prices_of(store, project, question)
    return reckon(project, ground, prices, labels=labels, usd=usd)


def prices_of(store: Store, project: Project, question: QuestionSettings) -> Prices:
    """What people's time costs: the project's word, else what was measured."""
    routing, measured = project.routing, False
    seconds = routing.seconds
    if seconds is None:
        seconds = store.progress.seconds_per_answer(project.project, question.name)
        measured = seconds is not None
    return Prices(seconds, measured, routing.hour_usd)


def reckon(
    project: Project, ground: Ground, prices: Prices, *, labels: float = LABELS, usd: float = USD
) -> Outlook:
    """The outlook of what is on record; the arithmetic alone."""
    with_people = ground.goes("annotate", "audit")
    waiting = with_people & ~ground.answered
    planned = course(ground.chances, ground.answered, first=with_people)
    audit, n = _audit(ground), len(ground)
    bought = None if not prices.usd else usd / prices.usd
    return Outlook(
        items=ground.items,
        routed=n,
        answered=int(ground.answered.sum()),
        waiting=int(waiting.sum()),
        compared=int(ground.compared.sum()),
        error_now=float(planned.left[0]) / n,
        error_planned=planned.after(float(waiting.sum())) / n,
        learned=ground.learned,
        unscored=int(np.isnan(ground.scores).sum()),
        curve=_curve(ground, planned, waiting),
        audit=audit,
        calibration=_calibration(ground),
        histogram=_histogram(ground),
        by_labels=tuple(_gains(project, ground, planned, prices, labels)),
        by_usd=() if bought is None else tuple(_gains(project, ground, planned, prices, bought)),
        prices=prices,
    )


def _gains(
    project: Project, ground: Ground, planned: Course, prices: Prices, labels: float
) -> Iterator[Gain]:
    """In each order that items can be given to people."""
    open_, each = len(planned.order), project.people.per_item
    items = min(labels / each, float(open_))
    total, n = float(planned.left[0]), len(ground)
    riskiest = course(ground.chances, ground.answered)
    kept = ground.goes("auto", "strong") & ~ground.answered
    left_to_model = min(items, float(kept.sum()))
    mean_kept = float(np.nanmean(ground.chances[kept])) if kept.any() else 0.0
    for order, policies, answered, errors in (
        ("as routed now", f"{project.routing.policy}, yours", items, planned.removed(items)),
        ("riskiest first", "budget, threshold, cost", items, riskiest.removed(items)),
        ("by chance", "random", items, total * items / max(open_, 1)),
        ("checks of what the model keeps", "audit", left_to_model, mean_kept * left_to_model),
    ):
        given = answered * each
        yield Gain(
            order=order,
            policies=policies,
            labels=given,
            items=answered,
            errors=errors,
            minutes=prices.minutes_of(given),
            usd=prices.usd_of(given),
            error_after=(total - errors) / n,
        )


def _audit(ground: Ground) -> Audit:
    drawn = ground.goes("audit")
    seen = drawn & ground.compared
    population = int(ground.goes("auto", "audit").sum())
    audited, wrong = int(seen.sum()), int((seen & ground.wrong).sum())
    return Audit(population, int(drawn.sum()), audited, wrong, _at_most(population, audited, wrong))


def _at_most(population: int, audited: int, wrong: int) -> float:
    """One-sided: the upper end of an interval that errs as often on the other side."""
    if not audited:
        return 1.0
    return of_population(population, audited, wrong, level=round(2 * LEVEL - 1, 12)).high


def _curve(ground: Ground, planned: Course, waiting: Mask) -> Curve:
    n, open_ = len(ground), len(planned.order)
    now, sent = 1 - open_ / n, int(waiting.sum())
    shares = np.unique(np.append(np.linspace(now, 1.0, POINTS), (n - open_ + sent) / n))
    by_chance = float(planned.left[0]) / n * (1 - shares) / max(1 - now, 1e-12)
    low, high = np.full((2, len(shares)), np.nan)
    drawn_from = ground.goes("auto", "audit") & ~np.isnan(ground.chances)
    chances = ground.chances[drawn_from]
    drawn = (ground.goes("audit") & ground.compared)[drawn_from]
    wrong = ground.wrong[drawn_from]
    for at, share in enumerate(shares.tolist()):
        reached = round(share * n) - (n - open_)
        if reached < sent:  # what waits for people was not drawn by chance
            continue
        if reached >= open_:
            low[at] = high[at] = 0.0
            continue
        riskiest = ground.chances[planned.order[reached]]
        below = np.nextafter(1.0 if np.isnan(riskiest) else riskiest, 2.0)
        found = audited_errors(chances, drawn, wrong, below=below, level=LEVEL)
        if found is not None:
            low[at], high[at] = found.low / n, found.high / n
    return Curve(shares, planned.at(shares), by_chance, low, high, now, (n - open_ + sent) / n)


def _calibration(ground: Ground) -> Calibration | None:
    if ground.compared.sum() < FEWEST:
        return None
    chances, wrong = ground.chances[ground.compared], ground.wrong[ground.compared]
    bins = reliability(chances, wrong)
    return Calibration(
        items=len(wrong),
        said=float(chances.mean()),
        wrong=float(wrong.mean()),
        brier=brier(chances, wrong),
        error=calibration_error(chances, wrong),
        bins=tuple((one, binomial(round(one.wrong * one.items), one.items)) for one in bins),
    )


def _histogram(ground: Ground) -> dict[Destination, NDArray[np.int64]]:
    known = ~np.isnan(ground.scores)
    bar = np.minimum((ground.scores[known] * BARS).astype(np.int64), BARS - 1)
    codes = ground.destination[known]
    return {
        name: np.bincount(bar[codes == at], minlength=BARS)
        for at, name in enumerate(DESTINATIONS)
        if (codes == at).any()
    }
