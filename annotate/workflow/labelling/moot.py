"""Questions that are not asked because of what is known already: settled without anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotate.hashing import digest
from annotate.model import Annotation, AnnotationKind, Assignment, Value
from annotate.workflow.labelling.answers import Asking, elsewhere
from annotate.workflow.labelling.seat import Seat


def without_moot(seat: Seat, slots: Sequence[Assignment]) -> list[str]:
    """The items among these slots, just lent, of which anything is asked.

    The slots of the others are settled as not asked: what their questions wait for was answered
    otherwise by this person before, or by the label that is delivered.
    """
    by_item: dict[str, list[Assignment]] = {}
    for slot in slots:
        by_item.setdefault(slot.item_id, []).append(slot)
    if all(question.when is None for question in seat.project.questions):
        return list(by_item)
    return [item_id for item_id, own in by_item.items() if _asks(seat, item_id, own)]


def _asks(seat: Seat, item_id: str, slots: Sequence[Assignment]) -> bool:
    names = [slot.question for slot in slots]
    said = seat.store.annotations.by_person([item_id], seat.actor.id)
    known = elsewhere(seat, item_id, names, said)
    if Asking(seat.project, names, {}, known).possible():
        return True
    op_id = digest("moot", seat.actor.id, item_id, seat.at)
    for slot in slots:
        made = annotation(seat, op_id, slot, "not_asked", None, None, None, None)
        seat.store.annotations.add(made)
    seat.store.leases.finish([slot.id for slot in slots], seat.actor.id)
    return False


def annotation(
    seat: Seat,
    op_id: str,
    slot: Assignment,
    kind: AnnotationKind,
    value: Value,
    note: str | None,
    seconds: float | None,
    record: Mapping[str, Any] | None,
) -> Annotation:
    """What this person says of a slot's question now."""
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
        exposure=record,
        op_id=op_id,
    )
