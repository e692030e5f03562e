"""The machine's answers as arrays, and one plain sentence about each item's."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotate.llm.variants import belongs
from annotate.model import VOTING, Value
from annotate.store.machine.prelabels import Said
from annotate.workflow.prelabels.claims import whole
from annotate.workflow.prelabels.pool import Pool
from routing import uncertainty
from routing.types import NO_VOTE, Scores

NO_LABEL = "no label of the question"
"""Beside the outcomes: an answer that was usable before the project file lost its label."""

ALL_EXCLUDED = "`llm.exclude` names every variant that answered"


class Call(NamedTuple):
    """One way of asking that all items share: a column of the arrays."""

    variant: str
    sample: int


@dataclass(frozen=True, slots=True)
class Votes:
    """What the machine said of n items in m calls, over k classes.

    calls: the m columns. called: (n, m), True where the call was made, whatever came of it.
    votes: (n, m), index into the classes or -1; where there are no classes, number in a `Pool`.
    confidences: (n, m), NaN
    where none was stated. log_probs: (n, m, k), natural logs of the classes' probabilities, NaN
    where a call gave none; None when no call did. unusable: row -> how its calls without a vote
    ended; rows where all voted are left out.
    """

    item_ids: list[str]
    calls: tuple[Call, ...]
    called: NDArray[np.bool_]
    votes: NDArray[np.signedinteger[Any]]
    confidences: NDArray[np.float64]
    log_probs: NDArray[np.float64] | None
    unusable: Mapping[int, Counter[str]]


def collect_votes(
    said: Iterable[Said], classes: Sequence[Value], exclude: Collection[str] = ()
) -> Votes:
    """said: by item, then call. A call that failed and was made again counts once.

    exclude: names of variants (`belongs`) that count for nothing. An item that only they have
    answered stays, without a vote.
    """
    index = {value: at for at, value in enumerate(classes)}

    def number(value: Value) -> int:
        return NO_VOTE if isinstance(value, list | dict) else index.get(value, NO_VOTE)

    return _collected(said, number, classes, exclude, _last_of_each_call, "h")


def collect_values(
    said: Iterable[Said], pool: Pool, labels: Sequence[str], exclude: Collection[str] = ()
) -> Votes:
    """As `collect_votes`, of a question without classes. labels: what single claims may be about;
    all claims of one way are one answer."""

    def ended(calls: Iterable[Said]) -> list[Said]:
        return whole(_last_of_each_call(calls), labels)

    return _collected(said, pool.number, (), exclude, ended, "i")


def _collected(
    said: Iterable[Said],
    number: Callable[[Value], int],
    classes: Sequence[Value],
    exclude: Collection[str],
    ended: Callable[[Iterable[Said]], Sequence[Said]],
    code: str,
) -> Votes:
    """number: of a value, -1 for none. ended: the calls of an item as they count. code: of the
    array that holds the numbers."""
    counts = cache(lambda variant: not belongs(variant, exclude))
    cells = _Cells(code)
    item_ids: list[str] = []
    unusable: dict[int, Counter[str]] = defaultdict(Counter)
    for item_id, calls in groupby(said, key=itemgetter(0)):
        row = len(item_ids)
        item_ids.append(item_id)
        heard = list(calls)
        if exclude:
            heard = [one for one in heard if counts(one.variant)]
        for one in ended(heard):
            vote = number(one.value) if one.outcome in VOTING else NO_VOTE
            if vote == NO_VOTE:
                unusable[row][NO_LABEL if one.outcome in VOTING else one.outcome] += 1
            cells.add(row, one, vote)
    return cells.votes(item_ids, classes, dict(unusable))


class _Cells:
    """Cells of the arrays as they come: how many columns there are is known at the end."""

    def __init__(self, code: str) -> None:
        self._columns: dict[Call, int] = {}
        self._rows, self._at, self._said = array("q"), array("i"), array(code)
        self._stated = array("d")
        self._chances: list[tuple[int, Mapping[str, float]]] = []

    def add(self, row: int, one: Said, vote: int) -> None:
        call = Call(one.variant, one.sample)
        self._rows.append(row)
        self._at.append(self._columns.setdefault(call, len(self._columns)))
        self._said.append(vote)
        self._stated.append(np.nan if one.confidence is None else one.confidence)
        if one.probabilities and vote != NO_VOTE:
            self._chances.append((len(self._rows) - 1, one.probabilities))

    def votes(
        self, item_ids: list[str], classes: Sequence[Value], unusable: Mapping[int, Counter[str]]
    ) -> Votes:
        calls = tuple(sorted(self._columns))
        place = np.array([calls.index(call) for call in self._columns], dtype=np.intp)
        rows = np.frombuffer(self._rows, dtype=np.int64)
        columns = place[np.frombuffer(self._at, dtype=np.int32)]
        shape = len(item_ids), len(calls)
        called = np.zeros(shape, dtype=bool)
        called[rows, columns] = True
        votes = np.full(shape, NO_VOTE, dtype=self._said.typecode)
        stated = np.full(shape, np.nan)
        votes[rows, columns] = np.frombuffer(self._said, dtype=self._said.typecode)
        stated[rows, columns] = np.frombuffer(self._stated)
        log_probs = self._log_probs(shape, rows, columns, classes)
        return Votes(item_ids, calls, called, votes, stated, log_probs, unusable)

    def _log_probs(
        self,
        shape: tuple[int, int],
        rows: NDArray[np.int64],
        columns: NDArray[np.intp],
        classes: Sequence[Value],
    ) -> NDArray[np.float64] | None:
        if not self._chances:
            return None
        result = np.full((*shape, len(classes)), np.nan)
        for cell, chances in self._chances:
            if set(chances) == set(classes):
                result[rows[cell], columns[cell]] = [chances[value] for value in classes]
        with np.errstate(divide="ignore"):
            np.log(result, out=result)
        return result


def score(signal: Literal["entropy", "confidence"], machine: Votes, k: int) -> Scores:
    """(n,) uncertainty from the machine's answers alone; NaN where it gave nothing to go by.

    That is where no call voted, or more calls failed than voted: the few votes that are left
    agree too easily. A call that rightly abstains has not failed.
    """
    if signal == "confidence":
        scores = uncertainty.confidence(machine.confidences, votes=machine.votes)
    else:
        scores = uncertainty.entropy(machine.votes, k)
    return without_failed(scores, machine)


def without_failed(scores: Scores, machine: Votes) -> Scores:
    """The scores (n,), with NaN where the machine gave too little to go by."""
    result = scores.copy()
    for row in machine.unusable:
        if _mostly_failed(machine, row):
            result[row] = np.nan
    return result


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
