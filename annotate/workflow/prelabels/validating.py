"""Which variants are worth asking: their answers in force against what people and gold say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby

import numpy as np

from annotate.llm.spoken import has_classes
from annotate.llm.variants import WAYS, belongs, way_of
from annotate.model import VOTING, Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.store.machine.prelabels import Said
from annotate.workflow.prelabels.examples import human_values
from routing.voter import Check, check

NO, YES = "no", "yes"

Voter = tuple[str, str]
"""(variant, model)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantCheck:
    """One variant of one model on the items whose answer is known.

    about: the class that a claim is about: it says yes or no, and is judged by that; else None.
    answers: what it can say. check: its labels are indices into `answers`. abstained, unusable:
    shares of its calls. with_others: share of items on which it says what most of the others say;
    None where it met no majority.
    """

    variant: str
    model: str
    about: Value
    answers: tuple[Value, ...]
    check: Check
    abstained: float
    unusable: float
    with_others: float | None
    excluded: bool

    @property
    def flagged(self) -> bool:
        """Whether it should not vote, and still does."""
        return not self.excluded and self.check.verdict in ("worse", "one answer")

    @property
    def verdict(self) -> str:
        """What the numbers come to, in words."""
        check = self.check
        if check.right is None:
            return "never a usable answer"
        if check.verdict != "too few":
            return _VERDICTS[check.verdict]
        if check.more is not None:
            return f"{_TOO_FEW}: about {check.more:,} more"
        if check.commonest == 1:
            return f"{_TOO_FEW}: all of them are the same"
        near = check.right.high - check.chance < HARDLY
        return "hardly better than chance, if at all" if near else _TOO_FEW


HARDLY = 0.1
"""Above guessing by less than this, a variant has little to say."""

_TOO_FEW = "too few labels to say"
_VERDICTS = {
    "better": "better than chance",
    "worse": "worse than chance",
    "one answer": "always gives one answer",
}


@dataclass(frozen=True, slots=True)
class Validation:
    """The variants of one question. known, answered: items judged by a known answer, and the
    others, judged by what most people said who had not seen the machine's answer."""

    question: str
    known: int
    answered: int
    variants: tuple[VariantCheck, ...]
    judged: bool = True
    """False for a question without classes."""

    @property
    def flagged(self) -> tuple[VariantCheck, ...]:
        return tuple(one for one in self.variants if one.flagged)


def validate(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person
) -> Validation:
    """How every variant does on items with a known answer or a human one. Raises NotAllowed.

    A known answer goes before people's. People's answers are those given blind, and none where
    they are tied. Several samples of one call are one answer, the most frequent.
    Without classes there is no guessing to do better than: then no variant is judged.
    """
    require(actor, "review")
    if not has_classes(question):
        return Validation(question.name, 0, 0, (), judged=False)
    classes = QUESTION_TYPES[question.type].classes(question)
    known = store.items.gold(project.project, question.name)
    gold = {item_id: value for item_id, value in known.items() if value in classes}
    truth = human_values(store, project.project, question, blind=True) | gold
    tallies: dict[Voter, _Tally] = {}
    judged: Counter[bool] = Counter()
    counts = cache(lambda variant: not belongs(variant, project.llm.exclude))
    for item_id, voters in _by_item(store, project, question):
        if item_id not in truth:
            continue
        judged[item_id in gold] += 1
        votes = {
            voter: _vote(calls, classes) for voter, calls in voters.items() if counts(voter[0])
        }
        for voter, calls in voters.items():
            if voter not in tallies:
                tallies[voter] = _Tally(voter, *_answers(voter[0], classes))
            tallies[voter].hear(calls, truth[item_id], _majority_of_others(votes, voter))
    checks = (tally.judge(excluded=not counts(tally.voter[0])) for tally in tallies.values())
    ordered = sorted(checks, key=lambda one: (one.excluded, not one.flagged, one.model))
    return Validation(question.name, judged[True], judged[False], tuple(ordered))


def warning(found: Validation) -> str | None:
    """One line on the flagged variants; None when there are none."""
    if not found.flagged:
        return None
    reasons = Counter(one.verdict for one in found.flagged)
    told = ", ".join(f"{reason}: {count}" for reason, count in reasons.items())
    of = f"{len(found.flagged)} of {len(found.variants)} variants should not vote"
    return f"{of} ({told}): see `coannotate prompts validate`"


def remedy(found: Sequence[Validation], project: Project) -> str | None:
    """What to do about flagged variants, as one sentence; None when there are none."""
    names = _to_exclude(found)
    if not names:
        return None
    for one in found:
        left = [v for v in one.variants if not v.flagged and not v.excluded]
        if one.flagged and all(belongs(v.variant, ["challenge"]) for v in left):
            return (
                f"No variant of {one.question} would be left: look at its labels and guideline "
                "(`coannotate prompts show`), or try another model."
            )
    listed = ", ".join(_quoted(name) for name in (*project.llm.exclude, *names))
    those = "it" if len(names) == 1 else "them"
    where = " (for every question)" if len(project.questions) > 1 else ""
    return (
        f"To leave {those} out{where}, write `exclude: [{listed}]` under `llm:` in the project "
        "file, then run `coannotate route`."
    )


def _to_exclude(found: Sequence[Validation]) -> list[str]:
    """Names of the flagged variants; the way's where all its classes are flagged."""
    names: dict[str, None] = {}
    for one in found:
        for flagged in one.flagged:
            way = way_of(flagged.variant)
            same = [v for v in one.variants if way_of(v.variant) == way]
            names[way if all(v.flagged for v in same) else flagged.variant] = None
    return list(names)


def _quoted(name: str) -> str:
    """A name as it can stand in a YAML list."""
    return name if re.fullmatch(r"[\w/.-]+(:[\w/.-]+)?", name) else f'"{_escaped(name)}"'


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def _by_item(
    store: Store, project: Project, question: QuestionSettings
) -> Iterator[tuple[str, dict[Voter, list[Said]]]]:
    """item id -> each voter's calls, of those made again the last, in the order of samples."""
    rows = store.prelabels.said_where_known(project.project, question.name)
    for item_id, group in groupby(rows, key=lambda row: row[1].item_id):
        calls: dict[Voter, dict[int, Said]] = {}
        for model, said in group:
            samples = calls.setdefault((said.variant, model), {})
            if said.sample not in samples or samples[said.sample].outcome == "error":
                samples[said.sample] = said
        yield item_id, {voter: list(samples.values()) for voter, samples in calls.items()}


def _answers(variant: str, classes: Sequence[Value]) -> tuple[tuple[Value, ...], Value]:
    """What a variant can say, and for a claim the class it is about, else None."""
    for about in classes:
        way = variant.removesuffix(f":{about}").rpartition("/")[2]
        if variant.endswith(f":{about}") and way in WAYS and WAYS[way].kind == "claim":
            return (NO, YES), about
    return tuple(classes), None


def _vote(calls: Iterable[Said], classes: Sequence[Value]) -> Value:
    """The value a voter gives an item; None for none."""
    return _most(one.value for one in calls if one.outcome in VOTING and one.value in classes)


def _most(values: Iterable[Value]) -> Value:
    """The most frequent value, of equals the first; None when there is none."""
    ranked = Counter(values).most_common(1)
    return ranked[0][0] if ranked else None


def _majority_of_others(votes: Mapping[Voter, Value], voter: Voter) -> Value:
    """What most other voters say; None when they are tied or say nothing."""
    heard = Counter(
        value for other, value in votes.items() if other != voter and value is not None
    ).most_common(2)
    tied = len(heard) == 2 and heard[0][1] == heard[1][1]
    return heard[0][0] if heard and not tied else None


@dataclass(slots=True)
class _Tally:
    """What one voter has said so far. answers, about: from `_answers`."""

    voter: Voter
    answers: tuple[Value, ...]
    about: Value
    said: list[int] = field(default_factory=list)
    truth: list[int] = field(default_factory=list)
    calls: int = 0
    abstained: int = 0
    unusable: int = 0
    agreeing: int = 0
    compared: int = 0

    def hear(self, calls: Sequence[Said], truth: Value, others: Value) -> None:
        """Take in one item. others: the majority of the other voters, or None."""
        given = [self._answer(one) for one in calls]
        self.calls += len(calls)
        lost = [one for one, answer in zip(calls, given, strict=True) if answer is None]
        self.abstained += sum(one.outcome == "abstained" for one in lost)
        self.unusable += sum(one.outcome != "abstained" for one in lost)
        answer = _most(one for one in given if one is not None)
        if answer is None:
            return
        self.said.append(answer)
        self.truth.append(self._index(truth))
        if others is not None:
            self.compared += 1
            self.agreeing += answer == self._index(others)

    def _answer(self, said: Said) -> int | None:
        """Index into `answers`. Among many classes, who denies a claim names none of them."""
        if said.outcome in VOTING:
            known = self.about is not None or said.value in self.answers
            return self._index(said.value) if known else None
        denied = self.about is not None and said.outcome == "abstained"
        return self.answers.index(NO) if denied else None

    def _index(self, value: Value) -> int:
        if self.about is None:
            return self.answers.index(value)
        return self.answers.index(YES if value == self.about else NO)

    def judge(self, *, excluded: bool) -> VariantCheck:
        said, truth = np.array(self.said, np.int64), np.array(self.truth, np.int64)
        return VariantCheck(
            variant=self.voter[0],
            model=self.voter[1],
            about=self.about,
            answers=self.answers,
            check=check(said, truth, len(self.answers)),
            abstained=self.abstained / self.calls,
            unusable=self.unusable / self.calls,
            with_others=self.agreeing / self.compared if self.compared else None,
            excluded=excluded,
        )
