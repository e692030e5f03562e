"""One operation of a person, done once: answer, skip, flag, undo, revise, second, draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from annotate.hashing import digest
from annotate.model import Annotation, AnnotationKind, Assignment, Value
from annotate.store.flags import Flagged
from annotate.store.operations import Operation, Status
from annotate.workflow.answers import Read, read_answers
from annotate.workflow.messages import Language
from annotate.workflow.requests import Answer, Draft, Flag, Op, Revise, Second, Skip, Undo
from annotate.workflow.seat import Seat, Turned, in_hand


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation came to. item_id: what it was about, "" when unknown. extra: more for the
    reply, such as what is revealed."""

    item_id: str
    extra: Mapping[str, Any]
    target: str | None = None


def perform(seat: Seat, op: Op, language: Language) -> tuple[str, Mapping[str, Any]]:
    """The item an operation is about, and the result for the reply.

    Inside a transaction. An id that was done before gives the result of then and changes nothing.
    What is not done is kept with everything that was sent.
    """
    sent = op.model_dump(mode="json")
    known = seat.store.operations.get(seat.actor.id, op.id)
    if known is not None and known.digest in ("", _digest(seat, sent)):
        return known.item_id, {"id": op.id, "status": known.status, **known.result}
    if known is not None:
        return _kept(seat, op, sent, Turned("conflict", "reused_id"), language)
    try:
        with seat.store.attempt():
            done = _HANDLERS[type(op)](seat, op)
    except Turned as turned:
        return _kept(seat, op, sent, turned, language)
    _record(seat, op, sent, done.item_id, "stored", done.extra, target=done.target)
    return done.item_id, {"id": op.id, "status": "stored", **done.extra}


def _kept(
    seat: Seat, op: Op, sent: Mapping[str, Any], turned: Turned, language: Language
) -> tuple[str, Mapping[str, Any]]:
    item_id = str(sent.get("task", ""))
    said = {"message": turned.said.words(language), "code": turned.said.code}
    _record(seat, op, sent, item_id, turned.status, said, target=sent.get("target"))
    return item_id, {"id": op.id, "status": turned.status, **said}


def _record(
    seat: Seat,
    op: Op,
    sent: Mapping[str, Any],
    item_id: str,
    status: Status,
    result: Mapping[str, Any],
    *,
    target: str | None,
) -> None:
    hash_, operation_id = _digest(seat, sent), op.id
    if result.get("code") == "reused_id":  # beside the one that has the id
        operation_id = f"{op.id[:60]}.{hash_[:16]}"
        if seat.store.operations.get(seat.actor.id, operation_id) is not None:
            return
    seat.store.operations.add(
        Operation(
            person_id=seat.actor.id,
            id=operation_id,
            project=seat.name,
            item_id=item_id,
            kind=op.op,
            status=status,
            digest=hash_,
            payload=None if status == "stored" else sent,
            result=result,
            target=target,
            ended=None,
            created_at=seat.at,
        )
    )


def _digest(seat: Seat, sent: Mapping[str, Any]) -> str:
    return digest(seat.name, sent)


# ---- what can be done


def _answer(seat: Seat, op: Answer) -> Done:
    slots = in_hand(seat, op.task, op.attempt)
    read = _read(seat, op.task, slots, op.answers)
    _store(seat, op.id, slots, read, note=op.note, seconds=op.seconds, exposure=_exposure(op))
    seat.store.drafts.drop(seat.actor.id, op.task)
    seat.store.operations.forget_drafts(seat.actor.id, seat.name, op.task, since=seat.midnight)
    return Done(op.task, {})


def _skip(seat: Seat, op: Skip) -> Done:
    slots = in_hand(seat, op.task, op.attempt)
    for slot in slots:
        seat.store.annotations.add(
            _annotation(seat, op.id, slot, "skip", None, op.reason, op.seconds, None)
        )
    seat.store.leases.give_back([slot.id for slot in slots])
    return Done(op.task, {})


def _flag(seat: Seat, op: Flag) -> Done:
    own = seat.store.leases.of_items(seat.actor.id, [op.task])
    if not own and not seat.store.annotations.by_person([op.task], seat.actor.id):
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
    return Done(op.task, {})


def _undo(seat: Seat, op: Undo) -> Done:
    target = _target(seat, op.target, ("answer", "skip", "revise"))
    said = _said_in(seat, target)
    _into_hand(seat, said)
    _retract(seat, said + _seconds_of(seat, target))
    seat.store.operations.end(seat.actor.id, target.id, "undone")
    for earlier in _chain(seat, target):
        seat.store.operations.end(seat.actor.id, earlier.id, "undone")
    return Done(target.item_id, {}, target.id)


def _revise(seat: Seat, op: Revise) -> Done:
    target = _target(seat, op.target, ("answer", "skip", "revise"))
    said = _said_in(seat, target)
    slots = _into_hand(seat, said)
    read = _read(seat, target.item_id, slots, op.answers)
    _retract(seat, said)
    note = op.note if op.note is not None else said[0].note
    exposure = said[0].exposure
    _store(seat, op.id, slots, read, note=note, seconds={}, exposure=exposure)
    seat.store.operations.end(seat.actor.id, target.id, "revised")
    return Done(target.item_id, {}, target.id)


def _second(seat: Seat, op: Second) -> Done:
    target = _target(seat, op.target, ("answer", "revise"))
    first = {one.question: one for one in _said_in(seat, target) if one.kind == "answer"}
    names = [name for name in first if name in op.answers]
    earlier = {name: one.value for name, one in first.items()}
    read = read_answers(seat.project, names, op.answers, earlier)
    _retract(seat, _seconds_of(seat, target))
    for name, value in read.values.items():
        one = first[name]
        seat.store.annotations.add(
            replace(
                one,
                id=digest(seat.actor.id, op.id, name),
                kind="second",
                value=value,
                note=None,
                seconds=None,
                created_at=seat.at,
                op_id=op.id,
            )
        )
    return Done(target.item_id, {}, target.id)


def _draft(seat: Seat, op: Draft) -> Done:
    own = seat.store.leases.of_items(seat.actor.id, [op.task]).get(op.task, [])
    if any(slot.state == "leased" for slot in own):
        seat.store.drafts.put(seat.actor.id, op.task, op.answers, now=seat.at)
    elif not own:  # done: the answer came first, and said more
        raise Turned("conflict", "gone")
    return Done(op.task, {})


_HANDLERS: Mapping[type[Any], Callable[[Seat, Any], Done]] = {
    Answer: _answer,
    Skip: _skip,
    Flag: _flag,
    Undo: _undo,
    Revise: _revise,
    Second: _second,
    Draft: _draft,
}


# ---- what they have in common


def _read(
    seat: Seat, item_id: str, slots: Sequence[Assignment], given: Mapping[str, object]
) -> Read:
    names = [slot.question for slot in slots]
    said = seat.store.annotations.by_person([item_id], seat.actor.id)
    earlier = {
        one.question: one.value
        for one in said
        if one.kind == "answer" and one.undone_at is None and one.question not in names
    }
    return read_answers(seat.project, names, given, earlier)


def _exposure(op: Answer) -> Mapping[str, Any]:
    return {"browser": op.exposure}


def _store(
    seat: Seat,
    op_id: str,
    slots: Sequence[Assignment],
    read: Read,
    *,
    note: str | None,
    seconds: Mapping[str, float],
    exposure: Mapping[str, Any] | None,
) -> None:
    for slot in slots:
        kind: AnnotationKind = "not_asked" if slot.question in read.moot else "answer"
        value, took = read.values.get(slot.question), seconds.get(slot.question)
        seat.store.annotations.add(
            _annotation(seat, op_id, slot, kind, value, note, took, exposure)
        )
    seat.store.leases.finish([slot.id for slot in slots], seat.actor.id)


def _annotation(
    seat: Seat,
    op_id: str,
    slot: Assignment,
    kind: AnnotationKind,
    value: Value,
    note: str | None,
    seconds: float | None,
    exposure: Mapping[str, Any] | None,
) -> Annotation:
    return Annotation(
        id=digest(seat.actor.id, op_id, slot.question),
        project=slot.project,
        item_id=slot.item_id,
        question=slot.question,
        assignment_id=slot.id,
        person_id=seat.actor.id,
        kind=kind,
        value=value,
        note=note or None,
        shown_prelabel=None,
        seconds=seconds,
        created_at=seat.at,
        undone_at=None,
        exposure=exposure,
        op_id=op_id,
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


def _said_in(seat: Seat, target: Operation) -> list[Annotation]:
    """What counts of an operation, but for second answers."""
    said = seat.store.annotations.by_person([target.item_id], seat.actor.id)
    return [one for one in said if one.op_id == target.id and one.undone_at is None]


def _seconds_of(seat: Seat, target: Operation) -> list[Annotation]:
    said = seat.store.annotations.by_person([target.item_id], seat.actor.id)
    return [one for one in said if one.kind == "second" and one.undone_at is None]


def _into_hand(seat: Seat, said: Sequence[Annotation]) -> list[Assignment]:
    """The slots of these answers or skips, lent to the person again. Raises Turned."""
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
