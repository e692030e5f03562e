"""Ask the machine about every item that still needs it; no call that ended is made twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from annotate.clock import iso
from annotate.hashing import digest
from annotate.llm.able import require_able
from annotate.llm.prelabeller import Prelabeller
from annotate.llm.variants import belongs
from annotate.model import Person, Round, Scope, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.prelabels.examples import load_examples, pick_examples
from annotate.workflow.prelabels.run import (
    CHUNK,
    PrelabelReport,
    Progress,
    Run,
    outcome_counts,
)
from annotate.workflow.prelabels.under_way import refuse_while_batched
from annotate.workspace import require_items

__all__ = ["PrelabelReport", "Progress", "next_round", "outcome_counts", "prelabel"]


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
    chosen: bool = False,
    on_progress: Progress | None = None,
) -> PrelabelReport:
    """Answers for all items that have none from these settings.

    A run that was stopped goes on where it was, with the examples it began with. A call that
    ended in an error is asked again by the next run, until it failed in three; every other call
    is made once, and not at all when an earlier round has the answer to exactly this call.
    refresh: ask again about all items without a human label, with the labels people have given
    since as examples (done unasked when the annotator is free); without new labels, ask again
    what was given up. chosen: only about the items that routing sent to the stronger model.

    A cap of the project, or `on_progress`, ends the run cleanly: calls in flight are waited for.
    Raises NotAllowed, NothingToDo for a question that no model is asked, AnnotateError without
    items, and ProviderError when no call can succeed;
    what was answered until then is kept. Raises Busy while batches of calls are under way.
    """
    require(actor, "prelabel")
    require_able(project, question)
    require_items(store, project)
    refuse_while_batched(store, project, question)
    round_, resumed = open_round(
        store, project, question, prelabeller, refresh, clock(), new_id, chosen=chosen
    )
    report = PrelabelReport(examples=len(round_.examples), resumed=resumed)
    total = store.prelabels.count_missing(round_)
    if total:
        prelabeller.learn(load_examples(store, round_.examples))
        Run(
            store,
            round_,
            prelabeller,
            clock=clock,
            report=report,
            on_progress=on_progress,
            total=total,
            unasked=excluded(project, prelabeller),
        ).all()
    report.given_up = store.prelabels.count_given_up(round_.id)
    if report.to_ask_again == 0 and report.stopped is None:
        store.prelabels.finish_round(round_.id, now=iso(clock()))
    return report


def open_round(
    store: Store,
    project: Project,
    question: QuestionSettings,
    prelabeller: Prelabeller,
    refresh: bool,
    now: datetime,
    new_id: Callable[[], str],
    *,
    chosen: bool = False,
) -> tuple[Round, bool]:
    """The round to work in, stored; and whether it is one that was stopped before."""
    round_, begun = _wanted(store, project, question, prelabeller, refresh, now, new_id, chosen)
    if not begun:
        store.prelabels.start_round(round_)
    return round_, begun and round_.finished_at is None


def next_round(
    store: Store, project: Project, question: QuestionSettings, prelabeller: Prelabeller
) -> Round:
    """The round that the next run would work in; nothing is stored."""
    now = datetime.min.replace(tzinfo=UTC)
    return _wanted(store, project, question, prelabeller, False, now, str)[0]


def _wanted(
    store: Store,
    project: Project,
    question: QuestionSettings,
    prelabeller: Prelabeller,
    refresh: bool,
    now: datetime,
    new_id: Callable[[], str],
    chosen: bool = False,
) -> tuple[Round, bool]:
    """The round to work in, and whether it is stored already."""
    settings = digest(prelabeller.fingerprint())
    latest = store.prelabels.latest_round(project.project, question.name, settings)
    stopped = latest is not None and latest.finished_at is None
    if latest is not None and stopped and not (refresh and _only_errors_left(store, latest)):
        return latest, True
    examples = pick_examples(store, project.project, question, limit=prelabeller.example_limit)
    new = latest is not None and (refresh or prelabeller.free) and examples != latest.examples
    again = new and not chosen
    round_ = Round(
        id=new_id(),
        project=project.project,
        question=question.name,
        settings_hash=settings,
        model=prelabeller.model,
        variants=prelabeller.variants(),
        examples=examples,
        scope=_scope(chosen=chosen, again=again, refresh=refresh),
        started_at=iso(now),
        finished_at=None,
    )
    if latest is not None and not again and not store.prelabels.count_missing(round_):
        return latest, True
    return round_, False


def _scope(*, chosen: bool, again: bool, refresh: bool) -> Scope:
    if chosen:
        return "chosen"
    return "unlabelled" if again else "failed" if refresh else "missing"


def excluded(project: Project, prelabeller: Prelabeller) -> dict[tuple[str, int], Value]:
    """The calls that are not made, as if they were done and had named no answer.

    The settings of a round do not depend on what is excluded, so excluding a variant asks nothing
    again; taking it back does not either, and items asked in between are without it.
    """
    names = [name for name in prelabeller.variants() if belongs(name, project.llm.exclude)]
    samples = max(llm.samples for _, llm in project.llm.models())
    return {(name, sample): None for name in names for sample in range(samples)}


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
