"""What a training example is made of, before any trainer's dialect: materials, and their rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from annotate.making import maker
from routing.registry import Registry

if TYPE_CHECKING:
    from annotate.exporters.protocol import Answer, Dropped, ExportRow
    from annotate.model import Prelabel

SftFrom = Literal["agreed", "confirmed", "adjudicated", "human", "model"]
"""Which answers teach: `agreed`: a person who had not seen it said what the model says.
`confirmed`: at least two people agree, a lead has decided, or it is a text, which nobody writes
twice: whoever wrote, corrected or accepted it stands by it. `adjudicated`: a lead has decided.
`human`: whatever people stand by. `model`: also labels that only the model gave and the routing
accepted."""

PairRule = Literal["all", "adjacent", "best"]
"""Of responses in an order: every better against every worse one, each against the next, or the
first against each of the others."""

Truth = Literal["people", "consensus"]
"""`people`: the plurality of people's answers, a tie has none. `consensus`: the estimator of the
project's `consensus:` setting."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which rows become training data. The defaults are the strict ones.

    sft_from: one of these is enough. per_prompt: at most so many pairs of one prompt, the surest
    first; None: all. min_margin: 0..1, the least share of people's votes by which the chosen side
    leads; a lead's decision needs none. min_posterior: 0..1, the least probability of the label
    under `consensus`. echoes: also answers that people gave after seeing the model's, and none
    before. guideline: the guideline goes first as a system message.
    """

    truth: Truth = "people"
    sft_from: frozenset[SftFrom] = frozenset({"agreed", "confirmed"})
    pairs: PairRule = "all"
    per_prompt: int | None = None
    min_margin: float = 0.0
    min_posterior: float = 0.0
    echoes: bool = False
    guideline: bool = False

    @property
    def weighed(self) -> bool:
        """Whether they ask for the consensus as it is now."""
        return self.truth == "consensus" or self.min_posterior > 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One chat message of a prompt: role is system, user, assistant or tool."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote on a row: a person's answer, or one of the model's calls."""

    row: ExportRow
    said: Answer | Prelabel


@dataclass(frozen=True, slots=True)
class Example:
    """Something to imitate. rule: the one of `SftFrom` that let it in."""

    row: ExportRow
    prompt: tuple[Turn, ...]
    completion: str
    rule: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one prompt, the first the better one; never the same text, never empty.

    rule: how we know: `adjudicated`, `answer` (a person's label against the model's), `edit`,
    `vote` (of two or more responses) or `ranking`. margin: 0..1, by how much of people's votes or
    of the scale; None where nothing measures it. scores: of chosen and rejected, None without any.
    chosen_by, rejected_by: `person`, a model's name, or the response's field.
    """

    row: ExportRow
    prompt: tuple[Turn, ...]
    chosen: str
    rejected: str
    rule: str
    margin: float | None
    scores: tuple[float, float] | None
    chosen_by: str
    rejected_by: str


pair_of: Callable[..., Pair] = maker(Pair)


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer that people called good or bad. rule: `draft`, `rating`, `answer` or `vote`."""

    row: ExportRow
    prompt: tuple[Turn, ...]
    completion: str
    good: bool
    rule: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How the votes on a question with classes are spread. options: in words, in label order.

    probabilities: sum to 1; of people's votes, where nobody answered of the model's.
    """

    row: ExportRow
    state: str
    question: str
    options: tuple[str, ...]
    probabilities: tuple[float, ...]
    votes: int


Made: TypeAlias = "ExportRow | Vote | Example | Pair | Judged | Spread"
Step: TypeAlias = "Dropped | Callable[[ExportRow], Iterable[Made | Dropped]]"


@dataclass(frozen=True, slots=True)
class Material:
    """What training data are made of. Called with a row and the rules it gives the things that are
    made of it, and those that are not.

    steps: what follows from what was said, in order: why something is not made, or what makes it
    of any row of which the same was said (`ExportRow.once`), with the item's own texts.
    """

    steps: Callable[[ExportRow, Rules], Iterable[Step]]

    def __call__(self, row: ExportRow, rules: Rules) -> list[Made | Dropped]:
        return taken(self.steps(row, rules), row)


def taken(steps: Iterable[Step], row: ExportRow) -> list[Made | Dropped]:
    """What the steps make of the row."""
    return [made for step in steps for made in (step(row) if callable(step) else (step,))]


MATERIALS: Registry[Material] = Registry("material")
"""`rows`, `votes`, `examples`, `pairs`, `judged`, `spreads`: one file each in this folder."""
