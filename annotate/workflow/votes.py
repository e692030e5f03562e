"""The machine's answers as arrays, and one plain sentence about each item's."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from annotate.llm.variants import belongs
from annotate.model import VOTING, Value
from annotate.store.prelabels import Said
from routing import uncertainty
from routing.types import NO_VOTE, Scores

NO_LABEL = "no label of the question"
"""Beside the outcomes: an answer that was usable before the project file lost its label."""

ALL_EXCLUDED = "`llm.exclude` names every variant that answered"


@dataclass(frozen=True, slots=True)
class Votes:
    """What the machine said of n items, m calls at most.

    votes: (n, m), index into the classes or -1. confidences: (n, m), NaN where none was stated.
    unusable: row -> how its calls without a vote ended; rows where all voted are left out.
    """

    item_ids: list[str]
    votes: NDArray[np.int16]
    confidences: NDArray[np.float64]
    unusable: Mapping[int, Counter[str]]


def collect_votes(
    said: Iterable[Said], classes: Sequence[Value], exclude: Collection[str] = ()
) -> Votes:
    """said: by item, then call. A call that failed and was made again counts once.

    exclude: names of variants (`belongs`) that count for nothing. An item that only they have
    answered stays, without a vote.
    """
    index = {value: at for at, value in enumerate(classes)}
    counts = cache(lambda variant: not belongs(variant, exclude))
    item_ids: list[str] = []
    rows: list[list[int]] = []
    stated: list[list[float]] = []
    unusable: dict[int, Counter[str]] = defaultdict(Counter)
    for item_id, calls in groupby(said, key=itemgetter(0)):
        votes: list[int] = []
        confidences: list[float] = []
        heard = list(calls)
        if exclude:
            heard = [one for one in heard if counts(one.variant)]
        for one in _last_of_each_call(heard):
            vote = index.get(one.value, NO_VOTE) if one.outcome in VOTING else NO_VOTE
            if vote == NO_VOTE:
                ended = NO_LABEL if one.outcome in VOTING else one.outcome
                unusable[len(item_ids)][ended] += 1
            votes.append(vote)
            confidences.append(np.nan if one.confidence is None else one.confidence)
        item_ids.append(item_id)
        rows.append(votes)
        stated.append(confidences)
    shape = len(rows), max(map(len, rows), default=0)
    vote_array = np.full(shape, NO_VOTE, dtype=np.int16)
    stated_array = np.full(shape, np.nan)
    for row, (votes, confidences) in enumerate(zip(rows, stated, strict=True)):
        vote_array[row, : len(votes)] = votes
        stated_array[row, : len(votes)] = confidences
    return Votes(item_ids, vote_array, stated_array, dict(unusable))


def score(signal: Literal["entropy", "confidence"], machine: Votes, k: int) -> Scores:
    """(n,) uncertainty by the project's signal; NaN where the model gave nothing to go by.

    That is where no call voted, or more calls failed than voted: the few votes that are left
    agree too easily. A call that rightly abstains has not failed.
    """
    if signal == "confidence":
        scores = uncertainty.confidence(machine.confidences, votes=machine.votes)
    else:
        scores = uncertainty.entropy(machine.votes, k)
    for row in machine.unusable:
        if _mostly_failed(machine, row):
            scores[row] = np.nan
    return scores


def _mostly_failed(machine: Votes, row: int) -> bool:
    ended = machine.unusable.get(row, _NONE)
    failed = ended.total() - ended["abstained"]
    return bool(failed > (machine.votes[row] >= 0).sum())


def sentences(machine: Votes, classes: Sequence[Value], scores: Scores) -> list[str]:
    """What the model said of each item: how its answers split, and what could not be used.

    scores: (n,), from `score`; where there is none although calls voted, the sentence says why.
    """
    counts = uncertainty.counts(machine.votes, len(classes)).tolist()
    known: dict[tuple[tuple[int, ...], tuple[tuple[str, int], ...]], str] = {}
    result = []
    for row, (counted, unscored) in enumerate(zip(counts, np.isnan(scores).tolist(), strict=True)):
        lost = tuple(machine.unusable.get(row, _NONE).most_common())
        key = (tuple(counted), lost)
        if key not in known:
            known[key] = _sentence(counted, lost, classes)
        said = known[key]
        if unscored and any(counted):
            failed = _mostly_failed(machine, row)
            said += "; too few to go by" if failed else "; no confidence stated"
        result.append(said)
    return result


def _sentence(
    counted: Sequence[int], lost: Sequence[tuple[str, int]], classes: Sequence[Value]
) -> str:
    """
    >>> _sentence([3, 0], [("invalid", 2)], ["spam", "ham"])
    'all 3 usable answers say spam; 2 unusable (2 invalid)'
    """
    ended = ", ".join(f"{n} {name}" for name, n in lost)
    ranked = sorted((-n, at) for at, n in enumerate(counted) if n)
    cast, names = sum(counted), ", ".join(str(classes[at]) for _, at in ranked)
    if not ranked:
        return f"no usable answer from the model ({ended or ALL_EXCLUDED})"
    usable = "usable answer" if lost else "answer"
    if cast == 1:
        said = f"the only {usable} says {names}"
    elif len(ranked) == 1:
        said = f"all {cast} {usable}s say {names}"
    else:
        said = f"{usable}s split {' : '.join(str(-n) for n, _ in ranked)} between {names}"
    return f"{said}; {sum(n for _, n in lost)} unusable ({ended})" if lost else said


_NONE: Counter[str] = Counter()


def _last_of_each_call(calls: Iterable[Said]) -> list[Said]:
    calls = list(calls)
    if all(one.outcome != "error" for one in calls):  # nothing was asked twice
        return calls
    kept: dict[tuple[str, int], Said] = {}
    for one in calls:
        call = (one.variant, one.sample)
        if call not in kept or kept[call].outcome == "error":
            kept[call] = one
    return list(kept.values())
