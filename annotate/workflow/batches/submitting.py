"""Calls on their way to the server: packed, recorded, uploaded, submitted once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from annotate.errors import ProviderError
from annotate.llm.batching.batches import MaybeSubmitted, Remote
from annotate.llm.batching.files import OPENAI_LIMITS, Limits
from annotate.llm.batching.member import BatchMember
from annotate.llm.books.ledger import CapReached
from annotate.store.machine.batches import Batch
from annotate.workflow.batches.run import CHUNK, Asking, BatchRun
from annotate.workflow.batches.waves import CallFile, Wave, cap_of

POLL_S = 30.0
TRIES = 3
SMALLEST_SHARE = 0.1
"""Of the calls that a run has submitted: what a cap must leave room for, or the run ends there.

Calls are set aside at their bound and mostly cost less, so that there is always a little room."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a run goes about it. poll_s: the longest between two looks at the server.

    wait: stay until all is fetched; otherwise look once and go.
    """

    limits: Limits = OPENAI_LIMITS
    poll_s: float = POLL_S
    wait: bool = True


class Submitting:
    """Every step is recorded before it is taken: what was cut off is found again.

    capped_by: the cap that left calls out when this was last asked to submit, if any did.
    """

    def __init__(self, run: BatchRun, pace: Pace, stop: asyncio.Event) -> None:
        self.capped_by: str | None = None
        self._run, self._pace, self._stop = run, pace, stop
        self._store = run.store.batches
        self._tried = False
        self.trials_usd: dict[str, float | None] = {}
        """What the call made directly cost, by member, until a batch is charged with it."""

    async def recover(self, *, create: bool) -> None:
        """Settle what became of batches whose submission was cut off."""
        for batch in self._run.under_way():
            if batch.state == "preparing":  # nothing was submitted: its calls are packed anew
                self._store.drop(batch.id)
            elif batch.state == "uploaded":
                await self._find(batch, create=create)

    async def _find(self, batch: Batch, *, create: bool) -> None:
        assert batch.input_file_id is not None
        server = self._run.member(batch.member).server
        remote = await server.find(batch.input_file_id, batch.id)
        if remote is None and create:
            try:
                remote = await server.create(batch.input_file_id, batch.id)
            except MaybeSubmitted:
                raise
            except ProviderError:  # the file is gone, say: its calls are packed anew
                remote = None
        if remote is None:
            self._store.drop(batch.id)
        else:
            self._submitted(batch, remote)

    def room(self) -> int | None:
        """How many more calls the server takes now; None where it never refused any."""
        batches = self._run.batches()
        told = [batch.room for batch in batches if batch.room is not None]
        if not told:
            return None
        return max(0, told[-1] - self._store.in_flight(self._run.round.id)[0])

    async def submit(self) -> bool:
        """Send everything that can be asked now, as far as caps and the server allow.

        Returns whether there was anything to send.
        """
        room = self.room()
        if room == 0 or self._stop.is_set():
            return False
        before = self._run.report.submitted
        try:
            await self._try_out()
        except CapReached as reached:
            self.capped_by = cap_of(reached)
            return False
        with TemporaryDirectory(prefix="coannotate-") as folder:
            wave = Wave(self._run, self._pace.limits, Path(folder), room=room)
            number = self._wave()
            async with aclosing(wave.files()) as files:
                async for file in files:
                    too_few = wave.capped_by is not None and self._too_few(len(file.calls))
                    if too_few or self._stop.is_set():
                        wave.take_back(file)
                    else:
                        await self._send(file, number)
        self.capped_by = wave.capped_by
        return self._run.report.submitted > before

    async def finish_items(self) -> None:
        """Note which items have no call left, without sending anything."""
        await Wave(self._run, self._pace.limits, Path(), room=0).finish_items()

    async def _try_out(self) -> None:
        """Make one call directly before anything is submitted: a wrong setting shows at once, and
        not in every line of a file a day later."""
        if self._tried:
            return
        for member in self._run.members:
            await self._try_member(member)
        self._tried = True

    async def _try_member(self, member: BatchMember) -> None:
        checked, why = False, None
        for asking in islice(self._untouched(member), TRIES):
            if not checked:
                await member.server.check()
                checked = True
            answer = await member.ask_directly(asking.work)
            if answer.outcome != "error":
                with self._run.store.transaction():
                    self._run.keep([(answer, asking.standing)])
                self.trials_usd[member.name] = answer.cost_usd
                return
            why = answer.reason
        if why is not None:
            raise ProviderError(f"{why}. Nothing was submitted", fatal=True)

    def _untouched(self, member: BatchMember) -> Iterator[Asking]:
        """Items whose next call is to be made, and of which none is in a batch."""
        after = -1
        missing = self._run.store.prelabels.missing
        while items := missing(self._run.round, after=after, limit=CHUNK, in_no_batch=True):
            after = items[-1].position
            for asking in self._run.asking(items):
                ready = [] if asking.given_up else member.ready(asking.work, ())
                if ready and ready[0].earlier is None:
                    yield asking

    async def _send(self, file: CallFile, wave: int) -> None:
        """Record the batch, upload it, submit it: killed in between, it is found again."""
        batch = self._batch(file, wave)
        server = file.member.server
        calls = (replace(call, batch_id=batch.id) for call in file.calls)
        self._store.start(batch, calls)
        try:
            file_id = await server.upload(file.path, f"coannotate-{batch.id}.jsonl")
            self._store.uploaded(batch.id, file_id)
            remote = await server.create(file_id, batch.id)
        except MaybeSubmitted:
            raise
        except ProviderError:
            self._store.drop(batch.id)
            raise
        self._submitted(batch, remote)
        self._run.report.submitted += 1

    def _batch(self, file: CallFile, wave: int) -> Batch:
        earlier = self._run.batches()
        id_ = self._run.new_id()
        priced = file.member.price is not None
        return Batch(
            id=id_,
            project=self._run.round.project,
            question=self._run.round.question,
            round_id=self._run.round.id,
            run_id=earlier[0].run_id if earlier else id_,
            wave=wave,
            number=1 + max((batch.number for batch in earlier), default=0),
            member=file.member.name,
            base_url=file.member.server.base_url,
            model=file.member.model,
            state="preparing",
            calls=len(file.calls),
            most_usd=sum(call.most_usd or 0.0 for call in file.calls) if priced else None,
            created_at=self._run.stamp(),
            direct=self._run.books.direct(),
            cost_usd=self.trials_usd.pop(file.member.name, None),
        )

    def _submitted(self, batch: Batch, remote: Remote) -> None:
        self._store.submitted(batch.id, remote.id, remote.status, now=self._run.stamp())

    def _wave(self) -> int:
        batches = self._run.batches()
        last = max((batch.wave for batch in batches), default=0)
        return last if self._run.under_way() else last + 1

    def _too_few(self, calls: int) -> bool:
        sent = sum(batch.calls for batch in self._run.batches() if batch.state != "refused")
        return calls < SMALLEST_SHARE * sent
