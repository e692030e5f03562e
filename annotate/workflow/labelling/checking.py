"""Items with a known answer that people answer: first as training, later as if they were work.

What people say of them is kept apart: it says how good the person is and is never a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from annotate.hashing import digest
from annotate.model import Item, Value
from annotate.questions import still_offered
from annotate.store.persons.trainings import Result, Training
from annotate.store.queue.checks import Check, Purpose
from annotate.workflow.labelling import reasking
from annotate.workflow.labelling.answers import Asking, read_answers
from annotate.workflow.labelling.exposing import in_words
from annotate.workflow.labelling.overlap import same
from annotate.workflow.labelling.requests import Answer
from annotate.workflow.labelling.seat import Seat, Turned

State = Literal["none", "open", "failed"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Where a person's training stands. since: when its round began. done: items settled."""

    state: State
    since: str = ""
    done: int = 0


def lesson(seat: Seat) -> Lesson:
    """Whether this person must be trained before they get work."""
    settings = seat.project.people.training
    last = None if settings is None else seat.store.trainings.last(seat.name, seat.actor.id)
    if settings is None or (last is not None and last.result in ("passed", "excused")):
        return Lesson("none")
    if last is not None and last.result == "failed":
        return Lesson("failed")
    since = "" if last is None else last.created_at
    score = seat.store.checks.score(seat.name, seat.actor.id, "training", since=since)
    return Lesson("open", since, score.items)


def give(seat: Seat, purpose: Purpose, *, most: int, behind: str = "") -> list[str]:
    """Up to `most` items with a known answer, put into this person's hands."""
    found = seat.store.checks.next_gold(seat.name, seat.actor.id, behind=behind, most=most)
    seat.store.checks.add(
        [Check.lent(seat.actor.id, item_id, seat.name, purpose, 0, seat.at) for item_id in found]
    )
    return found


def gold_after(seat: Seat, item_id: str) -> list[str]:
    """An item with a known answer to follow this one, for the share that the project wants."""
    share = seat.project.people.gold_share
    drawn = int(digest(seat.project.routing.seed, "gold", item_id, seat.actor.id)[:13], 16) / 16**13
    # of all that is given out, `share` shall be gold: one for each item would be a half
    if not share or drawn >= share / (1 - share):
        return []
    return give(seat, "gold", most=1, behind=digest("behind", item_id, seat.actor.id))


# ---- what is done with them


def open_check(seat: Seat, item_id: str, attempt: int) -> Check | None:
    """The check this person has in hand; None when the item is no check. Raises Turned."""
    check = seat.store.checks.of_items(seat.actor.id, [item_id]).get(item_id)
    if check is None or check.project != seat.name or _is_work_again(seat, check):
        return None
    if check.attempt != attempt or check.state != "leased":
        raise Turned("conflict", "taken_back" if check.state == "leased" else "other_window")
    return check


def _is_work_again(seat: Seat, check: Check) -> bool:
    """Whether the item is work now: the person took their answer back, or a lead sent it back."""
    if check.purpose != "reask":
        return False
    own = seat.store.leases.of_items(seat.actor.id, [check.item_id]).get(check.item_id, [])
    return any(slot.state == "leased" for slot in own)


def asked(seat: Seat, check: Check) -> list[str]:
    """The questions of a check: all of the project's, of a re-ask those asked before."""
    if check.purpose == "reask":
        return reasking.asked(seat, check)
    return list(seat.questions)


def _asking(seat: Seat, check: Check, item: Item) -> Asking:
    if check.purpose == "reask":
        return reasking.asking(seat, check, item)
    return Asking(seat.project, seat.questions, item.fields)


def answer_check(seat: Seat, check: Check, op: Answer, item: Item) -> dict[str, Any]:
    """Store the answers; what the reply shows of them, in training only."""
    read = read_answers(_asking(seat, check, item), op.answers)
    took = sum(op.seconds.values()) or None
    settled = _settled(seat, check, op.id, read.values, op.note or None)
    seat.store.checks.put(replace(settled, seconds=took, exposure={"browser": op.exposure}))
    if check.purpose != "training":
        return {}
    _conclude(seat)
    return {"feedback": _feedback(seat, read.values, item)}


def revise_check(
    seat: Seat, check: Check, op_id: str, answers: Mapping[str, Value], note: str | None, item: Item
) -> None:
    """Other answers to a check that looked like work. Raises Turned in training."""
    if check.purpose == "training":
        raise Turned("refused", "trained")
    read = read_answers(_asking(seat, check, item), answers)
    note = check.note if note is None else note
    seat.store.checks.put(_settled(seat, check, op_id, read.values, note))


def skip_check(seat: Seat, check: Check, op_id: str, reason: str | None) -> None:
    skipped = _settled(seat, check, op_id, {}, reason)
    if check.purpose == "reask":  # neither the same nor another answer
        skipped = replace(skipped, asked=0)
    seat.store.checks.put(replace(skipped, state="skipped", answers=None))
    if check.purpose == "training":
        _conclude(seat)


def undo_check(seat: Seat, check: Check) -> None:
    """Into hand again. Raises Turned in training, where the right answer has been seen."""
    if check.purpose == "training":
        raise Turned("refused", "trained")
    nothing = replace(check, state="leased", answers=None, correct=None, asked=None)
    seat.store.checks.put(replace(nothing, op_id=None, settled_at=None))


def _settled(
    seat: Seat, check: Check, op_id: str, values: Mapping[str, Value], note: str | None
) -> Check:
    if check.purpose == "reask":
        known = reasking.said_before(seat, check.item_id)
        right = [name for name in known if reasking.agrees(seat.project, name, values, known[name])]
    else:
        known = _known(seat, check.item_id)
        right = [name for name in known if name in values and _right(seat, name, values, known)]
    return replace(
        check,
        state="done",
        attempt=check.attempt + 1,
        answers=dict(values),
        correct=len(right),
        asked=len(known),
        note=note,
        op_id=op_id,
        settled_at=seat.at,
    )


def _known(seat: Seat, item_id: str) -> dict[str, Value]:
    """The known answers to questions that the project still asks, in a form it still offers."""
    given = seat.store.checks.known([item_id]).get(item_id, {})
    questions = [one for one in seat.project.questions if one.name in given]
    return {one.name: given[one.name] for one in questions if still_offered(one, [given[one.name]])}


def _right(seat: Seat, name: str, values: Mapping[str, Value], known: Mapping[str, Value]) -> bool:
    return same(seat.project.question(name), values[name], known[name])


def _feedback(seat: Seat, values: Mapping[str, Value], item: Item) -> dict[str, Any]:
    settings, known = seat.project.people.training, _known(seat, item.id)
    assert settings is not None
    comment = item.metadata.get(settings.comment) if settings.comment else None
    return {
        name: {
            "right": name in values and _right(seat, name, values, known),
            "value": value,
            "label_text": in_words(seat.project.question(name), value),
            "comment": "" if comment is None else str(comment),
        }
        for name, value in known.items()
    }


def _conclude(seat: Seat) -> None:
    """Note how the training ended, once its last item is settled."""
    settings, standing = seat.project.people.training, lesson(seat)
    assert settings is not None
    if standing.state != "open" or standing.done < settings.items:
        return
    score = seat.store.checks.score(seat.name, seat.actor.id, "training", since=standing.since)
    good = score.correct >= settings.pass_ * score.asked
    note_training(seat, "passed" if good else "failed", score.correct, score.asked, "training")


def note_training(seat: Seat, result: Result, correct: int, asked: int, by: str) -> Training:
    """Append an event of this person's training."""
    last = seat.store.trainings.last(seat.name, seat.actor.id)
    number = 1 if last is None else last.number + 1
    event = Training(seat.name, seat.actor.id, number, result, correct, asked, by, seat.at)
    seat.store.trainings.add(event)
    return event
