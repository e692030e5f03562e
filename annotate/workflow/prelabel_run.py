"""One run of a round: hands works over to the calls and stores what comes back."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from annotate.clock import iso
from annotate.hashing import digest
from annotate.llm.prelabeller import Answer, Prelabeller, Work
from annotate.model import Item, Prelabel, Round, Value
from annotate.store import Store
from annotate.workflow.interrupts import noted
from annotate.workflow.prelabel_calls import Calls, Ended

CHUNK = 128
"""Items read at once."""

PULSE_S = 1.0
LOOK_EVERY_S = 0.2
"""How long Ctrl-C may go unnoticed."""


@dataclass(slots=True)
class PrelabelReport:
    """What a run did. `outcomes` counts the calls of this run."""

    items: int = 0
    calls: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    examples: int = 0
    resumed: bool = False
    first_error: str | None = None
    cost_usd: float | None = None
    stopped: str | None = None
    """Why the run ended before its last item: a cap, or somebody's wish."""


def outcome_counts(report: PrelabelReport) -> Mapping[str, int]:
    """Calls of this run by outcome, most first."""
    return dict(report.outcomes.most_common())


Progress = Callable[[int, int, float], bool]
"""Told every second: items ended, items in all, US dollars spent. False asks the run to stop."""


@dataclass(slots=True)
class _Standing:
    """How the calls for one item went. failed_before: errors of earlier runs of this round."""

    failed_before: int
    errors: set[tuple[str, int]] = field(default_factory=set)


class Run:
    """Belongs to the thread that opened the store; the calls are made in another.

    Whatever ends a run, all that was answered until then is stored: what has come is forgotten
    only behind the commit, and storing it twice changes nothing, because ids are made of the call.
    """

    def __init__(
        self,
        store: Store,
        round_: Round,
        prelabeller: Prelabeller,
        *,
        clock: Callable[[], datetime],
        report: PrelabelReport,
        on_progress: Progress | None,
        total: int,
        unasked: Mapping[tuple[str, int], Value],
    ) -> None:
        """unasked: calls that are not made, as if they had ended with these values."""
        self._store, self._round, self._prelabeller = store, round_, prelabeller
        self._clock, self._report, self._on_progress = clock, report, on_progress
        self._total, self._unasked = total, unasked
        self._calls = Calls(prelabeller)
        self._batches = self._read()
        self._asked: dict[str, _Standing] = {}
        self._all_handed = False
        self._told_s = -PULSE_S

    def all(self) -> None:
        """Until every item has been asked about, or something ended the calls before.

        Raises what `Prelabeller.answer` raises, but for CapReached.
        """
        with noted() as raise_interrupt:
            try:
                with self._calls.going_on():
                    while self._calls.going:
                        raise_interrupt()
                        self._hand_over()
                        self._calls.wait(LOOK_EVERY_S)
                        self._tell_in_time(ended=self._flush())
            finally:
                self._flush()  # also what could not be stored at first
            raise_interrupt()
        self._report.stopped = self._calls.stopped
        self._calls.raise_error()
        self._tell()

    def _tell_in_time(self, *, ended: int) -> None:
        """When items have ended; and a sign of life while none does."""
        if ended or time.monotonic() - self._told_s >= PULSE_S:
            self._tell()

    def _tell(self) -> None:
        self._told_s = time.monotonic()
        if self._on_progress is None:
            return
        spent = self._report.cost_usd or 0.0
        if not self._on_progress(self._report.items, self._total, spent):
            self._calls.stop("stopped as asked")

    # ---- works

    def _hand_over(self) -> None:
        room = self._calls.room
        if self._all_handed or not room:
            return
        batches = list(islice(self._batches, room))
        self._calls.hand(batches)
        if len(batches) < room:
            self._all_handed = True
            self._calls.finish()

    def _read(self) -> Iterator[list[Work]]:
        """Every item that is still to be asked about, in batches."""
        after = -1
        while items := self._store.prelabels.missing(self._round, after=after, limit=CHUNK):
            after = items[-1].position
            works = self._works(items)
            for start in range(0, len(works), self._prelabeller.batch):
                yield works[start : start + self._prelabeller.batch]

    def _works(self, items: Sequence[Item]) -> list[Work]:
        """Each item with the answers it has from this round."""
        done: dict[str, dict[tuple[str, int], Value]] = defaultdict(dict)
        failed: Counter[str] = Counter()
        stored = self._store.prelabels.of_round(self._round.id, [item.id for item in items])
        for prelabel in stored:
            if prelabel.outcome == "error":
                failed[prelabel.item_id] += 1
            else:
                done[prelabel.item_id][prelabel.variant, prelabel.sample] = prelabel.value
        self._asked |= {item.id: _Standing(failed[item.id]) for item in items}
        return [Work(item, {**done[item.id], **self._unasked}) for item in items]

    # ---- answers

    def _flush(self) -> int:
        """Store what has come, all together: while one commit runs, the next gathers.

        Returns how many items have ended.
        """
        came = self._calls.came()
        if not came:
            return 0
        answers = [event for event in came if isinstance(event, Answer)]
        ended = [i for event in came if isinstance(event, Ended) for i in event.item_ids]
        now = iso(self._clock())
        with self._store.transaction():
            self._store.prelabels.add([self._prelabel(answer, now) for answer in answers])
            for item_id in ended:
                self._finish(item_id, now)
        self._calls.stored(len(came))
        for answer in answers:
            self._count(answer)
        for item_id in ended:
            del self._asked[item_id]
        self._report.items += len(ended)
        return len(ended)

    def _finish(self, item_id: str, now: str) -> None:
        errors = len(self._asked[item_id].errors)
        self._store.prelabels.finish_item(self._round.id, item_id, errors=errors, now=now)

    def _count(self, answer: Answer) -> None:
        report = self._report
        report.calls += 1
        report.outcomes[answer.outcome] += 1
        if answer.cost_usd is not None:
            report.cost_usd = (report.cost_usd or 0.0) + answer.cost_usd
        if answer.outcome == "error" and report.first_error is None:
            report.first_error = answer.reason

    def _prelabel(self, answer: Answer, now: str) -> Prelabel:
        standing = self._asked[answer.item_id]
        if answer.outcome == "error":
            standing.errors.add((answer.variant, answer.sample))
        return Prelabel(
            id=digest(
                self._round.id,
                answer.item_id,
                answer.variant,
                answer.sample,
                standing.failed_before,
            ),
            project=self._round.project,
            item_id=answer.item_id,
            question=self._round.question,
            round_id=self._round.id,
            variant=answer.variant,
            sample=answer.sample,
            model=answer.model or self._prelabeller.model,
            prompt_version=answer.prompt_version,
            prompt_hash=answer.prompt_hash,
            outcome=answer.outcome,
            value=answer.value,
            probabilities=answer.probabilities,
            confidence=answer.confidence,
            reason=answer.reason,
            raw=answer.raw,
            finish_reason=answer.finish_reason,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            seconds=answer.seconds,
            created_at=now,
            cost_usd=answer.cost_usd,
            label_mass=answer.label_mass,
            call=answer.call,
            reused_from=answer.reused_from,
        )
