"""An item goes back to people: a slot of it is opened again, and closed when that is taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from annotate.clock import iso, later
from annotate.errors import AnnotateError, NotFound, NothingToDo
from annotate.model import Adjudication, Annotation, Assignment
from annotate.people import RIGHTS
from annotate.store import Store
from annotate.workflow.labelling.seat import Seat
from annotate.workflow.labelling.slots import number_after, open_slot

FIRST = 1.0
"""The priority of what is asked again: nothing that waits is more urgent."""
KEPT_MINUTES = 7 * 24 * 60
"""So long an item waits for the person it was sent back to; then anybody may take it."""


def ask_again(store: Store, sent: Adjudication, *, now: datetime) -> None:
    """Open the item for a person: for who answered it, or for somebody who has not had it.

    Inside the transaction that records the adjudication. Raises AnnotateError for an audited item,
    NotFound for a person without an answer that counts, NothingToDo when nobody is left.
    """
    if measures(store, sent.project, sent.question, sent.item_id):
        raise AnnotateError(
            f"item {sent.item_id!r} was drawn for an audit, which measures the model by the "
            "answers as they were given: decide it, or mark it as ambiguous"
        )
    if sent.sent_to is None:
        _to_another(store, sent, iso(now))
    else:
        _to_the_same(store, sent, sent.sent_to, now)


def ask_no_more(store: Store, sent: Adjudication) -> None:
    """Close the slot that was opened for it, where nobody has answered or taken it since."""
    slots = store.assignments.of_item(sent.item_id, sent.question)
    if sent.sent_to is None:
        free = [slot.id for slot in slots if slot.extra and slot.state == "open"]
        store.assignments.drop_untouched(free[-1:])
        return
    own = _answer_of(store, sent, sent.sent_to)
    theirs = {None, sent.sent_to}
    if own is not None and own.created_at < sent.created_at:
        back = [s.id for s in slots if s.id == own.assignment_id and s.person_id in theirs]
        store.leases.finish(back, sent.sent_to)


def closed(store: Store, project: str, question: str, item_id: str) -> bool:
    """Whether a lead has decided, so that nobody more is needed. What measures is never closed."""
    standing = store.adjudications.standing(item_id, question)
    if standing is None or standing.kind == "sent_back":
        return False
    return not measures(store, project, question, item_id)


def replace_sent_back(seat: Seat, said: Sequence[Annotation], slots: Sequence[Assignment]) -> None:
    """What a lead sent back to a person counted until they answer anew, which they do now.

    said: all they ever said of the item. slots: those they answer.
    """
    ids = {slot.id for slot in slots}
    counting = [one for one in said if one.undone_at is None and one.kind == "answer"]
    old = [one for one in counting if one.assignment_id in ids]
    for one in old:
        seat.store.annotations.retract(one.id, seat.actor.id, now=seat.at)
    for op_id in {one.op_id for one in old} - {one.op_id for one in counting if one not in old}:
        seat.store.operations.end(seat.actor.id, str(op_id), "revised")


def measures(store: Store, project: str, question: str, item_id: str) -> bool:
    """Whether the answers to an item measure the model: they are left as they were given."""
    decided = store.decisions.of_items(question, [item_id])
    drawn = store.audits.drawn_among(project, [item_id])
    return bool(drawn) or any(one.destination == "audit" for one in decided)


def waits(standing: Adjudication | None, answers: Iterable[Annotation]) -> bool:
    """Whether an item was sent back and nobody has answered it since. answers: those that count."""
    if standing is None or standing.kind != "sent_back":
        return False
    return not any(one.created_at > standing.created_at for one in answers)


def waits_for_another(store: Store, item_id: str, question: str) -> bool:
    """As `waits`, for somebody who has not had the item."""
    standing = store.adjudications.standing(item_id, question)
    if standing is None or standing.kind != "sent_back" or standing.sent_to is not None:
        return False
    return waits(standing, _counting(store, item_id, question))


def lead_notes(seat: Seat, names: Mapping[str, Collection[str]]) -> dict[str, str]:
    """item -> what this person is to read with it, for those that were sent back.

    names: item -> the questions of it that they have in hand.
    """
    notes: dict[str, list[str]] = {}
    for one in seat.store.adjudications.of_items(list(names)):
        asked = one.question in names[one.item_id] and one.sent_to in (None, seat.actor.id)
        if asked and one.comment and waits(one, _counting(seat.store, one.item_id, one.question)):
            notes.setdefault(one.item_id, []).append(one.comment)
    return {item_id: "\n".join(said) for item_id, said in notes.items()}


def _to_another(store: Store, sent: Adjudication, at: str) -> None:
    slots = store.assignments.of_item(sent.item_id, sent.question)
    had = {one.person_id for one in store.annotations.of_item(sent.item_id)}
    had |= {slot.person_id for slot in slots if slot.person_id is not None} | {sent.person_id}
    able = [a.person for a in store.accounts.all() if a.active]
    if not any("label" in RIGHTS[person.role] for person in able if person.id not in had):
        raise NothingToDo(
            "everybody here has had this item: send it back to one of those who answered it"
        )
    more = open_slot(
        sent.project,
        sent.item_id,
        sent.question,
        number_after(slots),
        FIRST,
        skill=slots[-1].skill if slots else "",
        extra=True,
    )
    store.assignments.add([more], now=at)


def _to_the_same(store: Store, sent: Adjudication, person_id: str, now: datetime) -> None:
    """The slot is in their hands again; their answer counts until they give another one."""
    own = _answer_of(store, sent, person_id)
    if own is None:
        raise NotFound(
            f"nobody with the id {person_id!r} has an answer to item {sent.item_id!r} that "
            "counts: send it to one of those who answered it"
        )
    until = later(now, KEPT_MINUTES)
    store.leases.take_back({own.assignment_id: sent.item_id}, person_id, until=until)


def _answer_of(store: Store, sent: Adjudication, person_id: str) -> Annotation | None:
    answers = _counting(store, sent.item_id, sent.question)
    return next((one for one in reversed(answers) if one.person_id == person_id), None)


def _counting(store: Store, item_id: str, question: str) -> list[Annotation]:
    return [
        one
        for one in store.annotations.of_item(item_id)
        if one.question == question and one.kind == "answer" and one.undone_at is None
    ]
