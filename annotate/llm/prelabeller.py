"""The seam between a pre-labelling run and whoever answers: a chat model or embeddings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from annotate.hashing import digest
from annotate.llm.books.ledger import Ledger
from annotate.llm.prompts import Example, Prompt
from annotate.model import Item, Outcome, Value


@dataclass(frozen=True, slots=True)
class Answer:
    """How one call ended; becomes one `Prelabel`."""

    item_id: str
    variant: str
    sample: int
    outcome: Outcome
    value: Value = None
    prompt_version: str = ""
    prompt_hash: str = ""
    probabilities: Mapping[str, float] | None = None
    confidence: float | None = None
    reason: str | None = None
    raw: str | None = None
    finish_reason: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    seconds: float | None = None
    cost_usd: float | None = None
    label_mass: float | None = None
    """Share of the probability that fell on answers at all, before `probabilities` were scaled."""
    model: str | None = None
    """Who answered, where a run asks several; None: the prelabeller's `model`."""
    call: str | None = None
    """What was asked of whom (`call_identity`); None where asking again may answer differently."""
    reused_from: str | None = None
    """The earlier prelabel that this repeats: nothing was asked or paid."""


def call_identity(
    item_id: str,
    question: str,
    variant: str,
    sample: int,
    *,
    model: str,
    prompt_hash: str,
    parameters: Mapping[str, Value],
) -> str:
    """One name for one call: equal calls are paid once, whichever round makes them.

    parameters: everything else that is sent, and where to (base_url).
    """
    return digest(item_id, question, variant, sample, model, prompt_hash, parameters)


@dataclass(frozen=True, slots=True)
class Work:
    """One item, and the answers it already has from this round: (variant, sample) -> value.

    earlier: call identity -> the answer another round has; it is taken over, not paid again.
    """

    item: Item
    done: Mapping[tuple[str, int], Value]
    earlier: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """One call as it would be made. beside: what is sent besides the prompt's words.

    known: whether another round has the answer to it, so that it would not be made.
    """

    variant: str
    prompt: Prompt
    beside: Mapping[str, Value] = field(default_factory=dict)
    known: bool = False


class Prelabeller(Protocol):
    """Answers for the machine. `free`: nothing is paid per call, so asking again is no loss."""

    model: str
    free: bool
    batch: int
    """Items handed over at once."""
    concurrency: int
    """Batches in work at once."""
    example_limit: int | None
    """Most human-labelled examples it can use; None for all there are."""

    @property
    def ledger(self) -> Ledger | None:
        """The books of its calls; None when there is nothing to pay."""

    def variants(self) -> tuple[str, ...]:
        """The names of the calls made for each item."""

    def fingerprint(self) -> Mapping[str, Value]:
        """Everything besides the item and the examples that an answer depends on."""

    def announcement(self) -> str | None:
        """What a person should know of this annotator before trusting it."""

    def preview(self, work: Work) -> list[Preview]:
        """Every call not yet done, as it would be sent; none where nothing is sent to anybody.

        A challenge is shown as if every answer that is not known were the first class.
        """

    def learn(self, examples: Sequence[Example]) -> None:
        """Take the round's human-labelled examples."""

    def answer(self, works: Sequence[Work]) -> AsyncIterator[Answer]:
        """Answers for every call not yet done, as each one ends.

        Raises fatal ProviderError, and CapReached when the next call could pass a cap.
        """

    async def close(self) -> None:
        """Give connections back."""
