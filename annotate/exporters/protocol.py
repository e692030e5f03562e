"""What an export format gets and gives: `ExportRow`s in, records of its file out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from annotate.consensus import offers
from annotate.model import (
    VOTING,
    Adjudication,
    Annotation,
    Consensus,
    Decision,
    Item,
    Outcome,
    Prelabel,
    Value,
)
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.questions.wording import in_words

# why a row is not in a file: the words a report shows
NOT_ROUTED = "not routed yet"
WAITING = "waiting for people"
WAITING_STRONG = "waiting for the stronger model"
TIED = "people are tied"
NO_MODEL = "no usable answer from the model"
RETIRED = "the answer is no longer one that the project file offers"
ONLY_MODEL = "only the model has answered"
NOT_ASKED = "not asked after the answer to another question"
AMBIGUOUS = "marked as ambiguous"
SENT_BACK = "sent back to people"
WAITS_FOR_OTHER = "waiting for the answer to another question"
REJECTED = "the draft was rejected"
AGREED = "person and model agree"
DISAGREED = "person and model disagree"
TIE = "the answer is a tie"
SAME_TEXT = "chosen and rejected are the same text"
EMPTY_TEXT = "the prompt or a response is empty"

Source = Literal["adjudicated", "person", "model", "learned", "none"]
"""`adjudicated`: decided by a lead. `learned`: not what the model says, but what people have
said in such cases."""

Shown = Literal["never", "before", "after", "unknown"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A counting answer, and the name of the person who gave it.

    second: what they said after the machine's answer was revealed to them, if they did.
    guideline_version: hash of the project text it was said under; None where nobody recorded it.
    """

    annotation: Annotation
    name: str
    second: Annotation | None = None
    guideline_version: str | None = None

    @property
    def shown(self) -> Shown:
        """When this person saw the machine's answer: `before` theirs, `after` it, or `never`.

        `unknown` where they answered in another tool: nobody knows what was in sight there.
        """
        shown: Shown = (self.annotation.exposure or {}).get("shown", "never")
        if self.annotation.shown_prelabel is not None and shown != "unknown":
            return "before"
        return shown

    @property
    def blind(self) -> bool:
        """Whether it is known that nothing of the machine was in sight."""
        return self.shown in ("never", "after")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the model said of one item when it was routed. `votes` counts parsed values only."""

    calls: tuple[Prelabel, ...]
    votes: Mapping[str, int]
    outcomes: Mapping[str, int]


class _NotRead(Mapping[str, int]):
    """Counts that nobody has asked for: a mistake is not taken for an empty one."""

    def __getitem__(self, key: object) -> int:
        raise AssertionError("a format that needs the model's votes says so: Dialect.votes")

    def __iter__(self) -> Iterator[str]:
        return iter(self[""])  # type: ignore[call-overload,no-any-return]

    def __len__(self) -> int:
        return self[""]


NOT_READ = Machine((), _NotRead(), _NotRead())
"""What the model said, where nobody has asked for it."""


@dataclass(frozen=True, slots=True)
class Final:
    """The label that goes out and whose it is; for source "none", why there is none."""

    value: Value
    source: Source
    why: str = ""


@dataclass(frozen=True, slots=True)
class ExportRow:
    """Everything known of one item and question.

    answers: those that count, oldest first. people: what their majority is. model_value: the
    model's label at the time of routing, None when it gave none or is no longer offered. rulings:
    all that leads have decided, oldest first, each with the lead's name; ruling: what stands.
    consensus_value, consensus_status (one of STATUSES in store/consensus.py), probability (of that
    value): what the project's `consensus:` setting makes of it all; None where the export does not
    ask for it. posterior: of the question's classes, in label order, summing to 1; None without
    classes, and unless the rules ask for it. model: who gave `model_value`, "" where that is not
    known. refused: the model refused at least as many calls about it as it answered. audited: drawn
    at random to measure the model. policy_version: hash of the project text that the decision was
    made under. once: what follows from all this but the item and `probability`, kept by whoever
    works it out for all rows of which the same was said; None where each row stands alone. Rows
    that share it name the ids, times and people of one of them.
    """

    project: Project
    question: QuestionSettings
    item: Item
    answers: tuple[Answer, ...]
    people: Consensus
    model_value: Value
    decision: Decision | None
    machine: Machine
    final: Final
    ruling: Adjudication | None = None
    rulings: tuple[tuple[Adjudication, str], ...] = ()
    consensus_value: Value = None
    consensus_status: str | None = None
    probability: float | None = None
    posterior: tuple[float, ...] | None = None
    model: str = ""
    refused: bool = False
    audited: bool = False
    policy_version: str | None = None
    once: dict[object, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def id(self) -> str:
        """The user's own id of the item, else ours."""
        own = self.own_id
        return self.item.id if own is None else own

    @property
    def own_id(self) -> str | None:
        key = self.item.key
        return key.removeprefix("id:") if key.startswith("id:") else None


def settle(
    people: Consensus, answered: int, decision: Decision | None, offered: Container[Value]
) -> Final:
    """The label we stand by: the majority of people, else the routing's where it was accepted.

    answered: how many answers of people count. offered: what the question offers now.
    """
    if answered:
        if people.value is not None:
            return Final(people.value, "person")
        return Final(None, "none", TIED if people.votes else RETIRED)
    if decision is None:
        return Final(None, "none", NOT_ROUTED)
    if decision.destination == "strong":
        return Final(None, "none", WAITING_STRONG)
    if decision.destination != "auto":
        return Final(None, "none", WAITING)
    if decision.label is None:
        return Final(None, "none", NO_MODEL)
    if decision.label not in offered:
        return Final(None, "none", RETIRED)
    return Final(decision.label, "model" if decision.label == decision.model_value else "learned")


def ruled(ruling: Adjudication, *, waits: bool, offered: Container[Value]) -> Final | None:
    """The label by a lead's word; None where people's answers say it again.

    waits: it was sent back and nobody has answered since.
    """
    if ruling.kind == "decided":
        kept = ruling.value in offered
        return Final(ruling.value, "adjudicated") if kept else Final(None, "none", RETIRED)
    if ruling.kind == "ambiguous":
        return Final(None, "none", AMBIGUOUS)
    return Final(None, "none", SENT_BACK) if waits else None


def machine(calls: Iterable[Prelabel], question: QuestionSettings) -> Machine:
    """The model's calls with their votes and outcomes, as `tallied` counts them."""
    calls = tuple(calls)
    votes, outcomes = tallied(((call.outcome, call.value) for call in calls), question)
    return Machine(calls, votes, outcomes)


def tallied(
    said: Iterable[tuple[Outcome, Value]], question: QuestionSettings
) -> tuple[dict[str, int], dict[str, int]]:
    """Votes and outcomes of calls, most frequent first.

    Votes are in words, and only those that say a whole answer.
    """
    said = tuple(said)
    votes = Counter(
        in_words(question, value)
        for outcome, value in said
        if outcome in VOTING and _whole(question, value)
    )
    outcomes = Counter(outcome for outcome, _ in said)
    return dict(votes.most_common()), dict(outcomes.most_common())


def _whole(question: QuestionSettings, value: Value) -> bool:
    """Whether a vote is one for a value; a claim about one of several labels is none."""
    return bool(QUESTION_TYPES[question.type].classes(question)) or offers(question, value)


Record: TypeAlias = dict[str, object]
"""column or key -> what a file holds there."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that was not made, and why."""

    why: str
