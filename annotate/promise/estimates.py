"""What the finished audit says beside the promise: accuracy, each label's own promise, shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotate.model import Promise, PromiseItem, Value
from annotate.promise.audit import Outcome
from routing.certificate import certify_each
from routing.estimate import Interval, binomial, class_shares, of_population
from routing.types import NO_VOTE

FEWEST_FOR_SHARES = 30
"""The interval of class shares leans on the normal distribution: not with fewer answers."""


@dataclass(frozen=True, slots=True)
class LabelPromise:
    """Of the frozen items with this label, at most the tolerance is wrong, given a cut of its own.

    certified: whether the audit was large enough to say so. more: how many of its items must go to
    people beyond what the cut of the whole set sends there; 0: the promise comes for free.
    """

    label: Value
    items: int
    audited: int
    errors: int
    certified: bool
    more: int


@dataclass(frozen=True, slots=True)
class HumanError:
    """Of `doubles` items that two people answered, they differ on `differing`."""

    doubles: int
    differing: int
    rate: Interval


def machine_accuracy(promise: Promise, errors: int) -> Interval:
    """Share of the frozen labels that were right: exact, from the audit alone."""
    wrong = of_population(
        promise.population, promise.audited, errors, level=round(1 - promise.alpha, 12)
    )
    return Interval(1 - wrong.high, 1 - wrong.estimate, 1 - wrong.low)


def expected_error(promise: Promise, audit: Sequence[Outcome], wrong: set[str], cut: int) -> float:
    """Share of all labels that are likely wrong: what was found before the cut, scaled up.

    A single guess for orientation; what is promised is the tolerance.
    """
    passed = sum(o.item.item_id in wrong and (o.item.place or 0) < cut for o in audit)
    unseen = (promise.population - promise.audited) / max(promise.audited, 1)
    return passed * unseen / promise.size


def label_promises(
    promise: Promise,
    frozen: Sequence[PromiseItem],
    audit: Sequence[Outcome],
    wrong: set[str],
    cut: int,
) -> list[LabelPromise]:
    """For each label, the most frequent first. frozen: the items by their place."""
    counts = Counter(item.label for item in frozen)
    names = [label for label, _ in counts.most_common()]
    at = {label: index for index, label in enumerate(names)}
    codes = np.array([at[item.label] for item in frozen], dtype=np.int64)
    drawn, found = (np.zeros(len(frozen), dtype=bool) for _ in range(2))
    for one in audit:
        drawn[one.item.place] = True
        found[one.item.place] = one.item.item_id in wrong
    each = certify_each(
        np.arange(len(frozen)),
        codes,
        drawn,
        found,
        tolerance=promise.tolerance,
        alpha=promise.alpha,
    )
    result = []
    for index, label in enumerate(names):
        own = each[index]
        machine = (codes[:cut] == index) & ~drawn[:cut]
        allowed = int(own.machine.sum())
        more = max(int(machine.sum()) - allowed, 0)
        certified = own.critical is not None
        result.append(LabelPromise(label, counts[label], own.audited, own.errors, certified, more))
    return result


def shares(
    frozen: Sequence[PromiseItem], audit: Sequence[Outcome], classes: Sequence[Value], alpha: float
) -> Mapping[Value, Interval]:
    """Share of each class over the frozen items, from the model's labels and the audit.

    Items on which people are tied or that nobody answered are left out. Empty when the audit has
    fewer than FEWEST_FOR_SHARES answers.
    """
    at = {value: index for index, value in enumerate(classes)}
    predicted = np.zeros((len(frozen), len(classes)))
    predicted[np.arange(len(frozen)), [at[item.label] for item in frozen]] = 1.0
    human = np.full(len(frozen), NO_VOTE, dtype=np.int64)
    for one in audit:
        if one.value is not None and one.item.place is not None:
            human[one.item.place] = at[one.value]
    if (human != NO_VOTE).sum() < FEWEST_FOR_SHARES:
        return {}
    found = class_shares(predicted, human, level=round(1 - alpha, 12))
    return dict(zip(classes, found, strict=True))


def human_error(doubles: int, differing: int, alpha: float) -> HumanError | None:
    """How often two people differ; None when no item was answered twice."""
    if not doubles:
        return None
    return HumanError(doubles, differing, binomial(differing, doubles, level=round(1 - alpha, 12)))
