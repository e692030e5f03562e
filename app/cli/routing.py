"""`coannotate route`: once, watching, or explaining what was decided."""

from __future__ import annotations

import time
from argparse import Namespace

from annotate.llm.able import able, can_answer
from annotate.people import operator
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.routes.calibrating import FEWEST, HeldOut, held_out
from annotate.workflow.routes.explaining import explain
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.routing import RouteReport, route
from app.cli.explaining import told
from app.cli.output import say
from app.cli.prelabelled import asked_of_a_model
from app.cli.promising import say_held
from app.cli.rerouting import changed, say_preview
from app.live import LiveRouter
from app.services import Services, services_for


def run_route(arguments: Namespace) -> None:
    services = services_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        if arguments.preview:
            say_preview(services, store, project, arguments.set)
            return
        if arguments.set or arguments.reason:
            project = changed(services, store, project, arguments.set, arguments.reason)
        if arguments.watch:
            _watch(services, store, project, arguments.every)
            return
        features = services.features(project)
        if arguments.explain is not None:
            _explain(services, store, project, arguments.explain, features)
            return
        for question in project.questions:
            route_once(services, store, project, question, features)
        if arguments.report:
            _report(services, store, project, features)


def route_once(
    services: Services,
    store: Store,
    project: Project,
    question: QuestionSettings,
    features: ItemFeatures | None = None,
) -> None:
    """Route one question and say what came of it."""
    report = route(
        store,
        project,
        question,
        actor=operator(services.now()),
        now=services.now(),
        new_id=services.new_id,
        features=features or services.features(project),
    )
    say_routed(project, question, report)
    say_held(store, project, question)


def _explain(
    services: Services, store: Store, project: Project, reference: str, features: ItemFeatures
) -> None:
    actor = operator(services.now())
    for question in asked_of_a_model(project):
        found = explain(store, project, question, reference, actor=actor, features=features)
        for line in told(question.name, found):
            say(line)


def _watch(services: Services, store: Store, project: Project, every_s: float) -> None:
    """Route whenever something has come, until Ctrl-C."""
    say(f"Routing {project.project} whenever people have answered. Ctrl-C stops it.")
    router = LiveRouter(services, every_s=every_s)
    first = True
    while True:
        for question, report in router.step(store, project, first=first):
            if first or report.changed:
                say_routed(project, question, report)
        first = False
        time.sleep(min(1.0, every_s))


def say_routed(project: Project, question: QuestionSettings, report: RouteReport) -> None:
    """What came of a routing."""
    where = report.destinations
    if not can_answer(project, question):
        say(f"{question.name}: {report.items} items are with people ({report.changed} of them new)")
        return
    say(
        f"{question.name}: {where.get('auto', 0)} stay with the model, "
        f"{where.get('annotate', 0)} go to people, "
        f"{where.get('audit', 0)} are audited at random ({report.changed} decisions new)"
    )
    if where.get("strong"):
        say(f"  {where['strong']} wait for the stronger model: `coannotate prelabel` asks it")
    if report.humans:
        taken = f"; {report.corrected} labels corrected by it" if report.corrected else ""
        say(f"  learned from {report.humans} human answers{taken}")
    for sentence in report.outlook:
        say(f"  {sentence}")
    if report.unusable:
        say(f"  {report.unusable} of them had no usable model answer: people get them")
    if report.waiting_prelabel:
        say(f"  {report.waiting_prelabel} items wait for `coannotate prelabel`")


def _report(services: Services, store: Store, project: Project, features: ItemFeatures) -> None:
    actor = operator(services.now())
    for question in able(project):
        found = held_out(store, project, question, actor=actor, features=features)
        say(f"{question.name}: {_said(found)}")


def _said(found: HeldOut | None) -> str:
    if found is None:
        return (
            f"the learned risks are measured from {FEWEST} human answers on, "
            "with `routing.signal: learned`"
        )
    return (
        f"on {found.items} human answers held out in turn, {found.label_error:.1%} of the labels "
        f"were wrong where the risks said {found.mean_risk:.1%} "
        f"(the model's own: {found.vote_error:.1%}); "
        f"Brier {found.brier:.3f}, calibration error {found.calibration_error:.3f}. "
        "People mostly answer what is uncertain: this speaks of such items"
    )
