"""A promise follows what people answer: settled when its audit is finished, off when it broke.

`settle` is called wherever somebody looks, as often as one likes: what is due happens once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from annotate.clock import iso
from annotate.hashing import digest
from annotate.model import (
    Decision,
    Destination,
    Person,
    Promise,
    PromiseEvent,
    PromiseEventKind,
    PromiseItem,
)
from annotate.project import Project
from annotate.promise.audit import Outcome, certificate, outcomes
from annotate.promise.basis import changes
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.standing.audits import Tally
from annotate.store.standing.decisions import Routing
from annotate.workflow.labelling.slots import open_slots

POLICY = "certificate"
"""What decisions made for a promise name as their policy."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest promise of a question and all that is known of it.

    settled: the event with the cut in force, None while the audit goes on. audit: in the order
    drawn. broken: why it can no longer hold, in words. Once withdrawn, the last three are empty.
    """

    promise: Promise
    settled: PromiseEvent | None
    withdrawn: PromiseEvent | None
    audit: list[Outcome]
    tally: Tally | None
    broken: list[str]

    @property
    def cut(self) -> int:
        """How many items of the frozen order come before the limit; 0 before it is known."""
        return 0 if self.settled is None else int(self.settled.details["cut"])

    @property
    def known_wrong(self) -> set[str]:
        """Audited items that counted as wrong when the cut was found."""
        return set() if self.settled is None else set(self.settled.details["wrong"])

    def wrong_now(self, *, skipped: bool = False) -> set[str]:
        """Those known, and what people have found wrong since; one never becomes right again.

        skipped: what somebody has skipped counts too, even if others could still answer it.
        """
        found = {
            one.item.item_id
            for one in self.audit
            if one.wrong and (one.final or (skipped and one.state == "skipped"))
        }
        return self.known_wrong | found

    def finished(self, *, skipped: bool = False) -> bool:
        """Whether nothing more is to be learned from the audit."""
        return all(one.final or (skipped and one.state == "skipped") for one in self.audit)

    def due(self, *, skipped: bool = False) -> bool:
        """Whether `settle` would change anything."""
        if self.withdrawn is not None:
            return False
        if self.broken:
            return True
        if self.settled is None:
            return self.finished(skipped=skipped)
        return self.wrong_now(skipped=skipped) != self.known_wrong


def examine(store: Store, project: Project, question: QuestionSettings) -> Standing | None:
    """How the question's newest promise stands, all at one moment; None when there never was one.

    Only reads.
    """
    with store.snapshot():
        return _examine(store, project, question)


def _examine(store: Store, project: Project, question: QuestionSettings) -> Standing | None:
    promises = store.promises.of_question(project.project, question.name)
    if not promises:
        return None
    promise = promises[-1]
    last: dict[PromiseEventKind, PromiseEvent] = {e.kind: e for e in _events(store, promise)}
    settled, withdrawn = last.get("settled"), last.get("withdrawn")
    if withdrawn is not None:
        return Standing(promise, settled, withdrawn, [], None, [])
    tally = None
    broken = changes(store, project, question, promise)
    if settled is not None:
        tally = store.audits.tally(promise, int(settled.details["cut"]))
        broken += _strays(tally)
    audit = outcomes(store, question, promise)
    return Standing(promise, settled, None, audit, tally, broken)


def _strays(tally: Tally) -> list[str]:
    found = []
    if tally.stray:
        found.append(f"{tally.stray:,} items that people must answer have gone back to the model")
    if tally.relabelled:
        found.append(f"{tally.relabelled:,} frozen labels are no longer the ones that go out")
    return found


def settle(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    now: datetime,
    skipped: bool = False,
) -> Standing | None:
    """The newest promise, after whatever was due: withdrawn, settled, or its cut moved down.

    Items beyond the cut go to people; a label before it stays with the model unless a person has
    had the item. The cut only ever moves down, so an audited answer that is changed later costs
    labels and not the promise. skipped: settle although skipped items could still be answered.
    All or nothing, and once, whoever else looks at the same moment.
    """
    found = examine(store, project, question)
    if found is None or not found.due(skipped=skipped):
        return found
    with store.transaction():
        found = examine(store, project, question)
        if found is not None and found.due(skipped=skipped):
            if found.broken:
                withdraw(store, found.promise, "; ".join(found.broken), actor=actor, now=now)
            else:
                _find_cut(store, project, question, found, actor, now, skipped)
    return examine(store, project, question)


def withdraw(store: Store, promise: Promise, reason: str, *, actor: Person, now: datetime) -> None:
    """Note that the promise is off. It is never put on again."""
    _note(store, promise, "withdrawn", {"reason": reason}, actor, now)


def _find_cut(
    store: Store,
    project: Project,
    question: QuestionSettings,
    found: Standing,
    actor: Person,
    now: datetime,
    skipped: bool,
) -> None:
    promise, wrong = found.promise, found.wrong_now(skipped=skipped)
    guarantee = certificate(promise, found.audit, wrong)
    cut = guarantee.cut if found.settled is None else min(guarantee.cut, found.cut)
    details = {
        "errors": guarantee.errors,
        "critical": guarantee.critical,
        "cut": cut,
        "wrong": sorted(wrong),
        "unanswered": sum(one.state == "skipped" for one in found.audit),
    }
    _note(store, promise, "settled", details, actor, now)
    _obey(store, project, question, promise, cut, now)


def _obey(
    store: Store,
    project: Project,
    question: QuestionSettings,
    promise: Promise,
    cut: int,
    now: datetime,
) -> None:
    """Decisions and slots as the cut wants them."""
    covered = {item.item_id: item for item in store.promises.items(promise.id)}
    touched = store.assignments.touched_items(project.project, question.name)
    moves: dict[str, Destination] = {
        one.item_id: to
        for one in store.promises.routed(project.project, question.name)
        if (item := covered.get(one.item_id)) is not None
        and (to := _destination(item, one.destination, cut, touched)) != one.destination
    }
    changed = [
        _moved(decision, moves[decision.item_id], promise)
        for decision in store.decisions.of_items(question.name, list(moves))
    ]
    record(store, promise, changed, {"cut": cut}, now)
    back = {d.item_id for d in changed if d.destination == "auto"}
    keep = store.assignments.count_of_items(project.project, question.name).keys() - back
    store.assignments.withdraw(
        project.project, question.name, keep=keep, per_item=project.people.per_item
    )
    wanted = [d for d in changed if d.destination != "auto"]
    open_slots(store, project, question, wanted, now=iso(now))


def _destination(
    item: PromiseItem, now: Destination, cut: int, touched: Collection[str]
) -> Destination:
    if item.place is None or item.drawn is not None or item.place >= cut:
        return "annotate" if now == "auto" else now
    return now if item.item_id in touched else "auto"


def _moved(decision: Decision, to: Destination, promise: Promise) -> Decision:
    side = "before" if to == "auto" else "beyond"
    return replace(
        decision,
        destination=to,
        propensity=round(promise.audited / promise.population, 9) if to == "auto" else 1.0,
        reason=f"{side} the cut of promise {promise.number}",
    )


def record(
    store: Store,
    promise: Promise,
    changed: list[Decision],
    settings: Mapping[str, Any],
    now: datetime,
) -> None:
    """Store decisions made for a promise as a routing of its own; their ids and times are set."""
    if not changed:
        return
    number = store.decisions.next_number(promise.project, promise.question)
    routing = Routing(
        id=digest(promise.id, number),
        project=promise.project,
        question=promise.question,
        number=number,
        policy=POLICY,
        settings={"promise": promise.number, **settings},
        created_at=iso(now),
    )
    store.decisions.start(routing)
    store.decisions.add(
        routing,
        (
            replace(
                decision,
                id=digest(decision.item_id, decision.question, number),
                policy=POLICY,
                created_at=iso(now),
            )
            for decision in changed
        ),
    )


def _events(store: Store, promise: Promise) -> list[PromiseEvent]:
    return store.promises.events(promise.id)


def _note(
    store: Store,
    promise: Promise,
    kind: PromiseEventKind,
    details: Mapping[str, Any],
    actor: Person,
    now: datetime,
) -> None:
    number = len(_events(store, promise)) + 1
    store.promises.note(PromiseEvent(promise.id, number, kind, details, actor.name, iso(now)))
