"""Pre-label through a server's Batch API: for less money, within a day, killed at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from annotate.errors import Conflict
from annotate.hashing import digest
from annotate.llm.batching.member import BatchMember
from annotate.llm.prelabeller import Prelabeller
from annotate.model import Person, Round, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.batches.books import Books
from annotate.workflow.batches.campaign import Campaign
from annotate.workflow.batches.run import BatchReport, BatchRun
from annotate.workflow.batches.submitting import Pace
from annotate.workflow.prelabels.calls import first_error
from annotate.workflow.prelabels.examples import load_examples
from annotate.workflow.prelabels.prelabelling import open_round
from annotate.workflow.prelabels.run import PULSE_S, PrelabelReport, Progress
from annotate.workflow.prelabels.under_way import told
from annotate.workspace import require_items

USUAL = Pace()


@dataclass(frozen=True, slots=True)
class Batched:
    """A question, who answers it, and the Batch API of each model that does."""

    question: QuestionSettings
    prelabeller: Prelabeller
    members: Sequence[BatchMember]
    unasked: Mapping[tuple[str, int], Value] = field(default_factory=dict)
    """Calls that are not made, as if they had ended with these values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a batch verb gets from outside. tell: takes lines about what happens.

    on_progress: told calls that came back, calls in all, US dollars.
    """

    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    tell: Callable[[str], None]
    pace: Pace = USUAL
    on_progress: Progress | None = None


def prelabel_in_batches(
    store: Store,
    project: Project,
    asked: Sequence[Batched],
    around: Surroundings,
    *,
    actor: Person,
    refresh: bool = False,
) -> list[BatchReport]:
    """Answers for all items that have none from these settings, for several questions at once.

    What is submitted is recorded before and after: stopped or killed at any moment, the same
    call goes on, and nothing is submitted twice. Calls that failed are put into a next batch, a
    few times; then they are errors, asked again by the next run. A reply that is no answer gets
    its second try directly. The caps of the project hold for a run, however often it is stopped.

    Raises NotAllowed, AnnotateError without items, Conflict while batches of other settings are
    under way, and ProviderError.
    """
    require(actor, "prelabel")
    require_items(store, project)
    books = shared_books(asked)
    runs = []
    for one in asked:
        round_, resumed = _round_of(store, project, one, refresh, around)
        runs.append(batch_run(store, one, round_, resumed, books, around))
    asyncio.run(together(runs, asked, around))
    return [run.report for run in runs]


def latest_round(store: Store, project: Project, one: Batched) -> Round | None:
    """The newest round that was begun with the settings of now."""
    settings = digest(one.prelabeller.fingerprint())
    return store.prelabels.latest_round(project.project, one.question.name, settings)


def shared_books(asked: Sequence[Batched]) -> Books:
    """The books of a run: its questions share one ledger."""
    ledgers = [one.prelabeller.ledger for one in asked]
    assert ledgers[0] is not None  # whoever has a Batch API is paid
    assert all(ledger is ledgers[0] for ledger in ledgers)
    return Books(ledgers[0])


def batch_run(
    store: Store, one: Batched, round_: Round, resumed: bool, books: Books, around: Surroundings
) -> BatchRun:
    """A run of that round, with its frozen examples."""
    report = PrelabelReport(examples=len(round_.examples), resumed=resumed)
    examples = load_examples(store, round_.examples)
    for member in one.members:
        member.learn(examples)
    return BatchRun(
        store=store,
        round=round_,
        members=one.members,
        books=books,
        clock=around.clock,
        new_id=around.new_id,
        tell=around.tell,
        report=BatchReport(one.question.name, report),
        unasked=one.unasked,
    )


async def together(
    runs: Sequence[BatchRun],
    asked: Sequence[Batched],
    around: Surroundings,
    *,
    giving_up: bool = False,
) -> None:
    """All runs side by side: a day's wait for one is the same day for the others."""
    stop = asyncio.Event()
    campaigns = [Campaign(run, around.pace, stop, giving_up=giving_up) for run in runs]
    try:
        for campaign in campaigns:
            await campaign.prepare()
        async with asyncio.TaskGroup() as group:
            pulse = group.create_task(_pulse(campaigns, around.on_progress, stop))
            tasks = [group.create_task(campaign.all()) for campaign in campaigns]
            if tasks:
                await asyncio.wait(tasks)
            pulse.cancel()
        _close(runs, sum(campaign.unbooked_usd for campaign in campaigns))
    except BaseExceptionGroup as errors:
        raise first_error(errors) from None
    finally:
        for one in asked:
            for member in one.members:
                await member.server.close()
            await one.prelabeller.close()


def _close(runs: Sequence[BatchRun], unbooked_usd: float) -> None:
    """End the run, unless calls are under way: then the next command goes on with what is left of
    its caps, which all questions share."""
    waiting = [batch for run in runs for batch in run.under_way()]
    for run in runs:
        if not waiting:
            run.store.batches.end_run(run.round.id)
    if waiting and (direct := runs[0].books.direct()):
        batches = runs[0].store.batches
        batches.tally(waiting[0].id, answered=0, direct=direct, cost_usd=unbooked_usd or None)


async def _pulse(
    campaigns: Sequence[Campaign], on_progress: Progress | None, stop: asyncio.Event
) -> None:
    """A sign of life, and the question whether to stop."""
    while on_progress is not None and campaigns:
        standing = [campaign.standing() for campaign in campaigns]
        done, total, spent_usd = map(sum, zip(*standing, strict=True))
        if not on_progress(done, total, spent_usd):
            stop.set()
        await asyncio.sleep(PULSE_S)


def _round_of(
    store: Store, project: Project, one: Batched, refresh: bool, around: Surroundings
) -> tuple[Round, bool]:
    """The round to work in, and whether it was begun before."""
    under_way = store.batches.under_way(project.project, one.question.name)
    now = around.clock()
    if not under_way:
        return open_round(
            store, project, one.question, one.prelabeller, refresh, now, around.new_id
        )
    latest = latest_round(store, project, one)
    if latest is None or latest.id != under_way[0].round_id:
        calls = sum(batch.calls for batch in under_way)
        raise Conflict(
            f"{one.question.name}: {told(len(under_way), calls)}, submitted under other settings "
            "or by another version of this program. Put those back to fetch them, or give them up "
            "with `coannotate batches --cancel`"
        )
    return latest, True
