"""A person's own earlier items, given again as if they were work: do they agree with themselves?

What is said then is kept with the checks. It is never a label, and nobody is told which it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from annotate.clock import iso
from annotate.hashing import digest
from annotate.model import Annotation, Item, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.store.queue.checks import Check
from annotate.workflow.labelling.answers import Asking, elsewhere
from annotate.workflow.labelling.seat import Seat, attempts
from annotate.workflow.prelabels.tolerance import tolerance_of


def reask_after(seat: Seat, item_id: str) -> list[str]:
    """An earlier item of this person to follow this one, for the share that the project wants."""
    people, who = seat.project.people, seat.actor.id
    drawn = int(digest(seat.project.routing.seed, "reask", item_id, who)[:13], 16) / 16**13
    if not people.reask or drawn >= people.reask / (1 - people.reask):
        return []
    found = seat.store.checks.next_reask(
        seat.name,
        who,
        behind=digest("again", item_id, who),
        after=people.reask_after,
        before=iso(seat.now - timedelta(hours=people.reask_hours)),
    )
    said = [] if found is None else seat.store.annotations.by_person([found], who)
    if found is None or not _questions(seat, said):
        return []
    seat.store.checks.add([_lent(seat, found, attempts(said))])
    return [found]


def _lent(seat: Seat, item_id: str, attempt: int) -> Check:
    """attempt: goes on from that of the work, as the item would if it had come back by an undo."""
    return Check.lent(seat.actor.id, item_id, seat.name, "reask", attempt, seat.at)


def withdraw(seat: Seat, item_id: str) -> None:
    """Not asked again now: the person has just looked at what they said of the item."""
    seat.store.checks.drop_held(seat.name, seat.actor.id, ["reask"], [item_id])


def asking(seat: Seat, check: Check, item: Item) -> Asking:
    """What is asked again: what was asked of this person before."""
    said = seat.store.annotations.by_person([item.id], seat.actor.id)
    names = _questions(seat, said) or list(check.answers or {})
    return Asking(seat.project, names, item.fields, elsewhere(seat, item.id, names, said))


def asked(seat: Seat, check: Check) -> list[str]:
    """The questions that are asked again."""
    said = seat.store.annotations.by_person([check.item_id], seat.actor.id)
    return _questions(seat, said) or list(check.answers or {})


def said_before(seat: Seat, item_id: str) -> dict[str, Value]:
    """question -> what this person's answer to the work is, where it is still offered."""
    said = seat.store.annotations.by_person([item_id], seat.actor.id)
    return {
        one.question: one.value
        for one in said
        if one.kind == "answer" and _counts(seat, one) and _offered(seat, one)
    }


def agrees(project: Project, name: str, said: Mapping[str, Value], before: Value) -> bool:
    """Whether the answer is as before; without classes, within the distance that is tolerated."""
    question = project.question(name)
    offered = still_offered(question, [said[name], before] if name in said else [])
    if len(offered) < 2:
        return False
    kind = QUESTION_TYPES[question.type]
    most = 0.0 if kind.classes(question) else tolerance_of(project, question)
    return kind.distance(question, *offered) <= most


def _questions(seat: Seat, said: list[Annotation]) -> list[str]:
    kinds = ("answer", "not_asked")
    names = {one.question for one in said if one.kind in kinds and _counts(seat, one)}
    return [name for name in seat.questions if name in names]


def _counts(seat: Seat, one: Annotation) -> bool:
    return one.undone_at is None and one.question in seat.questions


def _offered(seat: Seat, one: Annotation) -> bool:
    question: QuestionSettings = seat.project.question(one.question)
    return bool(still_offered(question, [one.value]))
