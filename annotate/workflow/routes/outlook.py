"""What is to be expected: errors left, how honest the risks are, what more labels would buy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError
from annotate.model import Destination, Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.routes.ground import DESTINATIONS, Ground, stand
from annotate.workflow.routes.outlook_parts import (
    BARS,
    FEWEST,
    LEVEL,
    Audit,
    Calibration,
    Curve,
    Gain,
    Outlook,
    Prices,
    wrong_at_most,
)
from routing.calibration import brier, calibration_error, reliability
from routing.estimate import binomial
from routing.remaining import Course, audited_errors, course
from routing.types import Mask

LABELS: Final = 100
USD: Final = 10.0
POINTS: Final = 41


def outlook(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    labels: float = LABELS,
    usd: float = USD,
    ground: Ground | None = None,
    prices: Prices | None = None,
) -> Outlook:
    """What the next labels and dollars buy, and how good what is there is. Only reads.

    labels, usd: above 0. ground, prices: where somebody keeps them; read anew when None.
    Raises NotAllowed, NothingToDo before any routing, and AnnotateError for amounts of 0 or less.
    """
    require(actor, "review")
    for name, amount in (("labels", labels), ("dollars", usd)):
        if not 0 < amount < float("inf"):
            raise AnnotateError(f"{amount:g} {name}: ask for an amount above 0")
    ground = stand(store, project, question) if ground is None else ground
    prices = prices_of(store, project, question) if prices is None else prices
    return reckon(project, ground, prices, labels=labels, usd=usd)


def prices_of(store: Store, project: Project, question: QuestionSettings) -> Prices:
    """What people's time costs: the project's word, else what was measured."""
    if project.routing.seconds is not None:
        return priced(project, None)
    return priced(project, store.progress.seconds_per_answer(project.project, question.name))


def priced(project: Project, measured: float | None) -> Prices:
    """As `prices_of`. measured: seconds of an answer, None where nobody was timed."""
    told = project.routing.seconds
    if told is not None:
        return Prices(told, False, project.routing.hour_usd)
    return Prices(measured, measured is not None, project.routing.hour_usd)


def reckon(
    project: Project, ground: Ground, prices: Prices, *, labels: float = LABELS, usd: float = USD
) -> Outlook:
    """The outlook of what is on record; the arithmetic alone."""
    with_people = ground.goes("annotate", "audit")
    waiting = with_people & ~ground.answered
    planned = course(ground.chances, ground.answered, first=with_people)
    audit, n = _audit(ground), len(ground)
    by_labels, by_usd = _bought(project, ground, planned, prices, labels, usd)
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
        by_labels=by_labels,
        by_usd=by_usd,
        prices=prices,
    )


def of_other_amounts(
    project: Project, ground: Ground, found: Outlook, *, labels: float, usd: float
) -> Outlook:
    """What `reckon` would give for these amounts, found being of others: a third of the work."""
    first = ground.goes("annotate", "audit")
    planned = course(ground.chances, ground.answered, first=first)
    by_labels, by_usd = _bought(project, ground, planned, found.prices, labels, usd)
    return replace(found, by_labels=by_labels, by_usd=by_usd)


Gains = tuple[Gain, ...]


def _bought(
    project: Project, ground: Ground, planned: Course, prices: Prices, labels: float, usd: float
) -> tuple[Gains, Gains]:
    """By so many labels, and by so many dollars: () where these buy nobody knows what."""
    riskiest = course(ground.chances, ground.answered)
    bought = None if not prices.usd else usd / prices.usd
    by_labels, by_usd = (
        () if n is None else tuple(_gains(project, ground, planned, riskiest, prices, n))
        for n in (labels, bought)
    )
    return by_labels, by_usd


def _gains(
    project: Project,
    ground: Ground,
    planned: Course,
    riskiest: Course,
    prices: Prices,
    labels: float,
) -> Iterator[Gain]:
    """In each order that items can be given to people."""
    open_, each = len(planned.order), project.people.per_item
    items = min(labels / each, float(open_))
    total, n = float(planned.left[0]), len(ground)
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
    return Audit(
        population, int(drawn.sum()), audited, wrong, wrong_at_most(population, audited, wrong)
    )


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
    for at, share in enumerate(shares.tolist() if drawn.any() else ()):
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
