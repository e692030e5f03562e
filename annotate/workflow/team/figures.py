"""What is told of a person: shares with intervals, pace, labels beside the others', and warnings.

Plain functions of counts and values; nothing here reads the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from annotate.agreement.percent import wilson


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many. share, low, high: 0..1, Wilson's 95 % interval; None without trials."""

    right: int
    of: int

    @property
    def share(self) -> float | None:
        return self.right / self.of if self.of else None

    @property
    def low(self) -> float | None:
        return wilson(self.right, self.of)[0] if self.of else None

    @property
    def high(self) -> float | None:
        return wilson(self.right, self.of)[1] if self.of else None

    def words(self) -> str:
        """
        >>> Rate(371, 412).words(), Rate(0, 0).words()
        ('90 % (87-93) of 412', 'none yet')
        """
        if not self.of:
            return "none yet"
        low, high = wilson(self.right, self.of)
        return f"{percent(self.right / self.of)} ({100 * low:.0f}-{100 * high:.0f}) of {self.of:,}"


def percent(share: float) -> str:
    """
    >>> percent(0.904), percent(0.0042)
    ('90 %', '0.4 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.01 or not share else f"{100 * share:.1f} %"


def seconds(found: float) -> str:
    """
    >>> seconds(0.83), seconds(41.2), seconds(96)
    ('0.8 s', '41 s', '1 min 36 s')
    """
    if found >= 60:
        return f"{round(found) // 60} min {round(found) % 60} s"
    return f"{found:.1f} s" if found < 10 else f"{found:.0f} s"


@dataclass(frozen=True, slots=True)
class Quality:
    """How often somebody is right by the consensus, estimated: 0..1, with its 95 % interval."""

    answers: int
    accuracy: float
    low: float
    high: float

    def words(self) -> str:
        """
        >>> Quality(412, 0.9, 0.87, 0.93).words()
        '90 % (87-93) of 412'
        """
        ends = f"({100 * self.low:.0f}-{100 * self.high:.0f})"
        return f"{percent(self.accuracy)} {ends} of {self.answers:,}"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one person's newest answers. timed: seconds of each that was timed. labels: value ->
    answers. others: agreement with the rest of the team, where there is no consensus yet. gold:
    right on known answers. self_: as before, on hidden re-asks. skipped, flagged: of all they were
    given. consensus: of all their answers; None before there is one, or where nobody else answered
    what they did."""

    timed: Sequence[float]
    labels: Mapping[str, int]
    others: Rate
    gold: Rate
    self_: Rate
    skipped: Rate
    flagged: Rate
    consensus: Quality | None = None

    @property
    def pace(self) -> float | None:
        """Median seconds of an answer; None without timed answers."""
        return median(self.timed) if self.timed else None


ENOUGH_TIMED = 30
ENOUGH = 20
ENOUGH_LABELS = 50
SLOWER_TEAM = 3.0
"""A person is warned of who is so many times faster than the median of the others."""
STEADY = 0.8
"""At least this share of re-asks is expected to be answered as before."""


def warnings_of(one: Figures, others: Sequence[Figures]) -> list[str]:
    """What a lead should look at, in words; only what there is enough data for. others: the rest
    of the team."""
    found = [
        _fast(one, others),
        _below("is right on {one} known answers, the others on {rest}", one, others, "gold"),
        _wrong(one, others),
        _unsteady(one),
        _above("skips {one} items, the others {rest}", one, others),
        _one_label(one, others),
    ]  # fmt: skip
    return [each for each in found if each]


def _fast(one: Figures, others: Sequence[Figures]) -> str:
    paces = [each.pace for each in others if len(each.timed) >= ENOUGH_TIMED]
    usual = median([pace for pace in paces if pace is not None]) if paces else None
    pace = one.pace
    if usual is None or pace is None or len(one.timed) < ENOUGH_TIMED or pace * SLOWER_TEAM > usual:
        return ""
    return f"answers in {seconds(pace)} at the median, the team needs {seconds(usual)}"


def _wrong(one: Figures, others: Sequence[Figures]) -> str:
    """By the consensus where there is one, else by what the others say of the same items."""
    if one.consensus is None:
        words = "says what the others say in {one} answers, they among each other in {rest}"
        return _below(words, one, others, "others")
    known = [each.consensus for each in others if each.consensus is not None]
    total = sum(quality.answers for quality in known)
    if one.consensus.answers < ENOUGH or total < ENOUGH:
        return ""
    usual = sum(quality.accuracy * quality.answers for quality in known) / total
    if one.consensus.high >= usual:
        return ""
    return f"is right by the consensus in {one.consensus.words()}, the others in {percent(usual)}"


def _pooled(rates: Iterable[Rate]) -> Rate:
    found = list(rates)
    return Rate(sum(rate.right for rate in found), sum(rate.of for rate in found))


def _below(words: str, one: Figures, others: Sequence[Figures], name: str) -> str:
    """Told where the two intervals are apart, this person's being the lower."""
    own: Rate = getattr(one, name)
    rest = _pooled(getattr(each, name) for each in others)
    if own.of < ENOUGH or rest.of < ENOUGH or own.high is None or rest.low is None:
        return ""
    return words.format(one=own.words(), rest=rest.words()) if own.high < rest.low else ""


def _above(words: str, one: Figures, others: Sequence[Figures]) -> str:
    own, rest = one.skipped, _pooled(each.skipped for each in others)
    if own.of < ENOUGH_LABELS or rest.of < ENOUGH_LABELS or own.low is None or rest.high is None:
        return ""
    much = own.low > max(2 * rest.high, 0.05)
    return words.format(one=own.words(), rest=rest.words()) if much else ""


def _unsteady(one: Figures) -> str:
    if one.self_.of < ENOUGH or one.self_.high is None or one.self_.high >= STEADY:
        return ""
    return f"answers as before in {one.self_.words()} hidden re-asks"


def _one_label(one: Figures, others: Sequence[Figures]) -> str:
    """One label in nearly all answers, which the others say much less often."""
    total = sum(one.labels.values())
    rest: Counter[str] = Counter()
    for each in others:
        rest.update(each.labels)
    if total < ENOUGH_LABELS or rest.total() < ENOUGH_LABELS:
        return ""
    label, count = max(one.labels.items(), key=lambda pair: pair[1])
    own, usual = count / total, rest[label] / rest.total()
    if own < 0.95 or usual > 0.8:
        return ""
    return f"says {label} in {percent(own)} of their answers, the others in {percent(usual)}"
