"""What came back: replies become answers, what failed waits for the next batch. Each line once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from annotate.errors import ProviderError
from annotate.llm.asking import Ready
from annotate.llm.batching.batches import Remote
from annotate.llm.batching.files import Failed, read_result, read_results
from annotate.llm.prelabeller import Answer
from annotate.llm.providers import Reply
from annotate.store.machine.batches import Batch, BatchCall
from annotate.workflow.batches.run import ATTEMPTS, CHUNK, BatchRun
from annotate.workflow.prelabels.standing import Standing

Ending = tuple[BatchCall, Reply | Failed, tuple[Ready, Standing] | None]
"""A call, what came back, and the call as it was made with how its item stood."""

_LEFT_OUT = {
    "expired": "the batch expired before the call was made",
    "cancelled": "the batch was cancelled before the call was made",
}

_CHANGED = "it was asked in a form that this version of the program does not use"


class Ended(NamedTuple):
    """A call and what it came to; None when the reply cannot be read any more."""

    call: BatchCall
    answer: Answer | None
    standing: Standing | None
    cost_usd: float | None

    @property
    def good(self) -> bool:
        return self.answer is not None and self.answer.outcome != "error"


class _Lines:
    """The lines of result files, which come in any order, by the call they are about."""

    def __init__(self) -> None:
        self.files: list[Path] = []
        self._at: dict[str, tuple[int, int]] = {}

    def add(self, path: Path) -> bool:
        """Read through a file; False for one that has lines, of which none can be read."""
        readable = broken = 0
        with path.open("rb") as file:
            for at, result in read_results(file):
                if result is None:
                    broken += 1
                else:
                    readable += 1
                    self._at.setdefault(result.custom_id, (len(self.files), at))
        self.files.append(path)
        return readable > 0 or not broken

    def get(self, custom_id: str) -> Mapping[str, Any] | Failed | None:
        """What is said of a call; None when nothing is."""
        if custom_id not in self._at:
            return None
        number, at = self._at[custom_id]
        with self.files[number].open("rb") as file:
            file.seek(at)
            result = read_result(file.readline())
        assert result is not None
        return result.said


class NoResults(ProviderError):
    """The server has ended a batch, but its results cannot be read."""


class Fetch:
    """Stores the results of one batch that has ended. Begun again, it goes on where it was."""

    def __init__(self, run: BatchRun, batch: Batch, remote: Remote) -> None:
        self._run, self._batch, self._remote = run, batch, remote
        self._member = run.member(batch.member)
        self.answered = self.failed = 0

    async def all(self) -> None:
        """Raises ProviderError when the results cannot be had."""
        if self._remote.done and self._remote.output_file_id is None:
            raise self._unusable(f"has {self._remote.done:,} results, but names no file with them")
        with TemporaryDirectory(prefix="coannotate-") as folder:
            lines = _Lines()
            for file_id in (self._remote.output_file_id, self._remote.error_file_id):
                if file_id is not None:
                    path = Path(folder) / f"{len(lines.files)}.jsonl"
                    await self._member.server.save(file_id, path)
                    if not lines.add(path):  # a page of a proxy, say: nothing is known of any call
                        raise self._unusable("has results that are no JSON lines")
            await self._settle_all(lines)
        self._run.store.batches.fetched(self._batch.id, now=self._run.stamp())

    async def _settle_all(self, lines: _Lines) -> None:
        """Every call of the batch, item by item: what belongs together is made anew together."""
        missing = Failed(_LEFT_OUT.get(self._remote.status, "missing from the results"))
        while calls := self._run.store.batches.left(self._batch.id, limit=CHUNK):
            said = {call.custom_id: lines.get(call.custom_id) or missing for call in calls}
            await self._settle(calls, said)

    def _unusable(self, how: str) -> NoResults:
        where = self._member.server.base_url
        return NoResults(f"{where}: batch {self._remote.id} {how}. Run again later", fatal=True)

    async def _settle(
        self, calls: Sequence[BatchCall], said: Mapping[str, Mapping[str, Any] | Failed]
    ) -> None:
        """Each of these calls into the store, as an answer or as a call to make again."""
        ready = self._remade(calls)
        again: list[tuple[BatchCall, str]] = []
        ending = []
        for call in calls:
            reply = self._reply(said[call.custom_id])
            if isinstance(reply, Failed) and reply.again and call.attempt < ATTEMPTS:
                again.append((call, reply.why))
            else:
                ending.append((call, reply, ready.get(call.custom_id)))
        self._put_back(again)
        await self._store_as_they_end(ending)

    def _reply(self, said: Mapping[str, Any] | Failed) -> Reply | Failed:
        if isinstance(said, Failed):
            return Failed(self._member.server.safe(said.why), said.again)
        return self._member.reply(said)

    def _remade(self, calls: Sequence[BatchCall]) -> dict[str, tuple[Ready, Standing]]:
        """custom_id -> the call as it was made, and how its item stands."""
        items = self._run.store.items.several(sorted({call.item_id for call in calls}))
        return {
            ready.call: (ready, asking.standing)
            for asking in self._run.asking(list(items.values()))
            for ready in self._member.ready(asking.work, asking.given_up)
        }

    def _put_back(self, calls: Sequence[tuple[BatchCall, str]]) -> None:
        """These wait for the next batch."""
        with self._run.store.transaction():
            for call, why in calls:
                self._run.store.batches.failed(call.round_id, call.custom_id, why, give_up=False)
        for call, _ in calls:
            self._run.books.give_back(call.most_usd)
        self.failed += len(calls)

    async def _store_as_they_end(self, ending: Sequence[Ending]) -> None:
        """Most have ended already; second tries take their time, and each is kept at once."""
        tasks = {asyncio.ensure_future(self._end(*each)) for each in ending}
        try:
            while tasks:
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                broken = [error for task in done if (error := task.exception()) is not None]
                self._keep([task.result() for task in done if task.exception() is None])
                if broken:
                    raise broken[0]
        finally:
            for task in tasks:
                task.cancel()

    async def _end(
        self, call: BatchCall, reply: Reply | Failed, made: tuple[Ready, Standing] | None
    ) -> Ended:
        cost_usd = None
        if isinstance(reply, Failed):
            self._run.books.give_back(call.most_usd)
        else:
            cost_usd = self._run.books.settle(call.most_usd, reply, self._member.price)
        if made is None:
            return Ended(call, None, None, cost_usd)
        ready, standing = made
        got = ProviderError(reply.why) if isinstance(reply, Failed) else reply
        answer = await self._member.finish(ready, got, cost_usd)
        return Ended(call, answer, standing, answer.cost_usd)

    def _keep(self, ended: Sequence[Ended]) -> None:
        batches, books = self._run.store.batches, self._run.books
        good = [one.call.custom_id for one in ended if one.good]
        costs = [one.cost_usd for one in ended if one.cost_usd is not None]
        with self._run.store.transaction():
            self._run.keep(
                (one.answer, one.standing) for one in ended if one.answer and one.standing
            )
            batches.answered(self._run.round.id, good)
            for one in ended:
                if not one.good:
                    call, why = one.call, one.answer.reason if one.answer else _CHANGED
                    batches.failed(call.round_id, call.custom_id, why or "", give_up=True)
            batches.tally(
                self._batch.id,
                answered=len(good),
                direct=books.direct(),
                cost_usd=sum(costs) if costs else None,
            )
        self.answered += len(good)
        self.failed += len(ended) - len(good)
