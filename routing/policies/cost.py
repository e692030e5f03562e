"""An error has a price, a person's time has one: send what is worth it, say what more would buy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from routing.choice import Chosen, Floats, by_chance, lower_digits
from routing.policies.protocol import (
    POLICIES,
    UNKNOWN,
    Situation,
    check_amount,
    check_arguments,
    check_share,
    nearest,
    risks,
    with_audit,
)
from routing.types import Draws, Mask, Scores, Verdicts

SECONDS = 30.0  # of a person's time, for an item that nobody has timed
_CENT = 1e-9  # rounding of sums of prices, in dollars


@dataclass(frozen=True, slots=True)
class Purchase:
    """What some money buys: people's answers, the errors they are expected to repair, its price.

    items and errors are expectations and need not be whole. worth: those errors in dollars, to be
    held against usd.
    """

    items: float
    errors: float
    usd: float
    worth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Send an item to people while the error they are expected to repair is worth their time.

    That is while (risk - people_error) error_usd > answers x seconds x hour_usd / 3600: what the
    model has cost is spent either way and does not count; `cascade` weighs what it may still cost.

    error_usd: above 0, what one wrong label in the finished set costs, in dollars.
    hour_usd: 0 or more, what an hour of a person's time costs.
    seconds: above 0, per answer, for items that `situation.seconds` does not know.
    answers: above 0, how many people answer an item.
    people_error: 0..1, chance that what people say is wrong.
    max_usd: 0 or more, the most people may cost; None is no limit. Items that people already have,
        and items without a risk, use it up first and are sent even beyond it; then those that
        repair most per dollar, until the next level of equals cannot be paid for as a whole: that
        one is cut by the draws.
    explore: 0..1, as many further items, by chance, as this share of those that are worth it.
    audit_rate: 0..1 of the items left to the model.

    >>> policy = Cost(error_usd=1.0, hour_usd=24.0, seconds=30, audit_rate=0.0)  # 0.20 an answer
    >>> risk, draws = np.array([0.5, 0.21, 0.2, 0.0]), np.full((4, 2), 0.5)
    >>> nobody_yet = np.zeros(4, dtype=bool)
    >>> policy.route(risk, draws, nobody_yet).annotate
    array([ True,  True, False, False])
    >>> policy.buys(risk, nobody_yet, usd=0.3)
    Purchase(items=1.5, errors=0.605, usd=0.3, worth=0.605)
    """

    name: ClassVar[str] = "cost"
    reads: ClassVar[frozenset[str]] = frozenset({"risk", "seconds"})

    error_usd: float
    hour_usd: float
    seconds: float = SECONDS
    answers: float = 1.0
    people_error: float = 0.0
    max_usd: float | None = None
    explore: float = 0.0
    audit_rate: float = 0.05

    def __post_init__(self) -> None:
        for name in ("error_usd", "seconds", "answers"):
            check_amount(name, getattr(self, name), zero=False)
        check_amount("hour_usd", self.hour_usd)
        if self.max_usd is not None:
            check_amount("max_usd", self.max_usd)
        for name in ("people_error", "explore", "audit_rate"):
            check_share(name, getattr(self, name))

    def route(
        self, scores: Scores, draws: Draws, fixed: Mask, situation: Situation = UNKNOWN
    ) -> Verdicts:
        """See `Policy.route`."""
        check_arguments(scores, draws, fixed, situation)
        gain, price = self._gain(scores, situation), self._price(len(scores), situation)
        certain = fixed | np.isnan(gain)
        worth = ~certain & (gain > price)
        left = np.inf if self.max_usd is None else self.max_usd - float(price[certain].sum())
        chosen = _affordable(gain, price, worth, certain, left, draws[:, 0])
        bought = chosen[0] & ~certain
        some = nearest(self.explore, int(bought.sum())) - int((fixed & ~(gain > price)).sum())
        chosen, explored = by_chance(chosen, ~certain, some, lower_digits(draws[:, 0]))
        return with_audit(chosen, draws, self.audit_rate, explored)

    def buys(
        self, scores: Scores, fixed: Mask, situation: Situation = UNKNOWN, *, usd: float = 10.0
    ) -> Purchase:
        """What the next `usd` dollars buy at best: those of the others that repair most per dollar.

        scores, situation: as in `route`. fixed: (n,), items that are paid for already. Less than
        `usd` is spent when nothing is left. The last item counts in part.
        """
        check_amount("usd", usd)
        gain, price = self._gain(scores, situation), self._price(len(scores), situation)
        items = np.flatnonzero(~fixed & ~np.isnan(gain))
        if not self.hour_usd:
            worth = float(gain[items].sum())
            return Purchase(float(len(items)), worth / self.error_usd, 0.0, worth)
        items = items[np.argsort(-gain[items] / price[items], kind="stable")]
        before = np.concatenate([[0.0], np.cumsum(price[items])[:-1]])
        part = np.clip((usd - before) / price[items], 0.0, 1.0)
        worth = float(part @ gain[items])
        return Purchase(
            float(part.sum()), worth / self.error_usd, float(part @ price[items]), worth
        )

    def _gain(self, scores: Scores, situation: Situation) -> Floats:
        """(n,) dollars that an answer is expected to save; NaN where there is no risk."""
        gain: Floats = (risks(scores, situation) - self.people_error) * self.error_usd
        return gain

    def _price(self, n: int, situation: Situation) -> Floats:
        return time_usd(n, situation, self.seconds, self.answers, self.hour_usd)


def time_usd(
    n: int, situation: Situation, seconds: float, answers: float, hour_usd: float
) -> Floats:
    """(n,) dollars that people's time for each item costs; `seconds` where it is not known."""
    known = np.full(n, np.nan) if situation.seconds is None else situation.seconds
    price: Floats = np.where(np.isnan(known), seconds, known) * answers * hour_usd / 3600
    return price


def _affordable(
    gain: Floats, price: Floats, worth: Mask, certain: Mask, left: float, order: Floats
) -> Chosen:
    """All that are certain, and of those that are worth it what `left` dollars pay for."""
    sent, chance = certain.copy(), certain.astype(np.float64)
    items = np.flatnonzero(worth)
    if price[items].sum() <= left + _CENT or not len(items):
        sent[items], chance[items] = True, 1.0
        return sent, chance
    items = items[np.lexsort((price[items], -gain[items] / price[items]))]
    per_usd, each = gain[items] / price[items], price[items]
    new = np.flatnonzero((np.diff(per_usd) != 0) | (np.diff(each) != 0)) + 1
    starts, ends = np.append(0, new), np.append(new, len(items))  # of levels of equals
    spent = np.append(0.0, np.cumsum(each))
    first = int(np.argmax(spent[ends] > left + _CENT))  # that cannot be paid for as a whole
    start, level = starts[first], items[starts[first] : ends[first]]
    count = max(int((left - spent[start] + _CENT) / each[start]), 0)
    winners = level[np.argsort(order[level], kind="stable")[:count]]
    sent[items[:start]] = sent[winners] = True
    chance[items[:start]] = 1.0
    chance[level] = count / len(level)
    return sent, chance


POLICIES.add(Cost.name, Cost)
