"""How a question's promise stands: numbers, and the sentences that every page and file shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from annotate.consensus import majority
from annotate.model import Promise, Value
from annotate.project import Project
from annotate.promise.audit import bound
from annotate.promise.estimates import (
    HumanError,
    LabelPromise,
    expected_error,
    human_error,
    label_promises,
    machine_accuracy,
    shares,
)
from annotate.promise.wording import at_most, confidence, percent
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.workflow.promises.settling import Standing, examine
from routing.certificate import too_many
from routing.estimate import Interval

NO_PROMISE = "no promise is made about how many of these labels are wrong"

State: TypeAlias = Literal["auditing", "waiting", "kept", "short", "withdrawn"]
"""The audit goes on; people must still answer; it holds; all is answered but for ties, which leave
too few labels; it is off."""


@dataclass(frozen=True, slots=True)
class PromiseStatus:
    """Where the newest promise of a question stands.

    answered, skipped: of the audited items. bound: the most that can be wrong of the frozen
    labels, 0..1, while the audit goes on. errors, critical, cut: of the settled audit. unanswered:
    audited items that count as wrong because nobody answered them. machine: labels of the model
    that go out. beyond: frozen items beyond the cut that were not audited. to_go: items that still
    need a person's answer. unlabelled: items without a label because people are tied. answers:
    given by people to these items. made, fails: promises of this question so far, and the chance,
    at most, that any of them fails.
    """

    promise: Promise
    state: State
    answered: int
    skipped: int
    bound: float
    errors: int
    unanswered: int
    critical: int
    cut: int
    machine: int
    beyond: int
    to_go: int
    unlabelled: int
    answers: int
    reason: str
    made: int
    fails: float

    @property
    def delivered(self) -> int:
        return self.promise.size - self.unlabelled

    @property
    def wrong_at_most(self) -> float:
        """Share of the delivered labels, 0..1, that the promise leaves room for."""
        return _room(self.promise) / max(self.delivered, 1)

    def statement(self) -> str:
        """One sentence, true as it stands."""
        return _STATEMENTS[self.state](self)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the finished audit says beside the promise. human: None when nobody measured it."""

    accuracy: Interval | None
    expected: float
    labels: list[LabelPromise]
    shares: Mapping[Value, Interval]
    human: HumanError | None


def status_of(store: Store, question: QuestionSettings, found: Standing) -> PromiseStatus:
    """found: as `settle` or `examine` gave it. Only reads."""
    promise, audit = found.promise, found.audit
    settled = found.settled.details if found.settled is not None else {}
    tally = found.tally
    unlabelled = _unlabelled(store, question, promise) if tally and not tally.to_go else 0
    others = store.promises.of_question(promise.project, promise.question)
    drawn_beyond = sum((one.item.place or 0) >= found.cut for one in audit)
    return PromiseStatus(
        promise=promise,
        state=_state(found, unlabelled),
        answered=sum(one.state == "answered" for one in audit),
        skipped=sum(one.state == "skipped" for one in audit),
        bound=bound(promise, audit) if audit and not settled else 1.0,
        errors=settled.get("errors", 0),
        unanswered=settled.get("unanswered", 0),
        critical=settled.get("critical", 0),
        cut=found.cut,
        machine=tally.machine if tally else 0,
        beyond=promise.population - found.cut - drawn_beyond,
        to_go=tally.to_go if tally else 0,
        unlabelled=unlabelled,
        answers=store.audits.answers(promise),
        reason=found.withdrawn.details["reason"] if found.withdrawn else "; ".join(found.broken),
        made=len(others),
        fails=min(sum(one.alpha for one in others), 1.0),
    )


def statement(store: Store, project: Project, question: QuestionSettings) -> str:
    """One sentence that may go out with the question's labels as they are now. Only reads."""
    found = examine(store, project, question)
    if found is None:
        return NO_PROMISE
    status = status_of(store, question, found)
    said = status.statement()
    return f"{NO_PROMISE} yet: {said}" if status.state == "auditing" else said


def findings(store: Store, question: QuestionSettings, found: Standing) -> Findings | None:
    """None until the audit is finished, and once the promise is withdrawn."""
    if found.settled is None or found.withdrawn is not None:
        return None
    promise, wrong = found.promise, found.known_wrong
    items = (item for item in store.promises.items(promise.id) if item.place is not None)
    frozen = sorted(items, key=lambda item: item.place or 0)
    classes = QUESTION_TYPES[question.type].classes(question)
    doubles, differing = store.audits.doubles(promise)
    return Findings(
        accuracy=machine_accuracy(promise, len(wrong)) if promise.audited else None,
        expected=expected_error(promise, found.audit, wrong, found.cut),
        labels=label_promises(promise, frozen, found.audit, wrong, found.cut),
        shares=shares(frozen, found.audit, classes, promise.alpha),
        human=human_error(doubles, differing, promise.alpha),
    )


def _state(found: Standing, unlabelled: int) -> State:
    if found.withdrawn is not None or found.broken:
        return "withdrawn"
    if found.tally is None:
        return "auditing"
    if found.tally.to_go:
        return "waiting"
    delivered = found.promise.size - unlabelled
    enough = _room(found.promise) <= found.promise.tolerance * delivered + 1e-9
    return "kept" if enough or not unlabelled else "short"


def _room(promise: Promise) -> int:
    """The most labels that may be wrong."""
    return too_many(promise.tolerance, promise.size) - 1


def _unlabelled(store: Store, question: QuestionSettings, promise: Promise) -> int:
    """Items on which people are tied and no lead has decided."""
    classes = QUESTION_TYPES[question.type].classes(question)
    contested = store.audits.contested(promise)
    stands = store.adjudications.in_force(promise.project, question.name) if contested else {}
    return sum(
        majority(values, classes).value is None
        for item_id, values in contested.items()
        if item_id not in stands or stands[item_id].kind != "decided"
    )


def _auditing(status: PromiseStatus) -> str:
    promise = status.promise
    done = f"{status.answered:,} of {promise.audited:,} audited"
    if status.skipped:
        done += f", {status.skipped:,} skipped"
    if status.bound >= 1:
        return f"{done}; nothing can be said of the model's labels yet"
    return (
        f"{done}. So far at most {at_most(status.bound)} of the model's {promise.population:,} "
        f"labels are wrong ({confidence(promise.alpha)}, holds whenever you look)"
    )


def _waiting(status: PromiseStatus) -> str:
    promise = status.promise
    theirs = promise.size - status.machine
    beyond = f", {status.beyond:,} of them beyond the cut" if status.beyond else ""
    return (
        f"at most {percent(promise.tolerance)} of the {promise.size:,} labels are wrong, with "
        f"{confidence(promise.alpha)} confidence, as soon as people have answered their "
        f"{theirs:,} items{beyond} ({status.to_go:,} to go)"
    )


def _kept(status: PromiseStatus) -> str:
    promise = status.promise
    return (
        f"KEPT: at most {percent(promise.tolerance)} of {status.delivered:,} delivered labels are "
        f"wrong ({confidence(promise.alpha)} confidence), for {status.answers:,} human labels"
    )


def _short(status: PromiseStatus) -> str:
    promise = status.promise
    return (
        f"NOT KEPT at {percent(promise.tolerance)}: people are tied on {status.unlabelled:,} "
        f"items, which have no label. At most {at_most(status.wrong_at_most)} of the "
        f"{status.delivered:,} delivered labels are wrong ({confidence(promise.alpha)} "
        f"confidence), for {status.answers:,} human labels"
    )


def _withdrawn(status: PromiseStatus) -> str:
    return f"WITHDRAWN, {NO_PROMISE}: {status.reason}"


_STATEMENTS = {
    "auditing": _auditing,
    "waiting": _waiting,
    "kept": _kept,
    "short": _short,
    "withdrawn": _withdrawn,
}
