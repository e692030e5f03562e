"""Wanted answers: a slot for each, in an order that tells nobody why an item is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from annotate.hashing import digest
from annotate.model import PEOPLE, Assignment, Decision
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store

CHUNK = 1000


def match_slots(
    store: Store,
    project: Project,
    question: QuestionSettings,
    decided: Sequence[Decision],
    *,
    hidden: set[str],
    now: str,
) -> None:
    """A slot per wanted answer: missing ones are opened, untouched ones too many withdrawn.

    hidden: items whose slots keep the priority they have.
    """
    wanted = {d.item_id: d for d in decided if d.destination in ("annotate", "audit")}
    store.assignments.withdraw(
        project.project, question.name, keep=wanted.keys(), per_item=project.people.per_item
    )
    open_slots(store, project, question, wanted.values(), now=now)
    store.assignments.set_skills(
        project.project, question.name, _skills(store, project, list(wanted))
    )
    store.assignments.reprioritise(
        project.project,
        question.name,
        {i: priority(d) for i, d in wanted.items() if i not in hidden},
    )


def open_slots(
    store: Store,
    project: Project,
    question: QuestionSettings,
    decisions: Iterable[Decision],
    *,
    now: str,
    place: Callable[[Decision], float] | None = None,
) -> None:
    """The slots that these items still lack. place: another priority than usual for new ones."""
    per_item = project.people.per_item
    there = store.assignments.count_of_items(project.project, question.name)
    lacking = [one for one in decisions if there.get(one.item_id, 0) < per_item]
    skills = _skills(store, project, [one.item_id for one in lacking])
    slots = (
        open_slot(
            decision.project,
            decision.item_id,
            decision.question,
            slot,
            (place or priority)(decision),
            skill=skills.get(decision.item_id, ""),
        )
        for decision in lacking
        for slot in range(per_item)
    )
    store.assignments.add(slots, now=now)


def _skills(store: Store, project: Project, item_ids: Sequence[str]) -> dict[str, str]:
    """item -> the skill it needs, for items whose data names one."""
    column = project.people.skill_from
    found: dict[str, str] = {}
    for start in range(0, len(item_ids) if column else 0, CHUNK):
        for item in store.items.several(item_ids[start : start + CHUNK]).values():
            said = item.metadata.get(column or "")
            if said is not None and str(said).strip():
                found[item.id] = str(said).strip()
    return found


def priority(decision: Decision) -> float:
    """Most uncertain first. Audited items stand anywhere among them, so that nobody can tell.

    Questions that no model is asked come last: they are answered with the others of their item.
    """
    if decision.policy == PEOPLE:
        return 0.0
    if decision.destination == "audit":
        return int(digest("audit", decision.item_id)[:8], 16) / 0xFFFFFFFF
    return 1.0 if decision.score is None else decision.score


def open_slot(
    project: str,
    item_id: str,
    question: str,
    number: int,
    place: float,
    *,
    skill: str = "",
    extra: bool = False,
) -> Assignment:
    """A wanted answer that nobody has taken. number: which of its item's question, from 0.

    place: its priority, the highest is asked first. extra: wanted beyond what was planned.
    """
    return Assignment(
        id=digest(item_id, question, number),
        project=project,
        item_id=item_id,
        question=question,
        slot=number,
        priority=place,
        state="open",
        person_id=None,
        leased_until=None,
        skill=skill,
        extra=extra,
    )


def number_after(slots: Iterable[Assignment]) -> int:
    """The number of one slot more."""
    return max((slot.slot for slot in slots), default=-1) + 1
