"""The same items asked about in two ways, one after the other, item by item."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from annotate.llm.books.ledger import CapReached
from annotate.llm.prelabeller import Answer, Prelabeller, Work
from annotate.model import Value
from annotate.workflow.prelabels.calls import first_error
from annotate.workflow.prelabels.standing import Place

Keep = Callable[[Answer], None]
GoOn = Callable[[int], bool]
"""Told how many items are done; False asks to begin no further one."""


@dataclass(frozen=True, slots=True)
class Arm:
    """Who is asked, and which calls are not made, as if they had ended with these values."""

    prelabeller: Prelabeller
    unasked: Mapping[Place, Value]

    def own(self, work: Work) -> Work:
        """The item as this arm is asked about it."""
        return replace(work, done=self.unasked)


@dataclass(slots=True)
class Heard:
    """before, after: item id -> the answers to all its calls, for items that both were asked about.
    stopped: why others were not."""

    before: dict[str, list[Answer]] = field(default_factory=dict)
    after: dict[str, list[Answer]] = field(default_factory=dict)
    stopped: str | None = None


def ask_both(before: Arm, after: Arm, works: Sequence[Work], *, keep: Keep, go_on: GoOn) -> Heard:
    """What both say of every item; both have their examples already.

    Item by item, so that a cap that is reached leaves no item that only one was asked about and
    paid for, but for those in flight. keep: is given each answer at once. Raises fatal
    ProviderError.
    """
    heard = Heard()
    try:
        asyncio.run(_all(before, after, works, heard, keep, go_on))
    except BaseExceptionGroup as errors:
        raise first_error(errors) from None
    return heard


async def _all(
    before: Arm,
    after: Arm,
    works: Sequence[Work],
    heard: Heard,
    keep: Keep,
    go_on: GoOn,
) -> None:
    arms = before.prelabeller, after.prelabeller
    size = min(arm.batch for arm in arms)
    batches = iter([works[at : at + size] for at in range(0, len(works), size)])

    async def worker() -> None:
        for batch in batches:
            if heard.stopped is not None:
                return
            try:
                first = await _answers(before, batch, keep)
                second = await _answers(after, [_knowing(w, first) for w in batch], keep)
            except CapReached as reached:
                heard.stopped = heard.stopped or str(reached)
                return
            heard.before |= first
            heard.after |= second
            if not go_on(len(heard.after)):
                heard.stopped = heard.stopped or "stopped on request"

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(arm.concurrency for arm in arms)):
                group.create_task(worker())
    finally:
        await asyncio.gather(*(arm.close() for arm in arms))


def _knowing(work: Work, heard: Mapping[str, Sequence[Answer]]) -> Work:
    """What both ways ask alike is asked once."""
    same = {
        answer.call: replace(answer, reused_from=answer.reused_from or "trial")
        for answer in heard[work.item.id]
        if answer.call is not None and answer.outcome != "error"
    }
    return replace(work, earlier={**work.earlier, **same})


async def _answers(arm: Arm, batch: Sequence[Work], keep: Keep) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = {work.item.id: [] for work in batch}
    async for answer in arm.prelabeller.answer([arm.own(work) for work in batch]):
        keep(answer)
        found[answer.item_id].append(answer)
    return found
