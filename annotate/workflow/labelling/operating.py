"""One operation of a person: done once, however often it is sent, and kept when it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.hashing import digest
from annotate.store.queue.operations import Operation, Status
from annotate.workflow.labelling.doing import do
from annotate.workflow.labelling.messages import Language
from annotate.workflow.labelling.requests import Op
from annotate.workflow.labelling.seat import Seat, Turned

ALWAYS = ("draft", "flag")
"""What can be done while a project is frozen or a person paused: it changes no label."""


def perform(seat: Seat, op: Op, language: Language) -> tuple[str, Mapping[str, Any]]:
    """The item an operation is about, and the result for the reply.

    Inside a transaction. An id that was done before gives the result of then and changes nothing.
    What is not done is kept with everything that was sent.
    """
    sent = op.model_dump(mode="json")
    known = seat.store.operations.get(seat.actor.id, op.id)
    if known is not None and known.digest == _digest(seat, sent):
        return known.item_id, {"id": op.id, "status": known.status, **known.result}
    if known is not None:
        return _kept(seat, op, sent, Turned("conflict", "reused_id"), language)
    try:
        with seat.store.attempt():
            if seat.opening == "frozen" and op.op not in ALWAYS:
                raise Turned("refused", "frozen")
            if seat.paused is not None and op.op not in ALWAYS:
                raise Turned("refused", "you_paused")
            done = do(seat, op)
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
