"""The calls of a run, on an event loop in a thread of their own: storing never holds them up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from annotate.llm.books.ledger import CapReached
from annotate.llm.prelabeller import Answer, Prelabeller, Work

AHEAD = 2
"""What may wait, as a multiple of the calls in flight: works to be taken, answers to be stored.

Calls never wait for the disk while a commit is shorter than two of them. A crash loses no more
answers than these and those in flight."""

GATHER_S = 0.05
"""How long an answer waits for others: a commit of sixteen costs little more than one of one."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Every call for these items has ended, and its answers came before this."""

    item_ids: Sequence[str]


Event = Answer | Ended


class Calls:
    """Seen from the thread that reads and stores; what runs on the loop is named `_on_loop`.

    Neither side can run away from the other: works are handed over while there is `room`, and
    no call begins while too many answers wait to be stored.
    """

    def __init__(self, prelabeller: Prelabeller) -> None:
        self.stopped: str | None = None
        """Why no further item is begun."""
        self._prelabeller = prelabeller
        self._most_waiting = AHEAD * prelabeller.concurrency
        # an answer and the end of its item are two events
        self._many = 2 * prelabeller.concurrency * prelabeller.batch
        self._most_unstored = AHEAD * self._many
        self._came: list[Event] = []
        self._handed = self._taken = self._held_up = 0
        self._news, self._enough = threading.Event(), threading.Event()
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._cancelled = False

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """While the block runs, so do the calls; an error in it cancels those in flight.

        Behind it the thread has ended and connections are closed.
        """
        with ThreadPoolExecutor(1, "calls") as pool:
            try:
                self._over: Future[None] = pool.submit(asyncio.run, self._all_on_loop())
                self._over.add_done_callback(self._ended)
                self._ready.wait()
                yield
            except BaseException:
                self._cancelled = True  # for a loop that is only about to start
                self._soon(self._cancel_on_loop)
                raise

    @property
    def going(self) -> bool:
        return not self._over.done()

    @property
    def room(self) -> int:
        """How many more batches may be handed over now."""
        return self._most_waiting - (self._handed - self._taken)

    def hand(self, batches: Sequence[Sequence[Work]]) -> None:
        """Items to ask about, in batches for one worker each."""
        self._handed += len(batches)
        self._soon(self._take_on_loop, batches)

    def finish(self) -> None:
        """Nothing more will be handed over."""
        self._soon(self._release_on_loop)

    def stop(self, why: str) -> None:
        """Begin no further item; those that are begun are asked about to their end."""
        self.stopped = self.stopped or why
        self.finish()

    def wait(self, seconds: float) -> None:
        """Until it is worth storing what came, or all calls have ended; at most so long."""
        if self._news.wait(seconds):
            self._enough.wait(GATHER_S)
        self._news.clear()
        self._enough.clear()

    def came(self) -> list[Event]:
        """What has come and is not yet `stored`, in order."""
        return self._came.copy()

    def stored(self, count: int) -> None:
        """The first `count` of `came` are safe: forget them."""
        del self._came[:count]
        if self._held_up:
            self._soon(self._go_on_on_loop)

    def raise_error(self) -> None:
        """Raise what ended the calls, if it was an error."""
        self._over.result()

    def _ended(self, _: Future[None]) -> None:
        self._ready.set()  # also when there was no loop to be ready
        self._news.set()
        self._enough.set()

    def _soon(self, what: Callable[..., object], *arguments: object) -> None:
        """On the loop, in its turn; nowhere when it has ended, because then so have the calls."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(what, *arguments)

    async def _all_on_loop(self) -> None:
        self._queue: asyncio.Queue[Sequence[Work] | None] = asyncio.Queue()
        self._space, self._task = asyncio.Event(), asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        if self._cancelled:
            return
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._prelabeller.concurrency):
                    group.create_task(self._work_on_loop())
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None
        finally:
            await self._prelabeller.close()

    async def _work_on_loop(self) -> None:
        while (batch := await self._queue.get()) is not None and self.stopped is None:
            self._taken += 1
            try:
                async for answer in self._prelabeller.answer(batch):
                    self._tell_on_loop(answer)
                    if len(self._came) >= self._most_unstored:
                        await self._wait_on_loop()
            except CapReached as reached:
                self.stopped = self.stopped or str(reached)
                self._release_on_loop()
                return
            self._tell_on_loop(Ended([work.item.id for work in batch]))
            await asyncio.sleep(0)  # who never waits would keep the others from their turn

    def _tell_on_loop(self, event: Event) -> None:
        self._came.append(event)
        if not self._news.is_set():
            self._news.set()
        if len(self._came) >= self._many and not self._enough.is_set():
            self._enough.set()

    async def _wait_on_loop(self) -> None:
        """Until more answers are stored. Counted before looking: none can be stored unnoticed."""
        self._held_up += 1
        while len(self._came) >= self._most_unstored:
            self._space.clear()
            await self._space.wait()
        self._held_up -= 1

    def _take_on_loop(self, batches: Sequence[Sequence[Work]]) -> None:
        for batch in batches:
            self._queue.put_nowait(batch)

    def _release_on_loop(self) -> None:
        """Whoever waits for work, or will, goes home."""
        for _ in range(self._prelabeller.concurrency):
            self._queue.put_nowait(None)

    def _go_on_on_loop(self) -> None:
        self._space.set()

    def _cancel_on_loop(self) -> None:
        assert self._task is not None
        self._task.cancel()


def first_error(errors: BaseException) -> BaseException:
    """The error to tell: the others are the same one from other workers."""
    first = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
