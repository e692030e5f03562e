"""What leads have decided about the items that one person answered: for that person's own eyes."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.model import Adjudication, Annotation, Item, Value
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.disagreement.review import alike

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Correction:
    """An item that a person answered and a lead has decided or marked as ambiguous.

    own: what the person said when it was decided, so that nobody betters their record by changing
    an answer afterwards; what they say now where they had said nothing then. truth: what was
    decided, None where no answer is right. right: whether they count as the same; None where there
    is no truth. comment, at: the lead's words, and when; the lead's name is not told.
    """

    item: Item
    question: str
    own: Value
    truth: Value
    right: bool | None
    comment: str | None
    at: str


def corrections(store: Store, project: Project, person_id: str) -> list[Correction]:
    """All of them, those that were decided last first.

    Whoever calls has asked whether it is shown to this person. Nothing of other people's answers
    or of the machine's is told.
    """
    found: list[Correction] = []
    with store.snapshot():
        for question in project.questions:
            standing = store.adjudications.in_force(project.project, question.name)
            same = alike(project, question)
            for item, own, ruled in _pairs(store, question.name, standing, person_id):
                right = same(own.value, ruled.value) if ruled.kind == "decided" else None
                found.append(
                    Correction(
                        item=item,
                        question=question.name,
                        own=own.value,
                        truth=ruled.value,
                        right=right,
                        comment=ruled.comment,
                        at=ruled.created_at,
                    )
                )
    return sorted(found, key=lambda one: (one.at, one.item.id), reverse=True)


def _pairs(
    store: Store, question: str, standing: dict[str, Adjudication], person_id: str
) -> list[tuple[Item, Annotation, Adjudication]]:
    ids = [item_id for item_id, one in standing.items() if one.kind != "sent_back"]
    found = []
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        own: dict[str, Annotation] = {}
        said = store.annotations.by_person(part, person_id)
        answers = [one for one in said if one.question == question and one.kind == "answer"]
        for one in sorted(answers, key=lambda one: _weight(one, standing[one.item_id].created_at)):
            decided_at = standing[one.item_id].created_at
            if one.undone_at is None or one.created_at <= decided_at < one.undone_at:
                own[one.item_id] = one
        items = store.items.several(list(own))
        found += [(items[item_id], one, standing[item_id]) for item_id, one in own.items()]
    return found


def _weight(one: Annotation, decided_at: str) -> tuple[bool, str]:
    """Last comes what was in force when it was decided; else what came latest."""
    return one.created_at <= decided_at, one.created_at
