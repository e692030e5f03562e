"""More people for an item, where it is worth it: as long as the answers so far differ."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.model import Assignment, Value
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.workflow.labelling.certainty import certainty
from annotate.workflow.labelling.seat import Seat
from annotate.workflow.labelling.sending_back import closed, waits_for_another
from annotate.workflow.labelling.slots import open_slot


def reconsider(seat: Seat, item_id: str, names: Sequence[str]) -> None:
    """Open a further slot of these questions where one is wanted, and close what is not any more.

    A slot beyond `per_item` is only ever opened when all others are done, and one that somebody
    has had stays. Inside the transaction of the answer that it follows from.
    """
    if seat.project.people.overlap is None:
        return
    for name in names:
        if waits_for_another(seat.store, item_id, name):
            continue  # a slot was opened for that alone
        question = seat.project.question(name)
        slots = seat.store.assignments.of_item(item_id, name)
        if not slots:
            continue  # nobody was ever asked, and a lead's word changes nothing about that
        spare = [slot for slot in slots if slot.extra and slot.state == "open"]
        settled = [slot for slot in slots if slot not in spare]
        ready = all(slot.state == "done" for slot in settled)
        if not ready or closed(seat.store, seat.name, name, item_id):
            wanted = len(settled)
        else:
            wanted = max(len(settled), _wanted(seat, question, item_id))
        if wanted > len(slots):
            seat.store.assignments.add([_next(slots)], now=seat.at)
        else:
            surplus = spare[max(0, wanted - len(settled)) :]
            seat.store.assignments.drop_untouched([slot.id for slot in surplus])


def _wanted(seat: Seat, question: QuestionSettings, item_id: str) -> int:
    """How many people should answer, by what those so far have said."""
    people = seat.project.people
    assert people.overlap is not None
    values = seat.store.annotations.values(item_id, question.name)
    offered = still_offered(question, values)
    if len(offered) == 1:
        differs = _differs_from_model(seat, question, item_id, offered[0])
    elif people.overlap.sure is not None and len(offered) > 1:
        differs = certainty(seat.store, seat.project, question, item_id) < people.overlap.sure
    else:
        differs = not settled_by(question, offered)
    return min(people.overlap.most, len(values) + differs)


def _differs_from_model(seat: Seat, question: QuestionSettings, item_id: str, value: Value) -> bool:
    """Whether a person says another label than would be delivered without them."""
    [*made] = seat.store.decisions.of_items(question.name, [item_id])
    labels = still_offered(question, [one.label for one in made if one.label is not None])
    return any(not same(question, value, label) for label in labels)


def settled_by(question: QuestionSettings, values: Sequence[Value]) -> bool:
    """Whether more than half of the answers say the same."""
    most = max((sum(same(question, one, other) for other in values) for one in values), default=0)
    return 2 * most > len(values)


def same(question: QuestionSettings, one: Value, other: Value) -> bool:
    return QUESTION_TYPES[question.type].distance(question, one, other) == 0


def _next(slots: Sequence[Assignment]) -> Assignment:
    last = slots[-1]
    return open_slot(
        last.project,
        last.item_id,
        last.question,
        last.slot + 1,
        last.priority,
        skill=last.skill,
        extra=True,
    )
