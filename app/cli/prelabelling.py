"""The command that lets the model answer first."""

from __future__ import annotations

from argparse import Namespace

from annotate.errors import AnnotateError
from annotate.llm.books.ledger import Ledger
from annotate.people import operator
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.prelabels.prelabelling import prelabel
from app.cli.batching import prelabel_batched
from app.cli.output import bar, note, say, watched
from app.cli.prelabelled import asked_of_a_model, say_prelabelled
from app.cli.routing import route_once
from app.services import Services, services_for


def run_prelabel(arguments: Namespace) -> None:
    if arguments.no_wait and not arguments.batch:
        raise AnnotateError("--no-wait goes with --batch: direct calls are always waited for")
    services = services_for(arguments.dir)
    with services.open(arguments.project) as (store, project), services.alone(project):
        asked = asked_of_a_model(project)
        if not asked:
            return
        services.try_out(store, project, actor=operator(services.now()), say=note)
        if arguments.batch:
            prelabel_batched(services, store, project, arguments)
            return
        ledger = services.ledger(project)
        try:
            for question in asked:
                for stage, chosen in services.stages(project):
                    if chosen:
                        route_once(services, store, project, question)
                    _ask(services, store, stage, question, ledger, arguments.refresh, chosen)
        finally:  # what was spent is spent, whatever ended the run
            if ledger.calls:
                say(f"cost {ledger.snapshot().cost().removeprefix('cost ')}")


def _ask(
    services: Services,
    store: Store,
    project: Project,
    question: QuestionSettings,
    ledger: Ledger,
    refresh: bool,
    chosen: bool,
) -> None:
    annotator = services.prelabeller(store, project, question, ledger=ledger)
    if (announced := annotator.announcement()) is not None:
        note(announced)
    with bar(f"{question.name}: items") as tell:
        report = prelabel(
            store,
            project,
            question,
            annotator,
            actor=operator(services.now()),
            clock=services.now,
            new_id=services.new_id,
            refresh=refresh,
            chosen=chosen,
            on_progress=watched(tell, annotator.ledger),
        )
    name = f"{question.name}, {project.routing.strong}" if chosen else question.name
    say_prelabelled(name, report, free=annotator.free)
