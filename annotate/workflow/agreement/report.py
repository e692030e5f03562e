"""What is told of agreement: the measures of each group of answers, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotate.agreement import Estimate, Measure, Strengths, Undefined
from annotate.agreement.measure import decimal, told
from annotate.model import Value


@dataclass(frozen=True, slots=True)
class Split:
    """Who is compared, and how far they agree. measures: title -> measure, the headline first.
    parts: label or aspect -> the headline measure of it alone."""

    who: str
    answers: int
    measures: Mapping[str, Measure]
    parts: Mapping[str, Measure] = field(default_factory=dict)

    @property
    def headline(self) -> Measure:
        return next(iter(self.measures.values()))


@dataclass(frozen=True, slots=True)
class PairOfPeople:
    """Two people on the items that both answered without the machine's answer in sight."""

    one: str
    other: str
    items: int
    same: Measure
    headline: Measure


@dataclass(frozen=True, slots=True)
class Cell:
    """Items on which a person says `people` and the model says `model`."""

    people: str
    model: str
    items: int


@dataclass(frozen=True, slots=True)
class Preferred:
    """How often each response won, and how strong that makes it. who: whose answers."""

    who: str
    responses: tuple[str, ...]
    rates: tuple[Measure, ...]
    strengths: Strengths | Undefined


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one question. measure: the headline in words. people, model: blind first answers among
    each other, and with the machine's. assisted: answers given with the machine's in sight, with
    it. wordings: of each model among themselves; models: of an ensemble; members: each of these
    with people. pairs: of people, most items first, up to `MOST_PAIRS`; pair_measure: theirs;
    all_pairs: how many there are. difference: the model's agreement with people less people's own.
    cells: where people and the model differ, most items first; empty without classes. share: of
    people's answers that was read, 0..1. notes: what must be known to read the numbers.
    """

    question: str
    measure: str
    people: Split
    model: Split
    assisted: Split
    wordings: tuple[Split, ...]
    models: Split | None
    members: tuple[Split, ...]
    pairs: tuple[PairOfPeople, ...]
    pair_measure: str
    all_pairs: int
    difference: Measure
    preferred: tuple[Preferred, ...]
    cells: tuple[Cell, ...]
    share: float
    notes: tuple[str, ...]

    def sentence(self) -> str:
        """Whether the model agrees with people as they agree with each other."""
        people, model = self.people.headline, self.model.headline
        if isinstance(people, Undefined):
            alone = (
                f"The model agrees with people {self._told(model)}; p"
                if isinstance(model, Estimate)
                else "P"
            )
            return f"{alone}eople cannot be compared with each other: {people.reason}."
        if isinstance(model, Undefined):
            return (
                f"People agree with each other {self._told(people)}; the model cannot be "
                f"compared with them: {model.reason}."
            )
        return (
            f"The model agrees with people {self._told(model)} {self._verdict()} people agree "
            f"with each other {self._told(people)}{self._between()}."
        )

    def _told(self, measure: Measure) -> str:
        assert isinstance(measure, Estimate)
        title = next(iter(self.people.measures)).partition(",")[0]
        return f"({title} {decimal(measure.value)}, {_items(measure.items)})"

    def _verdict(self) -> str:
        found = self.difference
        if isinstance(found, Estimate) and found.low is not None and found.high is not None:
            if found.high < 0:
                return "less than"
            if found.low > 0:
                return "more than"
        return "as much as"

    def _between(self) -> str:
        found = self.difference
        if not isinstance(found, Estimate) or found.low is None or found.high is None:
            return ": too little to tell them apart"
        return f": the difference is {signed(found.value)}, {signed(found.low)} to " + signed(
            found.high
        )


MOST_PAIRS = 200


def signed(value: float) -> str:
    """A difference with its sign.

    >>> signed(-0.031), signed(0.2)
    ('-.03', '+.20')
    """
    text = decimal(value)
    return text if text.startswith("-") else f"+{text}"


def _items(count: int) -> str:
    return f"{count:,} item" if count == 1 else f"{count:,} items"


def as_json(found: Agreement) -> dict[str, Value]:
    """For programs: a measure is {value, low, high, items}, or {undefined: why, items}."""
    whole = {name: _plain(getattr(found, name)) for name in Agreement.__slots__}
    return whole | {"sentence": found.sentence()}


def _plain(value: Any) -> Value:
    if isinstance(value, Undefined):
        return {"undefined": value.reason, "items": value.items}
    if isinstance(value, Estimate | Split | PairOfPeople | Cell | Preferred | Strengths):
        return {name: _plain(getattr(value, name)) for name in type(value).__slots__}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def rows(found: Agreement) -> list[dict[str, str]]:
    """One row for each split, for a table in a terminal or on a page."""
    splits = [found.people, found.model, *found.members, found.assisted, *found.wordings]
    if found.models is not None:
        splits.append(found.models)
    titles = list(dict.fromkeys(title for split in splits for title in split.measures))
    return [
        {"who": split.who, "items": _count(split), "answers": f"{split.answers:,}"}
        | {title: _cell(title, split.measures.get(title)) for title in titles}
        for split in splits
        if split.answers
    ]


def _count(split: Split) -> str:
    return f"{split.headline.items:,}"


SAME = "same answer"


def _cell(title: str, measure: Measure | None) -> str:
    return "" if measure is None else told(measure, percent=title == SAME)


def reasons(found: Agreement) -> list[str]:
    """Why what is undefined is undefined, each once."""
    splits = [found.people, found.model, *found.members, found.assisted, *found.wordings]
    told_of = {
        f"{split.who}: {measure.reason}": None
        for split in splits
        if split.answers
        for measure in split.measures.values()
        if isinstance(measure, Undefined)
    }
    return list(told_of)
