"""What a lead sees first: how good the data are, where it differs, what is left, what waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from annotate.agreement import Measure, Undefined
from annotate.agreement.percent import of_items
from annotate.hashing import digest
from annotate.llm.able import can_answer
from annotate.llm.spoken import has_classes
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.columns import Audited, Spent
from annotate.store.rows import from_json
from annotate.store.standing.consensus import Status
from annotate.workflow.agreement.agreeing import agreement
from annotate.workflow.agreement.anchoring import Anchoring, anchoring
from annotate.workflow.agreement.report import Agreement
from annotate.workflow.disagreement.review import alike
from annotate.workflow.prelabels.validating import Validation, validate
from annotate.workflow.projects.keeping import Kept, Shelf

MANY = 50_000
"""Answers of people from which on figures may be a minute old."""


@dataclass(frozen=True, slots=True)
class QuestionOverview:
    """destinations: items by where they were sent. slots: wanted answers by how they stand.
    statuses: items by who their answer is from, as last made up. audit: the labels that the model
    keeps, share right by those that people checked at random. model_right, people_right: share of
    right answers where the answer is known. seconds: median of an answer, None where none was
    timed. anchoring, validation: None where there is nothing to compare; validation also
    with more than `MANY` answers, where `coannotate status` has it.
    """

    question: str
    prelabelled: int
    answered: int
    destinations: Mapping[str, int]
    slots: Mapping[str, int]
    statuses: Mapping[Status, int]
    agreement: Agreement
    audit: Measure
    model_right: Measure
    people_right: Measure
    seconds: float | None
    anchoring: Anchoring | None
    validation: Validation | None

    @property
    def waiting(self) -> int:
        """Answers that people still have to give, in hand or not."""
        return self.slots.get("open", 0) + self.slots.get("leased", 0)

    @property
    def hours(self) -> float | None:
        """What they take; None where nothing was timed yet."""
        return None if self.seconds is None else self.waiting * self.seconds / 3600


@dataclass(frozen=True, slots=True)
class Overview:
    """Of a project. spent: on the model. people: name, answers, skips, last answer of each."""

    items: int
    questions: tuple[QuestionOverview, ...]
    spent: Spent
    people: tuple[Mapping[str, Any], ...]


shelf: Shelf[Overview] = Shelf()
"""Those made last in this process."""


def overview(store: Store, project: Project, *, actor: Person, now: datetime) -> Kept[Overview]:
    """Kept in memory while nothing changes; with very many answers it may be a minute old.

    Raises NotAllowed.
    """
    require(actor, "review")

    def make() -> Overview:
        return _made(store, project, actor)

    if not store.place:
        return Kept(make(), now, True)
    key, state = _state(store, project)
    return shelf.get(key, state, make, now=now, patient=_many(store, project))


def overview_at_once(
    store: Store,
    project: Project,
    *,
    open_store: Callable[[], AbstractContextManager[Store]],
    actor: Person,
    now: datetime,
) -> Kept[Overview] | None:
    """As `overview`, for who cannot wait: with very many answers what was made last, or None, while
    another thread makes it anew with a store that it opens. Raises NotAllowed."""
    require(actor, "review")
    if not _many(store, project):
        return overview(store, project, actor=actor, now=now)

    def make() -> Overview:
        with open_store() as own:
            return _made(own, project, actor)

    key, state = _state(store, project)
    return shelf.at_once(key, state, make, now=now)


def _state(store: Store, project: Project) -> tuple[tuple[str, str, str], str]:
    """What it is kept under, and what it was made of."""
    name = project.project
    return (store.place, name, _basis(project)), str(store.projects.data_version(name))


def _many(store: Store, project: Project) -> bool:
    name, annotations = project.project, store.annotations
    return any(annotations.more_than(name, one.name, MANY) for one in project.questions)


def _basis(project: Project) -> str:
    return digest(project.model_dump(mode="json"))


def _made(store: Store, project: Project, actor: Person) -> Overview:
    return Overview(
        items=store.items.count(project.project),
        questions=tuple(_question(store, project, one, actor) for one in project.questions),
        spent=store.columns.spent(project.project),
        people=tuple(store.progress.people(project.project)),
    )


def _question(
    store: Store, project: Project, question: QuestionSettings, actor: Person
) -> QuestionOverview:
    name, progress, columns = project.project, store.progress, store.columns
    known = columns.known(name, question.name)
    few = not store.annotations.more_than(
        name, question.name, MANY
    )  # else it would take most of the time
    asked = few and can_answer(project, question) and has_classes(question)
    return QuestionOverview(
        question=question.name,
        prelabelled=store.prelabels.count_items(name, question.name),
        answered=progress.answered_items(name, question.name),
        destinations=dict(progress.destinations(name, question.name)),
        slots=progress.slots(name, question.name),
        statuses=store.consensus.counts(name, question.name),
        agreement=agreement(store, project, question, actor=actor),
        audit=right(project, question, columns.audited(name, question.name), NO_AUDIT),
        model_right=right(project, question, known.machine, NONE_KNOWN),
        people_right=right(project, question, known.people, NONE_KNOWN),
        seconds=progress.seconds_per_answer(name, question.name),
        anchoring=_anchoring(store, project, question, actor),
        validation=validate(store, project, question, actor=actor) if asked else None,
    )


NO_AUDIT = "people have not checked any label that the model keeps"
NONE_KNOWN = "no item has a known answer and another"


def right(project: Project, question: QuestionSettings, found: Audited, reason: str) -> Measure:
    """Share of items on which the two columns are the same; of several answers their mean."""
    if not found.item_ids:
        return Undefined(reason)
    same = alike(project, question)
    judged = {
        pair: float(same(from_json(pair[0]), from_json(pair[1])))
        for pair in set(zip(found.values, found.labels, strict=True))
    }
    right = np.array([judged[pair] for pair in zip(found.values, found.labels, strict=True)])
    _, at = np.unique(np.array(found.item_ids), return_inverse=True)
    return of_items(np.bincount(at, weights=right) / np.bincount(at), reason)


def _anchoring(
    store: Store, project: Project, question: QuestionSettings, actor: Person
) -> Anchoring | None:
    people = project.people
    if people.mode != "suggest" and people.other_arm is None:
        return None
    return anchoring(store, project, question, actor=actor)
