"""Is a voter worth hearing? Its answers against known ones, and against guessing."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from routing.estimate import Interval, binomial
from routing.types import Labels

Verdict = Literal["better", "worse", "one answer", "too few"]
"""Better or worse than guessing; one answer whatever the item; too few known answers to say."""

ONE_ANSWER_SHARE: Final = 0.95
MOST: Final = 10_000
"""Known answers beyond which nobody is asked to go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What n known answers say of a voter. Shares are 0..1; None where there is nothing to share.

    right: share it has right, with its 95 % interval. die: share a fair die has right, 1 / k.
    dealt: share its own answers would have right, dealt out over the items blindly. commonest:
    share that always naming `commonest_label` has right. favourite: the label it gives most, on a
    `favourite_share` of the items. more: about how many more known answers would settle it, going
    on as so far; None where that is settled or not to be foreseen.
    """

    n: int
    right: Interval | None
    die: float
    dealt: float | None
    commonest: float | None
    commonest_label: int | None
    favourite: int | None
    favourite_share: float | None
    verdict: Verdict
    more: int | None

    @property
    def chance(self) -> float:
        """What guessing has right: a guesser reads no item, and either rolls a fair die or has
        the voter's own habits, whichever does better."""
        return max(self.die, self.dealt or 0.0)


def check(said: Labels, truth: Labels, k: int) -> Check:
    """A voter's answers against the known ones. said, truth: (n,), 0..k-1; n may be 0.

    It is worse than guessing when the whole interval of what it has right lies below `chance`,
    and better when the whole interval lies above. Always naming the commonest label is no such
    guess: whoever does it knows how often each label is right, which nobody told the voter, and
    where labels are uneven a good voter can lie below it.

    It gives one answer whatever the item when that answer is 95 % of its answers although the
    known ones differ, and it gives it on most items whose known answer is another (the interval
    lies above one half, which takes at least 6 such items). So a voter is not blamed for labels
    that are uneven.

    ValueError when k < 2, shapes differ, or a label is outside 0..k-1.

    >>> always = check(np.zeros(40, int), np.arange(40) % 2, k=2)
    >>> always.verdict, always.right
    ('one answer', Interval(low=0.338, estimate=0.5, high=0.662))
    """
    _check(said, truth, k)
    n = len(said)
    if not n:
        least = _more(0, 0, 1 / k)
        return Check(
            n=0, right=None, die=1 / k, dealt=None, commonest=None, commonest_label=None,
            favourite=None, favourite_share=None, verdict="too few", more=least,
        )  # fmt: skip
    given, known = np.bincount(said, minlength=k) / n, np.bincount(truth, minlength=k) / n
    hits, favourite = int((said == truth).sum()), int(given.argmax())
    right, dealt = _rounded(hits, n), float(given @ known)
    verdict, more = _judge(said, truth, favourite, max(1 / k, dealt))
    return Check(
        n=n,
        right=right,
        die=1 / k,
        dealt=dealt,
        commonest=float(known.max()),
        commonest_label=int(known.argmax()),
        favourite=favourite,
        favourite_share=float(given[favourite]),
        verdict=verdict,
        more=more,
    )


def _judge(
    said: Labels, truth: Labels, favourite: int, chance: float
) -> tuple[Verdict, int | None]:
    n, hits = len(said), int((said == truth).sum())
    right = binomial(hits, n)
    elsewhere = truth != favourite
    others = int(elsewhere.sum())
    one_answer = (said == favourite).mean() >= ONE_ANSWER_SHARE
    if one_answer and others and (truth != truth[0]).any():
        missed = binomial(int((said[elsewhere] == favourite).sum()), others)
        if missed.low > 0.5:
            return "one answer", None
    if right.high < chance:
        return "worse", None
    if right.low > chance:
        return "better", None
    if one_answer:
        return "too few", _until_others(n, others)
    return "too few", _more(hits, n, chance)


def _until_others(n: int, others: int) -> int | None:
    """How many more until there are 6 known answers beside the favourite."""
    return math.ceil(6 * n / others) - n if 0 < others < 6 else None


def _more(hits: int, n: int, chance: float) -> int | None:
    """How many more until the interval leaves `chance`, if the share right stays (1 before any)."""
    share = hits / n if n else 1.0

    def settled(total: int) -> bool:
        around = binomial(round(share * total), total)
        return not around.low <= chance <= around.high

    totals = range(n + 1, MOST + 1)
    at = bisect.bisect_left(totals, True, key=settled)
    return at + 1 if at < len(totals) else None


def _rounded(found: int, n: int) -> Interval:
    exact = binomial(found, n)
    return Interval(*(round(share, 4) for share in (exact.low, exact.estimate, exact.high)))


def _check(said: Labels, truth: Labels, k: int) -> None:
    if k < 2:
        raise ValueError(f"k is {k}, but there must be at least 2 labels")
    if said.shape != truth.shape or said.ndim != 1:
        raise ValueError(f"said {said.shape} and truth {truth.shape} must share one shape (n,)")
    for name, labels in (("said", said), ("truth", truth)):
        if len(labels) and not (labels.min() >= 0 and labels.max() < k):
            raise ValueError(f"{name} has labels outside 0..{k - 1}")
