"""What was asked in another tool, told by the answers that come along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from annotate.importers.protocol import Kind, Said

REMEMBERED = 200
"""Different labels of a question that are counted one by one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of another tool, over the answers looked at.

    called: what the tool calls it. labels: that occur, most first, () where there are too many to
    be labels. many: whether an answer had several. lowest, highest: of the numbers. about: the
    column that spans lie in. among: the columns that a preference compares, in the order of its
    letters, as most answers tell. answers, votes: of people and of models.
    """

    called: str
    kind: Kind
    labels: tuple[str, ...]
    many: bool
    lowest: float | None
    highest: float | None
    about: str
    among: tuple[str, ...]
    answers: int
    votes: int


@dataclass(slots=True)
class _Seen:
    kinds: Counter[Kind] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    about: Counter[str] = field(default_factory=Counter)
    among: Counter[tuple[str, ...]] = field(default_factory=Counter)
    numbers: list[float] = field(default_factory=list)
    many: bool = False
    answers: int = 0
    votes: int = 0

    def add(self, one: Said) -> None:
        self.kinds[one.kind] += 1
        self.about[one.about] += 1
        self.among[one.among] += 1
        self.votes += one.model
        self.answers += not one.model
        if one.kind == "rating" and isinstance(one.value, int | float):
            self.numbers = [*_ends([*self.numbers, float(one.value)])]
        labels = _labels(one)
        self.many = self.many or (one.kind == "choices" and len(set(labels)) > 1)
        self.labels.update(label for label in labels if len(self.labels) <= REMEMBERED)

    def asked(self, called: str) -> Asked:
        few = len(self.labels) <= REMEMBERED
        return Asked(
            called=called,
            kind=self.kinds.most_common(1)[0][0],
            labels=tuple(name for name, _ in self.labels.most_common()) if few else (),
            many=self.many,
            lowest=min(self.numbers, default=None),
            highest=max(self.numbers, default=None),
            about=self.about.most_common(1)[0][0],
            among=self.among.most_common(1)[0][0],
            answers=self.answers,
            votes=self.votes,
        )


def asked_of(said: Iterable[Said]) -> tuple[Asked, ...]:
    """The questions, in the order in which they first had an answer."""
    seen: dict[str, _Seen] = {}
    for one in said:
        if one.kind != "empty":
            seen.setdefault(one.question, _Seen()).add(one)
    return tuple(found.asked(called) for called, found in seen.items())


def _ends(numbers: list[float]) -> tuple[float, float]:
    return min(numbers), max(numbers)


def _labels(one: Said) -> list[str]:
    value = one.value
    if one.kind == "choices":
        return [str(label) for label in (value if isinstance(value, list) else [value])]
    if one.kind == "spans" and isinstance(value, list):
        return [str(span["label"]) for span in value if isinstance(span, Mapping)]
    if one.kind == "ranking" and isinstance(value, list):
        return [str(label) for label in value]
    return []
