"""One question through the Batch API: submit, wait, fetch, until nothing is left to ask."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from annotate.errors import ProviderError
from annotate.llm.batching.batches import TOO_MANY, Remote, refused, unknown_there
from annotate.store.machine.batches import Batch
from annotate.workflow.batches.results import Fetch, NoResults
from annotate.workflow.batches.run import BatchRun
from annotate.workflow.batches.submitting import Pace, Submitting
from annotate.workflow.prelabels.under_way import counted, told

PATIENCE = 10
"""Looks in a row that may fail while a batch is waited for: a network comes back."""

_GONE = "If it is gone for good, `coannotate batches --cancel` gives it up"
_COUNTED = ("preparing", "uploaded", "submitted", "fetched")


class Campaign:
    """What it did is in the store at every moment: killed and begun again, it goes on."""

    def __init__(
        self, run: BatchRun, pace: Pace, stop: asyncio.Event, *, giving_up: bool = False
    ) -> None:
        """stop: set when the run is to end, at a point where it can be picked up. giving_up: cancel
        what is under way, instead of submitting more."""
        self._run, self._pace, self._stop = run, pace, stop
        self._store, self._report, self._answers = run.store.batches, run.report, run.report.answers
        self._submitting = Submitting(run, pace, stop)
        self._giving_up = giving_up
        self._failed_looks = 0

    async def prepare(self) -> None:
        """Settle what an earlier command left, and take what it spent into the books: before any
        campaign that shares them submits more."""
        await self._submitting.recover(create=not self._giving_up)
        calls, most_usd = self._store.in_flight(self._run.round.id)
        batches = self._run.batches()
        self._run.books.resume(
            calls=calls + sum(batch.answered + batch.direct for batch in batches),
            spent_usd=most_usd + sum(batch.cost_usd or 0.0 for batch in batches),
        )

    async def all(self) -> None:
        """Raises ProviderError; what was submitted or fetched until then is kept."""
        if self._giving_up:
            await self._cancel()
        else:
            await self._submit(always_say=True)
        while self._run.under_way() and await self._one_closed():
            if not self._run.under_way() or self._submitting.room() is not None:
                await self._submit()
        await self._end()

    @property
    def unbooked_usd(self) -> float:
        """What direct calls cost that no batch has been charged with."""
        return sum(usd or 0.0 for usd in self._submitting.trials_usd.values())

    def standing(self) -> tuple[int, int, float]:
        """Calls of this run that came back by the server's count, calls in all, US dollars."""
        batches = [batch for batch in self._run.batches() if batch.state in _COUNTED]
        done = [b.calls if b.closed_at else b.done + b.failed for b in batches]
        spent_usd = sum(batch.cost_usd or 0.0 for batch in batches)
        return sum(done), sum(batch.calls for batch in batches), spent_usd

    async def _cancel(self) -> None:
        for batch in self._run.under_way():
            assert batch.server_id is not None
            with suppress(ProviderError):  # it may have ended just now: looking at it will tell
                await self._run.member(batch.member).server.cancel(batch.server_id)

    async def _submit(self, *, always_say: bool = False) -> None:
        if self._giving_up:
            return
        if await self._submitting.submit():
            self._say("submitted")
        elif always_say and self._run.under_way():
            self._say("under way")

    async def _one_closed(self) -> bool:
        """Wait until a batch has been closed; False when the run is to end before."""
        began_s = time.monotonic()
        while self._answers.stopped is None:
            if await self._look_at_all():
                return self._answers.stopped is None
            if self._stop.is_set():
                self._answers.stopped = "stopped as asked"
            elif not self._pace.wait:
                return False
            else:
                await self._rest(time.monotonic() - began_s)
        return False

    async def _look_at_all(self) -> bool:
        """Whether a batch has been closed."""
        closed = False
        for batch in self._run.under_way():
            failed = self._failed_looks
            closed = await self._look(batch) or closed
            if self._failed_looks > failed:  # nobody is there now: for the others neither
                break
        return closed

    async def _rest(self, waited_s: float) -> None:
        """Until the next look: the longer it has taken, the longer it will."""
        rest_s = min(self._pace.poll_s, max(1.0, waited_s / 10))
        with suppress(TimeoutError):
            async with asyncio.timeout(rest_s):
                await self._stop.wait()

    async def _look(self, batch: Batch) -> bool:
        """See how far a batch is, and fetch it when it has ended; whether it is closed now."""
        try:
            remote = await self._seen(batch)
            return remote is not None and await self._closed(batch, remote)
        except ProviderError as error:
            if self._giving_up and (refused(error) or isinstance(error, NoResults)):
                self._forget(batch, error.why)
                return True
            if unknown_there(error):
                raise ProviderError(f"{error.why}. {_GONE}", fatal=True) from error
            raise

    async def _seen(self, batch: Batch) -> Remote | None:
        """Where the server says that a batch is; None when it could not be asked just now."""
        assert batch.server_id is not None
        try:
            remote = await self._run.member(batch.member).server.get(batch.server_id)
        except ProviderError as error:
            self._failed_looks += 1
            if refused(error) or self._failed_looks >= PATIENCE:
                raise
            return None
        self._failed_looks = 0
        self._store.seen(batch.id, remote.status, done=remote.done, failed=remote.failed)
        return remote

    async def _closed(self, batch: Batch, remote: Remote) -> bool:
        if not remote.ended:
            return False
        if remote.status == "failed" and remote.output_file_id is None:
            self._refused(batch, remote)
        else:
            await self._fetch(batch, remote)
        return True

    def _forget(self, batch: Batch, why: str) -> None:
        """The server knows nothing of it any more, or nothing that can be read."""
        left = self._store.give_up(batch.id, why, now=self._run.stamp())
        self._run.books.give_back_all(*left)
        self._run.tell(f"{self._report.question}: batch {batch.server_id} is given up: {why}")

    async def _fetch(self, batch: Batch, remote: Remote) -> None:
        fetch = Fetch(self._run, batch, remote)
        await fetch.all()
        failed = f", {fetch.failed:,} failed" if fetch.failed else ""
        name = f"{self._report.question}: batch {batch.number} ({remote.id}) {remote.status}"
        self._run.tell(f"{name}: {counted(fetch.answered, 'answer', 'answers')}{failed}")
        if remote.status == "cancelled" and not self._giving_up:
            self._answers.stopped = f"batch {remote.id} was cancelled"

    def _refused(self, batch: Batch, remote: Remote) -> None:
        """The server ran nothing of it. Raises ProviderError unless fewer calls may be taken."""
        member = self._run.member(batch.member)
        said = "; ".join(message.rstrip(".") for _, message in remote.errors[:3])
        why = member.server.safe(said) or "no explanation"
        too_many = batch.calls > 1 and any(code == TOO_MANY for code, _ in remote.errors)
        others = sum(b.calls for b in self._run.under_way() if b.id != batch.id)
        room = (others or batch.calls // 2) if too_many else None
        left = self._store.refuse(batch.id, why, room=room, now=self._run.stamp())
        self._run.books.give_back_all(*left)
        where = f"{member.server.base_url} refused batch {remote.id}"
        if room is None:
            raise ProviderError(f"{where}: {why}. Nothing was run", fatal=True)
        self._run.tell(f"{where}: {why}. Going on with {room:,} calls at once")

    async def _end(self) -> None:
        waiting = self._run.under_way()
        self._report.waiting_batches = len(waiting)
        self._report.waiting_calls = sum(batch.calls for batch in waiting)
        if waiting:
            return
        cap = self._submitting.capped_by
        if cap is not None:
            await self._submitting.finish_items()
            self._answers.stopped = self._answers.stopped or self._run.books.no_room(cap)
        prelabels = self._run.store.prelabels
        self._answers.given_up = prelabels.count_given_up(self._run.round.id)
        if not prelabels.count_missing(self._run.round):
            prelabels.finish_round(self._run.round.id, now=self._run.stamp())

    def _say(self, how: str) -> None:
        """Tell what is under way, and that nobody has to stay for it."""
        batches = self._run.under_way()
        calls = sum(batch.calls for batch in batches)
        priced = [batch.most_usd for batch in batches if batch.most_usd is not None]
        cost = f"at most ${sum(priced):.4f}" if priced else "cost unknown: add `llm.price`"
        capped_by = self._submitting.capped_by
        cap = f"; {capped_by} leaves the rest for later" if capped_by else ""
        self._run.tell(
            f"{self._report.question}: {told(len(batches), calls)} {how}, {cost}{cap}; you may "
            "stop now: run the same command again to go on"
        )
