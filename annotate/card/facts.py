"""What a data card is made of: counts and measures, gathered elsewhere, all of one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from annotate.agreement import Measure
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.splits.plan import SplitPlan, Splitting
from annotate.training.protocol import Truth


@dataclass(frozen=True, slots=True)
class Caller:
    """One model under one prompt version. calls: made, by outcome, most frequent first."""

    model: str
    prompt_version: str
    calls: Mapping[str, int]
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Told:
    """One measure. share: it is a share of something, told in percent."""

    title: str
    measure: Measure
    share: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """Two groups of answers. who: `people`, `model`, `assisted`. measures: the headline first."""

    who: str
    answers: int
    measures: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """What is promised of a question's labels. state: `auditing`, `waiting`, `kept`, `short` or
    `withdrawn`; None when no promise was ever made.

    statement: the English sentence that goes with the labels. tolerance, alpha, wrong_at_most
    and fails: 0..1. size: items it speaks of, delivered: those with a label. reason: why it
    is off.
    """

    statement: str
    state: str | None = None
    tolerance: float = 0.0
    alpha: float = 0.0
    size: int = 0
    delivered: int = 0
    wrong_at_most: float = 0.0
    audited: int = 0
    answered: int = 0
    answers: int = 0
    to_go: int = 0
    made: int = 0
    fails: float = 0.0
    reason: str = ""


@dataclass(slots=True)
class Labelled:
    """Of one question, counted over all items.

    sources: `adjudicated`, `person`, `model`, `learned` -> labels. left_out: reason -> items
    without one. labels: label -> how often; empty without classes. people: name -> answers that
    count. per_item: how many people answered -> items. single: labels of people that rest on one
    answer. assisted: answers given with the machine's in sight; imported: in another tool, where
    nobody knows; earlier: here, before the project file was as it is. first, last: times of the
    answers, "" without any.
    """

    sources: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    per_item: dict[int, int] = field(default_factory=dict)
    single: int = 0
    assisted: int = 0
    imported: int = 0
    earlier: int = 0
    first: str = ""
    last: str = ""

    @property
    def total(self) -> int:
        """Items with a label."""
        return sum(self.sources.values())

    @property
    def answers(self) -> int:
        return sum(self.people.values())


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """compared: the groups between which agreement is told. selected: people got the items that
    the model was unsure of. share: of the answers that agreement was computed from, 0..1. audit:
    share of the model's labels that people found right at random; model_right, people_right: share
    right where the answer is known. policy: of the newest routing, None before one. destinations:
    where items were sent -> how many. earlier: answers given under an earlier project file.
    """

    question: QuestionSettings
    labelled: Labelled
    compared: tuple[Compared, ...]
    selected: bool
    share: float
    audit: Measure
    model_right: Measure
    people_right: Measure
    callers: tuple[Caller, ...]
    policy: str | None
    destinations: Mapping[str, int]
    bound: Bound
    earlier: int


@dataclass(frozen=True, slots=True)
class CardFacts:
    """version, version_at, version_hash: of the project file in force; version 0 when it was never
    recorded. split: how the set was split, None when it is whole. truth: whose
    word a label is where several people have answered."""

    project: Project
    items: int
    questions: tuple[QuestionFacts, ...]
    version: int = 0
    version_at: str = ""
    version_hash: str = ""
    split: tuple[SplitPlan, Splitting] | None = None
    truth: Truth = "people"
