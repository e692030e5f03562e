"""What else happens when a project's file is changed, told before it is."""

from __future__ import annotations

from collections import Counter

from annotate.hashing import digest
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.promise.basis import changes as broken_by
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.workflow.promises.settling import examine


def follows(store: Store, old: Project, new: Project, *, actor: Person) -> list[str]:
    """Each consequence as one sentence; only reads. Raises NotAllowed."""
    require(actor, "review")
    before = {question.name: question for question in old.questions}
    told = []
    for question in new.questions:
        if question.name in before:
            told += _promise(store, old, new, before[question.name], question)
            told += _labels(store, old, before[question.name], question)
    if _asked(old) != _asked(new) and store.prelabels.began(old.project):
        told.append(
            "The model's answers so far were given to the old prompts and stay in force. The next "
            "pre-labelling asks about every item anew, with the new ones."
        )
    return told


def _promise(
    store: Store, old: Project, new: Project, before: QuestionSettings, after: QuestionSettings
) -> list[str]:
    stands = examine(store, old, before)
    if stands is None or stands.withdrawn is not None or stands.broken:
        return []
    why = broken_by(store, new, after, stands.promise)
    return [f"The promise about {after.name} will be withdrawn: {'; '.join(why)}."] if why else []


def _labels(
    store: Store, old: Project, before: QuestionSettings, after: QuestionSettings
) -> list[str]:
    """Answers that name a label which is not there any more."""
    classes = [QUESTION_TYPES[one.type].classes(one) for one in (before, after)]
    gone = [value for value in classes[0] if value not in classes[1]]
    if not gone:
        return []
    said = Counter(
        one.value
        for one in store.annotations.counting(old.project, before.name)
        if isinstance(one.value, str)
    )
    return [
        f"{said[value]:,} answers to {after.name} say {value}, which would no longer be offered: "
        "they would count for nothing."
        for value in gone
        if said[value]
    ]


def _asked(project: Project) -> str:
    """What an answer of the model depends on, as far as the project file says it."""
    llm = project.llm.model_dump(mode="json")
    for name in ("max_cost_usd", "max_calls", "concurrency", "timeout_s", "price", "exclude"):
        llm.pop(name)
    return digest(
        project.guideline,
        project.language,
        project.fields,
        [question.asked() for question in project.questions],
        llm,
    )
