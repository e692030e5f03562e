"""Ask the machine about every item that still needs it; no call that ended is made twice."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from annotate.clock import iso
from annotate.hashing import digest
from annotate.llm.ledger import CapReached
from annotate.llm.prelabeller import Answer, Prelabeller, Work
from annotate.llm.variants import belongs
from annotate.model import Item, Person, Prelabel, Round, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.examples import load_examples, pick_examples
from annotate.workspace import require_items

CHUNK = 256


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


Progress = Callable[[int, int, float], bool]
"""Told every second: items ended, items in all, US dollars spent. False asks the run to stop."""

PULSE_S = 1.0


def prelabel(
    store: Store,
    project: Project,
    question: QuestionSettings,
    prelabeller: Prelabeller,
    *,
    actor: Person,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    refresh: bool = False,
    on_progress: Progress | None = None,
) -> PrelabelReport:
    """Answers for all items that have none from these settings.

    A run that was stopped goes on where it was, with the examples it began with. Calls that
    ended in an error are asked again; every other call is made once. refresh: ask again about
    all items without a human label, with the labels people have given since as examples
    (done unasked when the annotator is free).

    A cap of the project, or `on_progress`, ends the run cleanly: calls in flight are waited for.
    Raises NotAllowed, AnnotateError without items, and ProviderError when no call can succeed;
    what was answered until then is kept.
    """
    require(actor, "prelabel")
    require_items(store, project)
    round_, resumed = _round(store, project, question, prelabeller, refresh, clock(), new_id)
    report = PrelabelReport(examples=len(round_.examples), resumed=resumed)
    total = store.prelabels.count_missing(round_)
    if total:
        unasked = _excluded(project, prelabeller)
        run = _Run(store, round_, prelabeller, clock, report, on_progress, total, unasked)
        prelabeller.learn(load_examples(store, round_.examples))
        asyncio.run(run.all())
    if report.outcomes["error"] == 0 and report.stopped is None:
        store.prelabels.finish_round(round_.id, now=iso(clock()))
    return report


def _round(
    store: Store,
    project: Project,
    question: QuestionSettings,
    prelabeller: Prelabeller,
    refresh: bool,
    now: datetime,
    new_id: Callable[[], str],
) -> tuple[Round, bool]:
    """The round to work in, stored; and whether it is one that was stopped before."""
    round_, begun = _wanted(store, project, question, prelabeller, refresh, now, new_id)
    if not begun:
        store.prelabels.start_round(round_)
    return round_, begun and round_.finished_at is None


def to_ask(
    store: Store, project: Project, question: QuestionSettings, prelabeller: Prelabeller
) -> int:
    """How many items the next run would ask about; nothing is stored."""
    now = datetime.min.replace(tzinfo=UTC)
    round_, _ = _wanted(store, project, question, prelabeller, False, now, str)
    return store.prelabels.count_missing(round_)


def _wanted(
    store: Store,
    project: Project,
    question: QuestionSettings,
    prelabeller: Prelabeller,
    refresh: bool,
    now: datetime,
    new_id: Callable[[], str],
) -> tuple[Round, bool]:
    """The round to work in, and whether it is stored already."""
    settings = digest(prelabeller.fingerprint())
    latest = store.prelabels.latest_round(project.project, question.name, settings)
    stopped = latest is not None and latest.finished_at is None
    if latest is not None and stopped and not (refresh and _only_errors_left(store, latest)):
        return latest, True
    examples = pick_examples(store, project.project, question, limit=prelabeller.example_limit)
    again = latest is not None and (refresh or prelabeller.free) and examples != latest.examples
    round_ = Round(
        id=new_id(),
        project=project.project,
        question=question.name,
        settings_hash=settings,
        model=prelabeller.model,
        variants=prelabeller.variants(),
        examples=examples,
        scope="unlabelled" if again else "missing",
        started_at=iso(now),
        finished_at=None,
    )
    if latest is not None and not again and not store.prelabels.count_missing(round_):
        return latest, True
    return round_, False


def _excluded(project: Project, prelabeller: Prelabeller) -> dict[tuple[str, int], Value]:
    """The calls that are not made, as if they were done and had named no answer.

    The settings of a round do not depend on what is excluded, so excluding a variant asks nothing
    again; taking it back does not either, and items asked in between are without it.
    """
    names = [name for name in prelabeller.variants() if belongs(name, project.llm.exclude)]
    return {(name, sample): None for name in names for sample in range(project.llm.samples)}


def _only_errors_left(store: Store, round_: Round) -> bool:
    """Whether every item has been asked about, so that what is missing are calls that failed.

    A call that fails each time must not keep a round, and its examples, in force for ever.
    """
    after = -1
    while items := store.prelabels.missing(round_, after=after, limit=CHUNK):
        after = items[-1].position
        stored = store.prelabels.of_round(round_.id, [item.id for item in items])
        failed = {prelabel.item_id for prelabel in stored if prelabel.outcome == "error"}
        if len(failed) < len(items):
            return False
    return True


Batch = list[tuple[Work, int]]
"""Items with the answers they have, and how many of their calls failed before."""


class _Run:
    """One run: workers take batches from a short queue; answers are stored as they come."""

    def __init__(
        self,
        store: Store,
        round_: Round,
        prelabeller: Prelabeller,
        clock: Callable[[], datetime],
        report: PrelabelReport,
        on_progress: Progress | None,
        total: int,
        unasked: dict[tuple[str, int], Value],
    ) -> None:
        self._unasked = unasked
        self._store, self._round, self._prelabeller = store, round_, prelabeller
        self._clock, self._report, self._on_progress = clock, report, on_progress
        self._total = total
        self._answered: list[Prelabel] = []
        self._ended: list[tuple[str, int]] = []
        self._wake = asyncio.Event()

    async def all(self) -> None:
        queue: asyncio.Queue[Batch | None] = asyncio.Queue(
            maxsize=2 * self._prelabeller.concurrency
        )
        try:
            async with asyncio.TaskGroup() as group:
                # the writer belongs to the group: when it fails, nothing more is asked
                helpers = [
                    group.create_task(each)
                    for each in (self._write(), self._pulse(), self._fill(queue))
                ]
                workers = [
                    group.create_task(self._work(queue))
                    for _ in range(self._prelabeller.concurrency)
                ]
                await asyncio.wait(workers)
                for task in helpers:
                    task.cancel()
        except BaseExceptionGroup as errors:
            raise _first(errors) from None
        finally:
            try:
                self._flush()
            finally:
                await self._prelabeller.close()

    async def _fill(self, queue: asyncio.Queue[Batch | None]) -> None:
        async for batch in self._batches():
            await queue.put(batch)
        for _ in range(self._prelabeller.concurrency):
            await queue.put(None)

    async def _pulse(self) -> None:
        """A sign of life even while no item ends."""
        while True:
            self._tell()
            await asyncio.sleep(PULSE_S)

    def _tell(self) -> None:
        if self._on_progress is None:
            return
        spent = self._report.cost_usd or 0.0
        if not self._on_progress(self._report.items, self._total, spent):
            self._report.stopped = self._report.stopped or "stopped as asked"

    async def _batches(self) -> AsyncIterator[Batch]:
        after = -1
        while items := self._store.prelabels.missing(self._round, after=after, limit=CHUNK):
            after = items[-1].position
            works = self._works(items)
            for start in range(0, len(works), self._prelabeller.batch):
                yield works[start : start + self._prelabeller.batch]

    def _works(self, items: Sequence[Item]) -> list[tuple[Work, int]]:
        """Each item with the answers it has, and how many of its calls failed before."""
        done: dict[str, dict[tuple[str, int], Value]] = defaultdict(dict)
        failed: Counter[str] = Counter()
        stored = self._store.prelabels.of_round(self._round.id, [item.id for item in items])
        for prelabel in stored:
            if prelabel.outcome == "error":
                failed[prelabel.item_id] += 1
            else:
                done[prelabel.item_id][prelabel.variant, prelabel.sample] = prelabel.value
        return [(Work(item, done[item.id] | self._unasked), failed[item.id]) for item in items]

    async def _work(self, queue: asyncio.Queue[Batch | None]) -> None:
        while (batch := await queue.get()) is not None and self._report.stopped is None:
            failed_before = {work.item.id: failed for work, failed in batch}
            errors: Counter[str] = Counter()
            try:
                async for answer in self._prelabeller.answer([work for work, _ in batch]):
                    self._keep(answer, failed_before[answer.item_id])
                    errors[answer.item_id] += answer.outcome == "error"
            except CapReached as reached:
                self._report.stopped = str(reached)
                return
            self._ended += [(item_id, errors[item_id]) for item_id in failed_before]
            self._wake.set()
            await asyncio.sleep(0)  # who never waits would keep the writer from its turn

    def _keep(self, answer: Answer, failed_before: int) -> None:
        self._answered.append(self._prelabel(answer, failed_before))
        self._report.calls += 1
        self._report.outcomes[answer.outcome] += 1
        if answer.cost_usd is not None:
            self._report.cost_usd = (self._report.cost_usd or 0.0) + answer.cost_usd
        if answer.outcome == "error" and self._report.first_error is None:
            self._report.first_error = answer.reason
        self._wake.set()

    async def _write(self) -> None:
        """Store what has come, all together: while one commit runs, the next gathers."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._flush()
            await asyncio.sleep(0)

    def _flush(self) -> None:
        if not self._answered and not self._ended:
            return
        with self._store.transaction():
            self._store.prelabels.add(self._answered)
            for item_id, errors in self._ended:
                self._store.prelabels.finish_item(
                    self._round.id, item_id, errors=errors, now=iso(self._clock())
                )
        # only now: what could not be stored is tried once more when the run ends
        ended = len(self._ended)
        self._answered, self._ended = [], []
        self._report.items += ended
        if ended:
            self._tell()

    def _prelabel(self, answer: Answer, failed_before: int) -> Prelabel:
        call = digest(self._round.id, answer.item_id, answer.variant, answer.sample, failed_before)
        return Prelabel(
            id=call,
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
            created_at=iso(self._clock()),
            cost_usd=answer.cost_usd,
            label_mass=answer.label_mass,
            call=answer.call,
            reused_from=answer.reused_from,
        )


def _first(errors: BaseException) -> BaseException:
    """The error to tell: the others are the same one from other workers."""
    first = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


def outcome_counts(report: PrelabelReport) -> Mapping[str, int]:
    """Calls of this run by outcome, most first."""
    return dict(report.outcomes.most_common())
