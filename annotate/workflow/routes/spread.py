"""Where answers are no classes: which one is kept, and how far others may be expected from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.consensus import middle
from annotate.project import Project
from annotate.questions.conditions import said_of
from annotate.questions.wording import in_words
from annotate.workflow.prelabels.pool import Pool
from annotate.workflow.prelabels.tolerance import tolerance_of
from annotate.workflow.prelabels.votes import Votes
from routing import distances, uncertainty
from routing.risk import RATE
from routing.types import NO_VOTE, Labels, Mask, Scores

Floats = NDArray[np.float64]

MOST_PARTS = 20
"""Kinds of parts (labels, numbers) above which they are no signals of their own."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Of n items. Numbers are those of `pool`.

    kept: (n,), the answer nearest to all others, or one made of them that is nearer still; -1
    without an answer. risk: (n,), expected distance of a further answer, NaN with fewer than two.
    beyond: (n,), share of the other answers further than `tolerance` from the one kept. made: (n,),
    where none of the answers is kept. stated: (n,), 1 - mean stated confidence, NaN where none was.
    """

    pool: Pool
    machine: Votes
    tolerance: float
    kept: Labels
    risk: Scores
    beyond: Scores
    made: Mask
    stated: Scores

    def doubt(self) -> Scores:
        """(n,) the expected distance; where there is none, the lack of stated confidence; NaN
        where there is neither."""
        return np.where(np.isnan(self.risk), self.stated, self.risk)

    def wrong(self, labels: Labels, human: Labels) -> Mask:
        """(n,) where both are known and lie further apart than is tolerated."""
        pairs = zip(labels.tolist(), human.tolist(), strict=True)
        return np.array([NO_VOTE not in pair and self.apart(*pair) for pair in pairs], dtype=bool)

    def apart(self, one: int, other: int) -> bool:
        """Whether two values lie further apart than is tolerated."""
        return self.pool.distance(one, other) > self.tolerance

    def nearest(self, votes: NDArray[np.signedinteger[Any]]) -> Labels:
        """(n,) of each row of `votes`, numbers or -1, the one nearest to the others."""
        rows = [[None if n == NO_VOTE else n for n in row] for row in votes.tolist()]
        apart = distances.pairwise(rows, self.pool.distance)
        answer = distances.risk_from_distances(apart).answer
        own = votes[np.arange(len(votes)), np.maximum(answer, 0)]
        return np.where(answer == NO_VOTE, NO_VOTE, own).astype(np.int64)

    def rate(self) -> float:
        """Share of changes to believe before anybody has answered: what the answers say of each
        other, and where there is one each, what is usual."""
        known = self.beyond[~np.isnan(self.beyond)]
        return float(np.clip((known.sum() + 2 * RATE) / (len(known) + 2), 0.01, 0.95))

    def signals(self) -> dict[str, Floats]:
        """What may tell that people would say otherwise: (n,) each, higher is less sure."""
        voted, called = (self.machine.votes != NO_VOTE).sum(axis=1), self.machine.called.sum(axis=1)
        found = {
            "entropy": self.risk,
            "confidence": self.stated,
            "unparsed": 1 - voted / np.maximum(called, 1),
        }
        return found | self._parts()

    def _parts(self) -> dict[str, Floats]:
        """1 where the kept answer has a part of that kind: a label, a number, a response."""
        parts = [set(self._says(kept)) for kept in self.kept.tolist()]
        kinds = Counter(part for own in parts for part in own)
        if not 1 < len(kinds) <= MOST_PARTS:
            return {}
        return {
            f"says {part}": np.array([float(part in own) for own in parts])
            for part in sorted(kinds, key=str)
        }

    def _says(self, kept: int) -> Iterable[object]:
        value = None if kept == NO_VOTE else self.pool.values[kept]
        if value is None or self.pool.question.type in ("text", "ranking"):
            return ()
        return said_of(value)

    def sentences(self) -> list[str]:
        """What the model said of each item, and how far a further answer may be expected."""
        return [self._sentence(row) for row in range(len(self.kept))]

    def _sentence(self, row: int) -> str:
        said = [number for number in self.machine.votes[row].tolist() if number != NO_VOTE]
        lost = self.machine.unusable.get(row, Counter())
        told = _told(self.pool, said, usable=bool(lost))
        if lost:
            ended = ", ".join(f"{count} {name}" for name, count in lost.most_common())
            told += f"; {lost.total()} unusable ({ended})"
        if self.made[row]:
            told += f"; kept is {self._clipped(int(self.kept[row]))}, nearer to all of them"
        if not np.isnan(self.risk[row]):
            return f"{told}; expected distance {self.risk[row]:.2f}"
        if len(said) == 1 and np.isnan(self.stated[row]):
            return f"{told}, with no other to hold against it and no confidence stated"
        return told

    def _clipped(self, number: int) -> str:
        return _clipped(in_words(self.pool.question, self.pool.values[number]))


def spread(machine: Votes, pool: Pool, project: Project) -> Spread:
    """What the machine's answers, numbers of `pool`, come to. May add values to the pool."""
    rows = [[None if n == NO_VOTE else n for n in row] for row in machine.votes.tolist()]
    apart = distances.pairwise(rows, pool.distance)
    central = distances.risk_from_distances(apart)
    made = _made(rows, pool)
    to_made = [
        [np.nan if n is None or own is None else pool.distance(own, n) for n in row]
        for own, row in zip(made, rows, strict=True)
    ]
    shape = machine.votes.shape
    from_made = np.array(to_made, dtype=np.float64).reshape(shape)
    risk, better = distances.or_made(central, apart, from_made)
    tolerance = tolerance_of(project, pool.question)
    columns = np.maximum(central.answer, 0)
    own = machine.votes[np.arange(len(rows)), columns] if shape[1] else central.answer
    kept = np.where(central.answer == NO_VOTE, NO_VOTE, own).astype(np.int64)
    kept = np.where(better, [NO_VOTE if n is None else n for n in made], kept)
    beyond = distances.chance_beyond(apart, central.answer, tolerance)
    beyond[better] = np.mean(from_made[better] > tolerance, axis=1, where=from_made[better] >= 0)
    stated = uncertainty.confidence(machine.confidences, votes=machine.votes)
    return Spread(pool, machine, tolerance, kept, risk, beyond, better, stated)


def _made(rows: Sequence[Sequence[int | None]], pool: Pool) -> list[int | None]:
    """An answer made of each item's answers, where there is one that none of them is."""
    known: dict[tuple[int, ...], int | None] = {}
    found = []
    for row in rows:
        said = tuple(sorted(number for number in row if number is not None))
        if said not in known:
            value = None
            if len(set(said)) > 1:
                value = middle(pool.question, [pool.values[number] for number in said])
            known[said] = None if value is None else pool.number(value)
        found.append(known[said])
    return found


def _told(pool: Pool, said: Sequence[int], *, usable: bool) -> str:
    """How the answers split, in a few words."""
    counts = Counter(said).most_common()
    kind = "usable answer" if usable else "answer"
    if not counts:
        return "no usable answer from the model"
    shown = [(_clipped(in_words(pool.question, pool.values[n])), count) for n, count in counts]
    if len(said) == 1:
        return f"the only {kind} is {shown[0][0]}"
    if len(counts) == 1:
        return f"all {len(said)} {kind}s are {shown[0][0]}"
    if counts[0][1] == 1:
        return f"{len(said)} {kind}s, no two alike"
    (name, count), *others = shown
    more = [f"{times} {other}" for other, times in others]
    more = more if len(more) <= MOST_TOLD else [*more[:MOST_TOLD], "others"]
    return f"{len(said)} {kind}s: {', '.join([f'{count} chose {name}', *more])}"


MOST_TOLD = 3
LONGEST_TOLD = 40


def _clipped(text: str) -> str:
    text = " ".join(text.split())
    return f"{{{text if len(text) <= LONGEST_TOLD else text[:LONGEST_TOLD] + '…'}}}"
