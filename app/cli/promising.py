"""The command about promises: make one, see how it stands, take it back, compute it again."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from annotate.errors import AnnotateError, NotFound
from annotate.model import Person, Promise
from annotate.people import operator
from annotate.project import Project
from annotate.promise.plan import Plan, Terms
from annotate.promise.wording import confidence, percent
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.promises.promising import (
    plan_promise,
    promise_status,
    settle_now,
    start,
    withdraw,
)
from annotate.workflow.promises.report import report
from annotate.workflow.promises.status import NO_PROMISE
from annotate.workflow.promises.verifying import verify
from app.cli.output import say
from app.workplace import Workplace, workplace_for

_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "status": ("verify",),
    "start": ("error", "confidence", "audit", "dry_run"),
    "settle": (),
    "withdraw": ("reason",),
}
"""Which options mean something for which action; --question always does."""


def run_promise(arguments: Namespace) -> None:
    _check_options(arguments)
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        actor = operator(services.now())
        if arguments.action == "status":
            for question in _questions(project, arguments.question):
                _status(store, project, question, services, actor, verified=arguments.verify)
            return
        question = _one(project, arguments.question)
        if arguments.action == "start":
            _start(store, project, question, services, actor, arguments)
            return
        now = services.now()
        if arguments.action == "settle":
            settle_now(store, project, question, actor=actor, now=now)
        else:
            withdraw(store, project, question, arguments.reason or "", actor=actor, now=now)
        _status(store, project, question, services, actor, verified=False)


def statements(
    store: Store, project: Project, services: Workplace, actor: Person
) -> dict[str, dict[str, object]]:
    """question -> how its promise stands, for `status`."""
    found: dict[str, dict[str, object]] = {}
    for question in project.questions:
        seen = promise_status(
            store, project, question, actor=actor, now=services.now(), explained=False
        )
        found[question.name] = (
            {"state": "none", "statement": NO_PROMISE}
            if seen is None
            else {"state": seen[0].state, "statement": seen[0].statement()}
        )
    return found


def say_held(store: Store, project: Project, question: QuestionSettings) -> None:
    """After a routing: how many items it had to leave as they were."""
    held = len(store.promises.held_items(project.project, question.name))
    if held:
        say(f"  {held:,} of them are frozen by a promise and were left as they are")


def _check_options(arguments: Namespace) -> None:
    given = {
        name
        for names in _OPTIONS.values()
        for name in names
        if getattr(arguments, name) not in (None, False)
    }
    for name in sorted(given - set(_OPTIONS[arguments.action])):
        owner = next(action for action, names in _OPTIONS.items() if name in names)
        command = "coannotate promise" + ("" if owner == "status" else f" {owner}")
        raise AnnotateError(f"--{name.replace('_', '-')} belongs to `{command}`: leave it out here")


def _questions(project: Project, name: str | None) -> list[QuestionSettings]:
    found = [question for question in project.questions if name in (None, question.name)]
    if not found:
        names = ", ".join(question.name for question in project.questions)
        raise NotFound(f"no question {name!r} in {project.project!r}; there are: {names}")
    return found


def _one(project: Project, name: str | None) -> QuestionSettings:
    found = _questions(project, name)
    if len(found) > 1:
        names = ", ".join(question.name for question in found)
        raise NotFound(f"a promise is about one question ({names}): choose with --question")
    return found[0]


def _terms(arguments: Namespace) -> Terms:
    if arguments.error is None:
        raise AnnotateError(
            "say which share of the labels may be wrong at most: --error 0.05 is 5 %"
        )
    sure = 0.95 if arguments.confidence is None else arguments.confidence
    for option, share in (("--error", arguments.error), ("--confidence", sure)):
        if not 0 < share < 1:
            raise AnnotateError(
                f"{option} {share:g}: a share between 0 and 1 is needed; 5 % is 0.05"
            )
    return Terms(arguments.error, round(1 - sure, 12), arguments.audit)


def _start(
    store: Store,
    project: Project,
    question: QuestionSettings,
    services: Workplace,
    actor: Person,
    arguments: Namespace,
) -> None:
    terms = _terms(arguments)
    if arguments.dry_run:
        found = plan_promise(store, project, question, terms, actor=actor)
        say(
            f"{question.name}: nothing is stored. This would freeze {found.population:,} labels of "
            f"{found.size:,} items and draw {found.audited:,} for a blind audit."
        )
        _say_cost(found, terms)
        return
    promise, found = start(
        store, project, question, terms, actor=actor, now=services.now(), new_id=services.new_id
    )
    say(f"{question.name}: {_frozen(promise)}")
    _say_cost(found, terms)
    _status(store, project, question, services, actor, verified=False)


def _frozen(promise: Promise) -> str:
    frozen = f"Frozen: {promise.population:,} labels of {promise.size:,} items."
    if not promise.audited:
        return f"{frozen} So few need no audit: fewer are the model's than may be wrong."
    return (
        f"{frozen} {promise.audited:,} were drawn for a blind audit and wait in the queue, "
        "unmarked among the others."
    )


def _say_cost(found: Plan, terms: Terms) -> None:
    learned = f" and {found.answers:,} human answers" if found.answers else ""
    say(
        f"  At most {percent(terms.tolerance)} wrong with {confidence(terms.alpha)} confidence: "
        f"{found.critical:,} of the audited labels may be wrong; what comes behind the next wrong "
        "one goes to people."
    )
    say(
        f"  Expected: people label about {100 * found.human_share:.0f} % of the items "
        f"({round(found.human_share * found.size):,}), the audit included. "
        f"This is a guess from the scores{learned}; the promise does not depend on it."
    )
    if found.unrouted:
        say(f"  {found.unrouted:,} items are not routed yet: the promise is not about them.")


def _status(
    store: Store,
    project: Project,
    question: QuestionSettings,
    services: Workplace,
    actor: Person,
    *,
    verified: bool,
) -> None:
    seen = promise_status(store, project, question, actor=actor, now=services.now())
    if seen is None:
        say(f"{question.name}: {NO_PROMISE}; `coannotate promise start --error 0.05` makes one")
        return
    status, found = seen
    terms = f"{percent(status.promise.tolerance)}, {confidence(status.promise.alpha)} confidence"
    say(f"{question.name}: promise {status.promise.number} ({terms})")
    for line in report(status, found):
        say(f"  {line}")
    if verified:
        _verified(store, project, question, actor)


def _verified(store: Store, project: Project, question: QuestionSettings, actor: Person) -> None:
    checks = verify(store, project, question, actor=actor)
    for check in checks:
        say(f"  {'ok ' if check.holds else 'NOT'} {check.what}")
    failed = sum(not check.holds for check in checks)
    if failed:
        raise AnnotateError(f"{failed} of {len(checks)} checks failed: do not rely on this promise")
