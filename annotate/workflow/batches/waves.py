"""Which calls go into the next batches: all that can be made now and are in none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from annotate.llm.asking import Ready
from annotate.llm.batching.files import Limits, call_line
from annotate.llm.batching.member import BatchMember, Place
from annotate.llm.books.ledger import CapReached
from annotate.llm.prelabeller import Answer, Work
from annotate.store.machine.batches import BatchCall
from annotate.workflow.batches.run import CHUNK, Asking, BatchRun


@dataclass(slots=True)
class CallFile:
    """Calls to one model, written as they come; memory holds what is to be recorded of them."""

    member: BatchMember
    path: Path
    calls: list[BatchCall] = field(default_factory=list)
    _out: BinaryIO | None = None

    def fits(self, line: bytes, limits: Limits) -> bool:
        if not self.calls or self._out is None:
            return True
        return len(self.calls) < limits.calls and self._out.tell() + len(line) <= limits.bytes

    def add(self, line: bytes, call: BatchCall) -> None:
        if self._out is None:
            self._out = self.path.open("wb")
        self._out.write(line)
        self.calls.append(call)

    def close(self) -> None:
        if self._out is not None:
            self._out.close()


def cap_of(reached: CapReached) -> str:
    """The setting that a cap is: `llm.max_calls` or `llm.max_cost_usd`."""
    return str(reached).split(" ", 1)[0]


class Wave:
    """One pass over the items that still need answers.

    room: how many calls may go out; None for all. Afterwards, `capped_by` names the cap that left
    calls out, if any did.
    """

    def __init__(self, run: BatchRun, limits: Limits, folder: Path, *, room: int | None) -> None:
        self._run, self._limits, self._folder, self._room = run, limits, folder, room
        self.capped_by: str | None = None

    async def files(self) -> AsyncGenerator[CallFile, None]:
        """Full files, and what is left for each model. Each is to be sent before the next is
        asked for."""
        files = {member.name: self._new(member) for member in self._run.members}
        try:
            async for member, ready in self._ready():
                line = call_line(ready.call, member.body(ready))
                if not files[member.name].fits(line, self._limits):
                    files[member.name].close()
                    yield files[member.name]
                    files[member.name] = self._new(member)
                call = self._call(member, ready)
                if call is None:
                    break
                files[member.name].add(line, call)
        finally:
            for file in files.values():
                file.close()
        for file in files.values():
            if file.calls:
                yield file

    async def finish_items(self) -> None:
        """Only finish the items that have no call left."""
        async for _ in self._ready():
            pass

    def take_back(self, file: CallFile) -> None:
        """A file is not sent after all."""
        for call in file.calls:
            self._run.books.give_back(call.most_usd)

    def _new(self, member: BatchMember) -> CallFile:
        return CallFile(member, self._folder / f"{member.name or 'calls'}.jsonl")

    def _call(self, member: BatchMember, ready: Ready) -> BatchCall | None:
        """The call with what is set aside for it; None when no more may go out."""
        if self._room == 0:
            return None
        try:
            most_usd = self._run.books.set_aside(member.bound(ready), member.price)
        except CapReached as reached:
            self.capped_by = cap_of(reached)
            return None
        if self._room is not None:
            self._room -= 1
        return BatchCall(
            round_id=self._run.round.id,
            custom_id=ready.call,
            item_id=ready.item_id,
            variant=ready.variant,
            sample=ready.sample,
            batch_id=None,
            most_usd=most_usd,
        )

    async def _ready(self) -> AsyncIterator[tuple[BatchMember, Ready]]:
        """The calls to make, by item position. Items with none left are finished on the way."""
        store, round_ = self._run.store, self._run.round
        after = -1
        while items := store.prelabels.missing(round_, after=after, limit=CHUNK, in_no_batch=True):
            after = items[-1].position
            chunk: list[tuple[BatchMember, Ready]] = []
            with store.transaction():
                for asking in self._run.asking(items):
                    chunk += self._of_item(asking)
            for each in chunk:
                yield each
            await asyncio.sleep(0)  # others look at the clock meanwhile

    def _of_item(self, asking: Asking) -> list[tuple[BatchMember, Ready]]:
        """Its calls to make; answers that need no call are stored."""
        work, given_up, reused = asking.work, asking.given_up, list[Answer]()
        calls = self._open(work, given_up)
        while known := [call.earlier for _, call in calls if call.earlier is not None]:
            reused += known
            values = {(answer.variant, answer.sample): answer.value for answer in known}
            work = replace(work, done={**work.done, **values})
            calls = self._open(work, given_up)
        left = [] if calls else self._left(work, given_up)
        self._run.keep((answer, asking.standing) for answer in (*reused, *left))
        if not calls:
            self._run.finish(asking)
        return calls

    def _open(self, work: Work, given_up: set[Place]) -> list[tuple[BatchMember, Ready]]:
        members = self._run.members
        return [(member, call) for member in members for call in member.ready(work, given_up)]

    def _left(self, work: Work, given_up: set[Place]) -> list[Answer]:
        """Answers in place of calls that can never be made."""
        members = self._run.members
        return [answer for member in members for answer in member.not_askable(work, given_up)]
