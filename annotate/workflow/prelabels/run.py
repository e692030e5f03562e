"""One run of a round: hands works over to the calls and stores what comes back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from annotate.clock import iso
from annotate.llm.prelabeller import Answer, Prelabeller, Work
from annotate.model import Round, Value
from annotate.store import Store
from annotate.workflow.prelabels.calls import Calls, Ended
from annotate.workflow.prelabels.interrupts import noted
from annotate.workflow.prelabels.standing import Standing, standings

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
    reused: int = 0
    """Answers taken over from earlier rounds, which asked exactly the same."""
    to_ask_again: int = 0
    """Calls that failed; the next run asks them again."""
    given_up: int = 0
    """Calls of the round that failed `MOST_FAILURES` times: only a refresh asks them again."""
    examples: int = 0
    resumed: bool = False
    first_error: str | None = None
    cost_usd: float | None = None
    stopped: str | None = None
    """Why the run ended before its last item: a cap, or somebody's wish."""

    def count(self, answer: Answer) -> None:
        """Take an answer that was stored into the sums."""
        if answer.reused_from is not None:
            self.reused += 1
            return
        self.calls += 1
        self.outcomes[answer.outcome] += 1
        if answer.cost_usd is not None:
            self.cost_usd = (self.cost_usd or 0.0) + answer.cost_usd
        if answer.outcome == "error" and self.first_error is None:
            self.first_error = answer.reason


def outcome_counts(report: PrelabelReport) -> Mapping[str, int]:
    """Calls of this run by outcome, most first."""
    return dict(report.outcomes.most_common())


Progress = Callable[[int, int, float], bool]
"""Told every second: items ended, items in all, US dollars spent. False asks the run to stop."""


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
        self._asked: dict[str, Standing] = {}
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
            found = standings(self._store, self._round, items, self._unasked)
            self._asked |= {one.work.item.id: one for one in found}
            works = [one.work for one in found]
            for start in range(0, len(works), self._prelabeller.batch):
                yield works[start : start + self._prelabeller.batch]

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
        rows = [
            self._asked[answer.item_id].prelabel(
                answer, self._round, self._prelabeller.model, now=now
            )
            for answer in answers
        ]
        with self._store.transaction():
            self._store.prelabels.add(rows)
            for item_id in ended:
                self._finish(item_id, now)
        self._calls.stored(len(came))
        for answer in answers:
            self._report.count(answer)
        for item_id in ended:
            self._report.to_ask_again += self._asked.pop(item_id).to_ask_again
        self._report.items += len(ended)
        return len(ended)

    def _finish(self, item_id: str, now: str) -> None:
        standing = self._asked[item_id]
        self._store.prelabels.finish_item(
            self._round.id,
            item_id,
            errors=standing.to_ask_again,
            given_up=standing.given_up,
            now=now,
        )
