"""Promise how many of the labels are wrong: freeze, draw a blind audit, and hold oneself to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from annotate.errors import AnnotateError, Conflict, NothingToDo
from annotate.model import Person, Promise
from annotate.people import require
from annotate.project import Project
from annotate.promise.plan import Plan, Terms
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.promises.freezing import freeze_and_draw, open_audit, prepare
from annotate.workflow.promises.settling import Standing, examine, settle
from annotate.workflow.promises.settling import withdraw as note_withdrawn
from annotate.workflow.promises.status import Findings, PromiseStatus, findings, status_of


def plan_promise(
    store: Store, project: Project, question: QuestionSettings, terms: Terms, *, actor: Person
) -> Plan:
    """What `start` would freeze and draw, and what that is likely to cost; nothing is stored.

    Raises as `start` does.
    """
    require(actor, "make promises")
    return prepare(store, project, question, terms).plan


def start(
    store: Store,
    project: Project,
    question: QuestionSettings,
    terms: Terms,
    *,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
) -> tuple[Promise, Plan]:
    """Freeze every label without a human answer, then draw the audit and open its slots.

    Items that people have answered, skipped or hold are theirs, and so are items without a usable
    label: they count as right. new_id gives the promise's id and then, once the labels and their
    order are frozen, the seed of the draw. A promise that was kept makes way for the new one.

    Raises NotAllowed, NothingToDo when nothing is routed or left to promise, Conflict while
    another promise is under way, and AnnotateError for terms that nothing could be certified under.
    """
    require(actor, "make promises")
    _number(store, question, settle(store, project, question, actor=actor, now=now))
    ready = freeze_and_draw(store, project, question, terms, actor=actor, now=now, new_id=new_id)
    with store.transaction():  # people went on working until here; only a routing matters
        if ready.outdated(store):
            ready = freeze_and_draw(
                store, project, question, terms, actor=actor, now=now, new_id=new_id
            )
        found = examine(store, project, question)
        promise = replace(ready.promise, number=_number(store, question, found))
        _make_way(found, store, actor, now)
        store.promises.add(promise, ready.items)
        open_audit(store, project, question, promise, ready.items, now)
    settle(store, project, question, actor=actor, now=now)  # without an audit, at once
    return promise, ready.plan


def promise_status(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    now: datetime,
    explained: bool = True,
) -> tuple[PromiseStatus, Findings | None] | None:
    """How the question's newest promise stands, after whatever was due; None without any.

    explained: with the findings, for which every frozen label is read. Raises NotAllowed.
    """
    require(actor, "review")
    found = settle(store, project, question, actor=actor, now=now)
    if found is None:
        return None
    said = findings(store, question, found) if explained else None
    return status_of(store, question, found), said


def settle_now(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person, now: datetime
) -> None:
    """Settle the audit although others could still answer what was skipped: it counts as wrong.

    Raises NotAllowed, NothingToDo when none stands, and Conflict while audited items wait that
    nobody has skipped.
    """
    require(actor, "make promises")
    found = settle(store, project, question, actor=actor, now=now, skipped=True)
    if found is None or found.withdrawn is not None:
        raise NothingToDo(_NONE_STANDS)
    if found.settled is None:
        open_ = sum(one.state == "open" for one in found.audit)
        raise Conflict(
            f"{open_:,} of {found.promise.audited:,} audited items have no answer yet, and nobody "
            "has skipped them: the audit is settled when people have had all of them"
        )


def withdraw(
    store: Store,
    project: Project,
    question: QuestionSettings,
    reason: str,
    *,
    actor: Person,
    now: datetime,
) -> None:
    """Take the standing promise back. It is not forgotten: status and exports say why.

    Raises NotAllowed, NothingToDo when none stands, and AnnotateError without a reason.
    """
    require(actor, "make promises")
    if not reason.strip():
        raise AnnotateError("a promise is withdrawn for a reason: say which, as in --reason 'typo'")
    with store.transaction():
        promise = store.promises.standing(project.project, question.name)
        if promise is None:
            raise NothingToDo(_NONE_STANDS)
        note_withdrawn(store, promise, reason.strip(), actor=actor, now=now)


_NONE_STANDS = "no promise stands for this question: `coannotate promise start` makes one"


def _number(store: Store, question: QuestionSettings, found: Standing | None) -> int:
    """Of a new promise. One that was kept makes way; any other has to be withdrawn first."""
    if found is None:
        return 1
    number = found.promise.number
    status = status_of(store, question, found)
    if status.state not in ("kept", "short", "withdrawn"):
        raise Conflict(
            f"promise {number} on {question.name!r} is still under way: let people finish it, or "
            "take it back with `coannotate promise withdraw --reason ...`"
        )
    return number + 1


def _make_way(found: Standing | None, store: Store, actor: Person, now: datetime) -> None:
    if found is not None and found.withdrawn is None:
        why = f"promise {found.promise.number + 1} has taken its place"
        note_withdrawn(store, found.promise, why, actor=actor, now=now)
