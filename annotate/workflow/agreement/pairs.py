"""Agreement on answers without classes, from every two answers to an item: spans and texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotate.agreement import Measure, Undefined
from annotate.agreement.alpha import by_distance, summed
from annotate.agreement.bootstrap import Floats, measured
from annotate.agreement.percent import of_items
from annotate.agreement.spans import exact, partial, ratio
from annotate.agreement.tables import NO_BOTH, NO_PAIRS
from annotate.model import Value
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.workflow.agreement.groups import Group, Numbers
from annotate.workflow.agreement.report import SAME
from annotate.workflow.agreement.tokens import Tokens, spans_of

MOST_ITEMS = 2_000
"""Items of which pairs are compared: the ones with the lowest ids, which are drawn by chance."""
CHANCE_PAIRS = 2_000

Pair = tuple[int, int, int]
"""(item, value, value)."""


@dataclass(slots=True)
class Paired:
    """Measures from pairs. same: whether two answers count as one. texts: item -> the field that
    spans lie in; empty for other types. seed: of chance and of the intervals."""

    question: QuestionSettings
    values: Sequence[Value]
    same: Callable[[Value, Value], bool]
    texts: Mapping[int, str]
    seed: int
    _seen: dict[tuple[int, int], Floats] = field(default_factory=dict)

    @property
    def spans(self) -> bool:
        return self.question.type == "spans"

    @property
    def measure(self) -> str:
        return "F1 of spans that are exactly alike" if self.spans else "likeness of the answers"

    @property
    def pair_measure(self) -> str:
        return self._title

    @property
    def _title(self) -> str:
        return "F1, exact" if self.spans else "likeness"

    def within(self, group: Group) -> tuple[Mapping[str, Measure], Mapping[str, Measure]]:
        """title -> measure, and label -> headline, among the answers of a group."""
        return self._of(list(self._pairs(group, None)), group, None)

    def across(
        self, mine: Group, theirs: Group
    ) -> tuple[Mapping[str, Measure], Mapping[str, Measure]]:
        """As `within`, of pairs made of an answer of one group and an answer of the other."""
        return self._of(list(self._pairs(mine, theirs)), mine, theirs)

    def difference(self, people: Group, model: Group) -> Measure:
        """The headline of people with the model, less that of people among themselves."""
        own, both = list(self._pairs(people, None)), list(self._pairs(people, model))
        items = sorted({pair[0] for pair in (*own, *both)})
        if not own or not both:
            return Undefined("one of the two is not defined")
        theirs, mine = (ratio(*self._sums(pairs, items)) for pairs in (both, own))
        return measured(
            lambda w: theirs(w) - mine(w),
            np.ones(len(items), dtype=np.int64),
            items=len(items),
            reason="one of the two is not defined",
            seed=self.seed,
        )

    def pair(self, one: Numbers, other: Numbers) -> tuple[Measure, Measure]:
        """Of two people on the same items: share of the same answers, and the headline."""
        pairs = [
            (at, int(a), int(b))
            for at, (a, b) in enumerate(zip(one[:MOST_ITEMS], other[:MOST_ITEMS], strict=True))
            if self.values[a] is not None and self.values[b] is not None
        ]
        return self._same(pairs, NO_BOTH), self._headline(pairs, NO_BOTH)

    # ---- measures

    def _of(
        self, pairs: Sequence[Pair], mine: Group, theirs: Group | None
    ) -> tuple[Mapping[str, Measure], Mapping[str, Measure]]:
        reason = NO_PAIRS if theirs is None else NO_BOTH
        found = {self._title: self._headline(pairs, reason)}
        if self.spans:
            found["F1, overlapping"] = self._ratio(pairs, 2, reason)
            found["alpha of tokens"] = self._tokens(mine, theirs, {p[0] for p in pairs}, reason)
        else:
            found["alpha, by distance"] = self._by_distance(pairs, mine, theirs, reason)
        found[SAME] = self._same(pairs, reason)
        return found, self._labels(pairs)

    def _headline(self, pairs: Sequence[Pair], reason: str) -> Measure:
        return self._ratio(pairs, 0, reason)

    def _ratio(self, pairs: Sequence[Pair], column: int, reason: str) -> Measure:
        """Of two columns of `_likeness`: what is alike, of all."""
        items = sorted({pair[0] for pair in pairs})
        if pairs and self.spans:
            reason = "nobody has marked anything, so there is nothing to find again"
        return measured(
            ratio(*self._sums(pairs, items, column)),
            np.ones(len(items), dtype=np.int64),
            items=len(items),
            reason=reason,
            seed=self.seed,
        )

    def _same(self, pairs: Sequence[Pair], reason: str) -> Measure:
        return of_items(_means(pairs, [self._likeness(a, b)[-1] for _, a, b in pairs]), reason)

    def _by_distance(
        self, pairs: Sequence[Pair], mine: Group, theirs: Group | None, reason: str
    ) -> Measure:
        far = _means(pairs, [1 - self._likeness(a, b)[0] for _, a, b in pairs])
        statistic = by_distance(far, np.ones(len(far)), self._chance(mine, theirs))
        if len(far):
            reason = "all answers are alike: chance agreement is 1, so alpha is not defined"
        times = np.ones(len(far), dtype=np.int64)
        return measured(statistic, times, items=len(far), reason=reason, seed=self.seed)

    def _chance(self, mine: Group, theirs: Group | None) -> float:
        """Mean distance between answers to different items, of pairs drawn by chance."""
        whole = mine if theirs is None else _joined(mine, theirs)
        usable = [at for at in range(len(whole)) if self.values[whole.values[at]] is not None]
        if len(usable) < 2:
            return 0.0
        drawn = np.random.default_rng(self.seed).choice(usable, (CHANCE_PAIRS, 2))
        drawn = drawn[whole.items[drawn[:, 0]] != whole.items[drawn[:, 1]]]
        far = [1 - self._likeness(*map(int, whole.values[pair]))[0] for pair in drawn]
        return float(np.mean(far)) if far else 0.0

    def _tokens(self, mine: Group, theirs: Group | None, among: set[int], reason: str) -> Measure:
        """Nominal alpha of what each token is marked as, intervals over items."""
        marked = Tokens({item: self.texts[item] for item in sorted(among & set(self.texts))})
        table, others = marked.add(mine, self.values), None
        if theirs is not None:
            others = marked.add(theirs, self.values)
        if not marked.owner:
            return Undefined(reason)
        k = len(marked.kinds)
        if k == 1:
            reason = "every token is marked alike: chance agreement is 1, so alpha is not defined"
        statistic = summed(
            marked.counts(table),
            np.array(marked.owner),
            len(marked.texts),
            None if others is None else marked.counts(others),
        )
        times = np.ones(len(marked.texts), dtype=np.int64)
        return measured(statistic, times, items=len(times), reason=reason, seed=self.seed)

    def _labels(self, pairs: Sequence[Pair]) -> dict[str, Measure]:
        """Of spans: exact F1 of each label alone."""
        labels = QUESTION_TYPES[self.question.type].said(self.question) if self.spans else ()
        items = sorted({pair[0] for pair in pairs})
        found: dict[str, Measure] = {}
        for label in labels if pairs else ():
            sums = _sums_of(pairs, items, [self._label(a, b, str(label)) for _, a, b in pairs])
            found[str(label)] = measured(
                ratio(*sums),
                np.ones(len(items), dtype=np.int64),
                items=len(items),
                reason=f"nobody has marked {str(label)!r}",
                seed=self.seed,
            )
        return found

    def _label(self, one: int, other: int, label: str) -> tuple[float, float]:
        mine, theirs = (
            [span for span in spans_of(self.values[at]) if span[2] == label] for at in (one, other)
        )
        return exact(mine, theirs)

    # ---- pairs

    def _likeness(self, one: int, other: int) -> Floats:
        """Spans: exact matched and marked, overlapping matched and marked, same. Else: likeness
        0..1, 1, same."""
        pair = (min(one, other), max(one, other))
        if pair not in self._seen:
            a, b = (self.values[at] for at in pair)
            same = float(self.same(a, b))
            if self.spans:
                mine, theirs = spans_of(a), spans_of(b)
                alike = [*exact(mine, theirs), *partial(mine, theirs), same]
            else:
                kind = QUESTION_TYPES[self.question.type]
                alike = [1 - kind.distance(self.question, a, b), 1, same]
            self._seen[pair] = np.array(alike, dtype=float)
        return self._seen[pair]

    def _sums(
        self, pairs: Sequence[Pair], items: Sequence[int], column: int = 0
    ) -> tuple[Floats, Floats]:
        found = [self._likeness(a, b)[column : column + 2] for _, a, b in pairs]
        return _sums_of(pairs, items, found)

    def _pairs(self, mine: Group, theirs: Group | None) -> Iterator[Pair]:
        """Every two answers to an item; of two groups, one of either."""
        ours = self._by_item(mine)
        others = ours if theirs is None else self._by_item(theirs)
        met = [item for item in ours if item in others]
        usable = [item for item in met if theirs is not None or len(ours[item]) > 1]
        for item in sorted(usable)[:MOST_ITEMS]:
            if theirs is None:
                said = ours[item]
                yield from ((item, a, b) for at, a in enumerate(said) for b in said[:at])
            else:
                yield from ((item, a, b) for a in ours[item] for b in others[item])

    def _by_item(self, group: Group) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for item, value in zip(group.items.tolist(), group.values.tolist(), strict=True):
            if self.values[value] is not None:
                found.setdefault(item, []).append(value)
        return found


def _joined(one: Group, other: Group) -> Group:
    return Group(
        np.concatenate([one.items, other.items]),
        np.concatenate([one.who, other.who]),
        np.concatenate([one.values, other.values]),
    )


def _means(pairs: Sequence[Pair], found: Sequence[float]) -> Floats:
    """(items,) mean over each item's pairs."""
    if not pairs:
        return np.zeros(0)
    _, at = np.unique([pair[0] for pair in pairs], return_inverse=True)
    return np.asarray(np.bincount(at, weights=np.array(found, dtype=float)) / np.bincount(at))


def _sums_of(
    pairs: Sequence[Pair], items: Sequence[int], found: Sequence[Any]
) -> tuple[Floats, Floats]:
    """Per item the mean over its pairs of two numbers; 0 for an item without a pair."""
    if not pairs:
        return np.zeros(len(items)), np.zeros(len(items))
    place = {item: at for at, item in enumerate(items)}
    at = np.array([place[pair[0]] for pair in pairs])
    both = np.array(found, dtype=float)
    many = np.maximum(np.bincount(at, minlength=len(items)), 1)
    above, below = (
        np.asarray(np.bincount(at, weights=both[:, column], minlength=len(items)) / many)
        for column in (0, 1)
    )
    return above, below
