"""What the parts of one batch run share: where it stands, what it spent, what it is to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from annotate.clock import iso
from annotate.llm.batching.member import BatchMember, Place
from annotate.llm.prelabeller import Answer, Work
from annotate.model import Item, Round, Value
from annotate.store import Store
from annotate.store.machine.batches import Batch, BatchCall
from annotate.workflow.batches.books import Books
from annotate.workflow.prelabels.run import PrelabelReport
from annotate.workflow.prelabels.standing import MOST_FAILURES, Standing, standings

CHUNK = 256
ATTEMPTS = 3
"""How often a call is put into a batch in one run; then it is an error, asked by the next run."""


@dataclass(slots=True)
class BatchReport:
    """What a run did for one question."""

    question: str
    answers: PrelabelReport = field(default_factory=PrelabelReport)
    submitted: int = 0
    """Batches that this run submitted."""
    waiting_batches: int = 0
    waiting_calls: int = 0
    """Under way at the server when the run ended."""


class Asking(NamedTuple):
    """An item as it stands, and its calls in batches."""

    standing: Standing
    calls: list[BatchCall]

    @property
    def work(self) -> Work:
        return self.standing.work

    @property
    def given_up(self) -> set[Place]:
        """Calls that failed for the last time in this run."""
        return {(call.variant, call.sample) for call in self.calls if call.given_up}

    @property
    def to_ask_again(self) -> int:
        """Calls that failed in this run and are asked again by the next."""
        again = sum(self.standing.failed[place] < MOST_FAILURES for place in self.given_up)
        return again + self.standing.to_ask_again


@dataclass(slots=True)
class BatchRun:
    """One question's run. tell: takes lines for whoever watches."""

    store: Store
    round: Round
    members: Sequence[BatchMember]
    books: Books
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    tell: Callable[[str], None]
    report: BatchReport
    unasked: Mapping[Place, Value]

    def stamp(self) -> str:
        """The time, as it is stored."""
        return iso(self.clock())

    def member(self, name: str) -> BatchMember:
        return next(member for member in self.members if member.name == name)

    def batches(self) -> list[Batch]:
        """Those of this run, begun by this command or an earlier one, oldest first."""
        return self.store.batches.of_open_run(self.round.id)

    def under_way(self) -> list[Batch]:
        return [batch for batch in self.batches() if batch.closed_at is None]

    def asking(self, items: Sequence[Item]) -> list[Asking]:
        """These items as they stand in the store."""
        ids = [item.id for item in items]
        calls: dict[str, list[BatchCall]] = {id_: [] for id_ in ids}
        for call in self.store.batches.of_items(self.round.id, ids):
            calls[call.item_id].append(call)
        found = standings(self.store, self.round, items, self.unasked)
        return [Asking(standing, calls[standing.work.item.id]) for standing in found]

    def keep(self, answers: Iterable[tuple[Answer, Standing]]) -> None:
        """Store answers, each with how its item stood before."""
        answers = list(answers)
        now = self.stamp()
        self.store.prelabels.add(
            [
                standing.prelabel(answer, self.round, self.round.model, now=now)
                for answer, standing in answers
            ]
        )
        for answer, _ in answers:
            self.report.answers.count(answer)

    def finish(self, asking: Asking) -> None:
        """Every call about this item has ended."""
        self.store.prelabels.finish_item(
            self.round.id,
            asking.work.item.id,
            errors=asking.to_ask_again,
            given_up=asking.standing.given_up,
            now=self.stamp(),
        )
        self.report.answers.items += 1
        self.report.answers.to_ask_again += asking.to_ask_again
