"""Commands about calls that a server works off by the thousand: submit, fetch, list, give up."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from annotate.llm.able import able
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store
from annotate.store.machine.batches import Batch
from annotate.workflow.batches.batching import Batched, Surroundings, prelabel_in_batches
from annotate.workflow.batches.cancelling import cancel_batches
from annotate.workflow.batches.run import BatchReport
from annotate.workflow.batches.submitting import Pace
from annotate.workflow.prelabels.under_way import list_batches, told
from app.cli.output import Tell, bar, note, say, table, watched
from app.cli.prelabelled import say_prelabelled
from app.services import Services, services_for


def prelabel_batched(
    services: Services, store: Store, project: Project, arguments: Namespace
) -> None:
    """`coannotate prelabel --batch`."""
    asked = _asked(services, store, project)
    with bar("calls") as tell:
        reports = prelabel_in_batches(
            store,
            project,
            asked,
            _around(services, tell, wait=not arguments.no_wait),
            actor=operator(services.now()),
            refresh=arguments.refresh,
        )
    for report in reports:
        _say_report(report)


def run_batches(arguments: Namespace) -> None:
    services = services_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        if arguments.cancel:
            with services.alone(project):
                _cancel(services, store, project)
        batches = list_batches(store, project, actor=operator(services.now()))
        if not batches:
            say("No batch was submitted yet: `coannotate prelabel --batch` does that")
        table([_row(batch) for batch in batches])


def _cancel(services: Services, store: Store, project: Project) -> None:
    asked = _asked(services, store, project)
    with bar("calls") as tell:
        reports = cancel_batches(
            store,
            project,
            asked,
            _around(services, tell, wait=True),
            actor=operator(services.now()),
        )
    for report in reports:
        _say_report(report)


def _asked(services: Services, store: Store, project: Project) -> list[Batched]:
    ledger = services.ledger(project)
    asked = able(project)
    return [services.batched(store, project, one, ledger=ledger) for one in asked]


def _around(services: Services, tell: Tell, *, wait: bool) -> Surroundings:
    return Surroundings(
        clock=services.now,
        new_id=services.new_id,
        tell=note,
        pace=Pace(wait=wait),
        on_progress=watched(tell),
    )


def _say_report(report: BatchReport) -> None:
    answers = report.answers
    waiting = told(report.waiting_batches, report.waiting_calls)
    under_way = f"{waiting} under way; the same command fetches them"
    if report.waiting_batches and not answers.calls and answers.stopped is None:
        say(f"{report.question}: {under_way}")
        return
    say_prelabelled(report.question, answers, free=False)
    if answers.cost_usd is not None:
        say(f"  cost ${answers.cost_usd:.4f}")
    if report.waiting_batches:
        say(f"  {under_way}")


def _row(batch: Batch) -> Mapping[str, object]:
    cost = batch.cost_usd
    if batch.closed_at is None and batch.most_usd is not None:
        shown = f"at most ${batch.most_usd:.4f}"
    else:
        shown = "unknown" if cost is None else f"${cost:.4f}"
    under_way = batch.state == "submitted"
    return {
        "question": batch.question,
        "batch": batch.number,
        "wave": batch.wave,
        "model": batch.model,
        "state": (batch.status if under_way else batch.state) or batch.state,
        "calls": f"{batch.calls:,}",
        "done": f"{batch.done if under_way else batch.answered:,}",
        "failed": f"{batch.failed:,}",
        "cost": shown,
        "submitted": (batch.submitted_at or "not yet")[:16].replace("T", " "),
        "id": batch.server_id or "",
    }
