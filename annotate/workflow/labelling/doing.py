"""What each operation does: answer, skip, flag, undo, revise, second, draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotate.hashing import digest
from annotate.model import Annotation, AnnotationKind, Assignment, Item
from annotate.store.queue.checks import Check
from annotate.store.queue.flags import Flagged
from annotate.store.queue.operations import Operation
from annotate.workflow.labelling import checking, reasking
from annotate.workflow.labelling.answers import Asking, Read, elsewhere, read_answers
from annotate.workflow.labelling.exposing import View, exposure, reveal, views
from annotate.workflow.labelling.moot import annotation
from annotate.workflow.labelling.overlap import reconsider
from annotate.workflow.labelling.requests import Answer, Draft, Flag, Op, Revise, Second, Skip, Undo
from annotate.workflow.labelling.seat import Seat, Turned, in_hand
from annotate.workflow.labelling.sending_back import replace_sent_back
from annotate.workflow.labelling.showing import orders


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation came to. extra: more for the reply, such as what is revealed. target: the
    operation it was about."""

    item_id: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    target: str | None = None


def do(seat: Seat, op: Op) -> Done:
    """Do it, inside a transaction. Raises Turned when it cannot be done; then nothing has changed
    once the caller undoes what was begun."""
    return _DO[type(op)](seat, op)


def _answer(seat: Seat, op: Answer) -> Done:
    seat.store.drafts.drop(seat.actor.id, op.task)
    seat.store.operations.forget_drafts(seat.actor.id, seat.name, op.task, since=seat.midnight)
    check = checking.open_check(seat, op.task, op.attempt)
    if check is not None:
        return _answer_check(seat, check, op)
    slots = in_hand(seat, op.task, op.attempt, op.answers)
    reasking.withdraw(seat, op.task)
    work = _Work.on(seat, op.task, [slot.question for slot in slots])
    read = read_answers(work.asking(seat), op.answers)
    replace_sent_back(seat, work.said, slots)
    work.store(seat, op.id, slots, read, note=op.note, seconds=op.seconds, browser=op.exposure)
    shown = reveal(work.view, seat.project.questions, read.values)
    return Done(op.task, {"reveal": shown} if shown else {})


def _answer_check(seat: Seat, check: Check, op: Answer) -> Done:
    item, view = _item(seat, op.task), views(seat, [op.task])[op.task]
    extra = checking.answer_check(seat, check, op, item)
    if check.purpose != "training":
        shown = reveal(view, seat.project.questions, op.answers)
        extra = {"reveal": shown} if shown else {}
    return Done(op.task, extra)


def _skip(seat: Seat, op: Skip) -> Done:
    check = checking.open_check(seat, op.task, op.attempt)
    if check is not None:
        checking.skip_check(seat, check, op.id, op.reason)
        return Done(op.task)
    slots = in_hand(seat, op.task, op.attempt)
    for slot in slots:
        made = annotation(seat, op.id, slot, "skip", None, op.reason, op.seconds, None)
        seat.store.annotations.add(made)
    seat.store.leases.give_back([slot.id for slot in slots])
    return Done(op.task)


def _flag(seat: Seat, op: Flag) -> Done:
    if not _had(seat, op.task):
        raise Turned("conflict", "gone")
    seat.store.flags.add(
        Flagged(
            id=digest(seat.actor.id, op.id),
            project=seat.name,
            item_id=op.task,
            person_id=seat.actor.id,
            comment=op.comment,
            created_at=seat.at,
        )
    )
    return Done(op.task)


def _undo(seat: Seat, op: Undo) -> Done:
    target = _target(seat, op.target, ("answer", "skip", "revise"))
    check = _check_of(seat, target)
    if check is not None:
        checking.undo_check(seat, check)
    else:
        said = _said_in(seat, target)
        _into_hand(seat, said)
        _retract(seat, said + _seconds_of(seat, target))
        reconsider(seat, target.item_id, [one.question for one in said])
    for ended in (target, *_chain(seat, target)):
        seat.store.operations.end(seat.actor.id, ended.id, "undone")
    return Done(target.item_id, target=target.id)


def _revise(seat: Seat, op: Revise) -> Done:
    target = _target(seat, op.target, ("answer", "skip", "revise"))
    check = _check_of(seat, target)
    if check is not None:
        item = _item(seat, target.item_id)
        checking.revise_check(seat, check, op.id, op.answers, op.note, item)
    else:
        said = _said_in(seat, target)
        slots = _into_hand(seat, said)
        work = _Work.on(seat, target.item_id, [slot.question for slot in slots])
        read = read_answers(work.asking(seat), op.answers)
        _retract(seat, said)
        note = op.note if op.note is not None else said[0].note
        work.store(seat, op.id, slots, read, note=note, seconds={}, browser={})
    seat.store.operations.end(seat.actor.id, target.id, "revised")
    return Done(target.item_id, target=target.id)


def _second(seat: Seat, op: Second) -> Done:
    target = _target(seat, op.target, ("answer", "revise"))
    if _check_of(seat, target) is not None:  # it looked like work, and says nothing of the item
        return Done(target.item_id, target=target.id)
    first = {one.question: one for one in _said_in(seat, target) if one.kind == "answer"}
    names = [name for name in first if name in op.answers]
    work = _Work.on(seat, target.item_id, names)
    read = read_answers(work.asking(seat), op.answers)
    _retract(seat, _seconds_of(seat, target))
    for name, value in read.values.items():
        record, prelabel = work.exposure(name)
        seat.store.annotations.add(
            replace(
                first[name],
                id=digest(seat.actor.id, op.id, name),
                kind="second",
                value=value,
                note=None,
                seconds=None,
                shown_prelabel=prelabel,
                created_at=seat.at,
                exposure=record,
                op_id=op.id,
            )
        )
    return Done(target.item_id, target=target.id)


def _draft(seat: Seat, op: Draft) -> Done:
    if _holds(seat, op.task):
        seat.store.drafts.put(seat.actor.id, op.task, op.answers, now=seat.at)
    elif not _had(seat, op.task):  # else the answer came first, and said more
        raise Turned("conflict", "gone")
    return Done(op.task)


_DO: Mapping[type[Any], Callable[[Seat, Any], Done]] = {
    Answer: _answer,
    Skip: _skip,
    Flag: _flag,
    Undo: _undo,
    Revise: _revise,
    Second: _second,
    Draft: _draft,
}


# ---- what they have in common


@dataclass(frozen=True, slots=True)
class _Work:
    """An item that a person answers now. said: all they ever said of it."""

    item: Item
    names: Sequence[str]
    view: View
    said: Sequence[Annotation]
    order: Mapping[str, Sequence[str]]

    @classmethod
    def on(cls, seat: Seat, item_id: str, names: Sequence[str]) -> _Work:
        item, said = _item(seat, item_id), _all_said(seat, item_id)
        view = views(seat, [item_id])[item_id]
        return cls(item, names, view, said, orders(seat, item_id, names))

    def asking(self, seat: Seat) -> Asking:
        known = elsewhere(seat, self.item.id, self.names, self.said)
        drafts = self.view.drafts(seat.project)
        return Asking(seat.project, self.names, self.item.fields, known, drafts)

    def exposure(self, name: str) -> tuple[dict[str, Any], str | None]:
        """The record for an answer given now, and the prelabel that was in sight, if one was."""
        record = exposure(self.view, name, self.order.get(name), self.said)
        return record, record.pop("prelabel", None)

    def store(
        self,
        seat: Seat,
        op_id: str,
        slots: Sequence[Assignment],
        read: Read,
        *,
        note: str | None,
        seconds: Mapping[str, float],
        browser: Mapping[str, Any],
    ) -> None:
        """Append the answers and finish their slots; open further ones where they are wanted."""
        for slot in slots:
            name = slot.question
            kind: AnnotationKind = "not_asked" if name in read.moot else "answer"
            record, prelabel = self.exposure(name)
            record |= {"browser": browser} if browser else {}
            value, took = read.values.get(name), seconds.get(name)
            made = annotation(seat, op_id, slot, kind, value, note, took, record)
            seat.store.annotations.add(replace(made, shown_prelabel=prelabel))
        seat.store.leases.finish([slot.id for slot in slots], seat.actor.id)
        reconsider(seat, self.item.id, [name for name in self.names if name in read.values])


def _item(seat: Seat, item_id: str) -> Item:
    item = seat.store.items.get(item_id)
    assert item is not None, "an item in hand is in the database"
    return item


def _all_said(seat: Seat, item_id: str) -> list[Annotation]:
    return seat.store.annotations.by_person([item_id], seat.actor.id)


def _holds(seat: Seat, item_id: str) -> bool:
    check = seat.store.checks.of_items(seat.actor.id, [item_id]).get(item_id)
    own = seat.store.leases.of_items(seat.actor.id, [item_id]).get(item_id, [])
    leased = any(slot.state == "leased" for slot in own)
    return leased or (check is not None and check.state == "leased")


def _had(seat: Seat, item_id: str) -> bool:
    """Whether this person has the item in hand or has ever said something of it."""
    return bool(
        seat.store.leases.of_items(seat.actor.id, [item_id])
        or seat.store.checks.of_items(seat.actor.id, [item_id])
        or _all_said(seat, item_id)
    )


def _target(seat: Seat, target: str, kinds: Sequence[str]) -> Operation:
    found = seat.store.operations.get(seat.actor.id, target)
    if found is None or found.project != seat.name or found.status != "stored":
        raise Turned("refused", "no_such_target", target=target)
    if found.kind not in kinds:
        raise Turned("refused", "wrong_target", target=target, kind=found.kind)
    if found.ended is not None:
        raise Turned("conflict", "ended", ended=found.ended)
    return found


def _check_of(seat: Seat, target: Operation) -> Check | None:
    check = seat.store.checks.of_items(seat.actor.id, [target.item_id]).get(target.item_id)
    return check if check is not None and check.op_id == target.id else None


def _said_in(seat: Seat, target: Operation) -> list[Annotation]:
    """What counts of an operation."""
    said = _all_said(seat, target.item_id)
    return [one for one in said if one.op_id == target.id and one.undone_at is None]


def _seconds_of(seat: Seat, target: Operation) -> list[Annotation]:
    said = _all_said(seat, target.item_id)
    return [one for one in said if one.kind == "second" and one.undone_at is None]


def _into_hand(seat: Seat, said: Sequence[Annotation]) -> list[Assignment]:
    """The slots of these answers or skips, lent to the person again. Raises Turned."""
    reasking.withdraw(seat, said[0].item_id)
    slots = {one.assignment_id: one.item_id for one in said}
    if not seat.store.leases.take_back(slots, seat.actor.id, until=seat.until):
        raise Turned("conflict", "skip_gone")
    own = seat.store.leases.of_items(seat.actor.id, [said[0].item_id])[said[0].item_id]
    return [slot for slot in own if slot.id in slots]


def _retract(seat: Seat, said: Sequence[Annotation]) -> None:
    for one in said:
        seat.store.annotations.retract(one.id, seat.actor.id, now=seat.at)


def _chain(seat: Seat, target: Operation) -> list[Operation]:
    """The operations that this one revised, the newest first."""
    found = []
    while target.kind == "revise" and target.target is not None:
        earlier = seat.store.operations.get(seat.actor.id, target.target)
        if earlier is None:
            break
        found.append(earlier)
        target = earlier
    return found
