"""Several models as one pre-labeller: each answers every item in its own variants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from annotate.errors import ProviderError
from annotate.llm.books.ledger import CapReached, Ledger
from annotate.llm.prelabeller import Answer, Prelabeller, Preview, Work
from annotate.llm.prompts import Example
from annotate.model import Value


class EnsemblePrelabeller:
    """Implements `Prelabeller` over members by name, which hold no slash.

    A variant is called `member/variant`; an answer names the member's model. The members answer an
    item at the same time, each no more items at once than it alone would.
    """

    def __init__(self, members: Mapping[str, Prelabeller], *, ledger: Ledger) -> None:
        """ledger: the one that the members were made with."""
        self.members = dict(members)
        self.ledger = ledger
        alone = list(self.members.values())
        self.model = " + ".join(dict.fromkeys(member.model for member in alone))
        self.free = all(member.free for member in alone)
        self.batch = min(member.batch for member in alone)
        self.concurrency = max(member.concurrency for member in alone)
        limits = [member.example_limit for member in alone]
        self._at_once = {n: asyncio.Semaphore(m.concurrency) for n, m in self.members.items()}
        self.example_limit = None if None in limits else max(n for n in limits if n is not None)

    def variants(self) -> tuple[str, ...]:
        return tuple(
            f"{name}/{variant}"
            for name, member in self.members.items()
            for variant in member.variants()
        )

    def fingerprint(self) -> Mapping[str, Value]:
        return {"members": {name: one.fingerprint() for name, one in self.members.items()}}

    def announcement(self) -> str | None:
        said = ((name, member.announcement()) for name, member in self.members.items())
        return "\n".join(f"{name}: {text}" for name, text in said if text is not None) or None

    def preview(self, work: Work) -> list[Preview]:
        return [
            replace(call, variant=f"{name}/{call.variant}")
            for name, member in self.members.items()
            for call in member.preview(self.work_of(name, work))
        ]

    def work_of(self, member: str, work: Work) -> Work:
        """What of an item is a member's."""
        prefix = f"{member}/"
        done = {
            (variant.removeprefix(prefix), sample): value
            for (variant, sample), value in work.done.items()
            if variant.startswith(prefix)
        }
        return replace(work, done=done)

    def learn(self, examples: Sequence[Example]) -> None:
        """A member takes as many as it would alone: the first ones are the same."""
        for member in self.members.values():
            member.learn(examples[: member.example_limit])

    async def answer(self, works: Sequence[Work]) -> AsyncIterator[Answer]:
        """As the protocol says. At a cap, what other members have in flight is waited for; a fatal
        error names the member."""
        came: asyncio.Queue[Answer | asyncio.Task[None]] = asyncio.Queue()
        tasks = [asyncio.create_task(self._ask(name, works, came)) for name in self.members]
        for task in tasks:
            task.add_done_callback(came.put_nowait)
        asked, stop = len(tasks), None
        try:
            while asked:
                one = await came.get()
                if isinstance(one, Answer):
                    yield one
                    continue
                asked -= 1
                error = None if one.cancelled() else one.exception()
                if error is not None and (stop is None or isinstance(stop, CapReached)):
                    stop = error
                if not isinstance(error, CapReached | None):
                    _cancel(tasks)
        finally:
            _cancel(tasks)
            await asyncio.gather(*tasks, return_exceptions=True)
        if stop is not None:
            raise stop

    async def close(self) -> None:
        await asyncio.gather(*(member.close() for member in self.members.values()))

    async def _ask(
        self, name: str, works: Sequence[Work], came: asyncio.Queue[Answer | asyncio.Task[None]]
    ) -> None:
        """Put one member's answers into the queue."""
        own = [self.work_of(name, work) for work in works]
        async with self._at_once[name]:
            try:
                async for answer in self.members[name].answer(own):
                    model = answer.model or self.members[name].model
                    renamed = replace(answer, variant=f"{name}/{answer.variant}", model=model)
                    came.put_nowait(renamed)
            except ProviderError as error:
                raise named(name, error) from error


def named(member: str, error: ProviderError) -> ProviderError:
    """The error, and whose it is."""
    why = f"ensemble member {member!r}: {error.why}"
    return ProviderError(why, retry_after_s=error.retry_after_s, fatal=error.fatal)


def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
