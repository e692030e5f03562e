"""What a lead looks at: where the work stands, where people and the model differ, and why."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.consensus import offers
from annotate.llm.spoken import has_classes
from annotate.model import Annotation, Decision, Destination, Item, Person, Prelabel, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.store import Store
from annotate.workflow.prelabels.examples import human_values
from annotate.workflow.prelabels.tolerance import tolerance_of
from annotate.workspace import require_item


@dataclass(frozen=True, slots=True)
class QuestionStatus:
    """Counts for one question. Accuracies are shares of items with a known answer, or None.

    Without classes, answers agree and are right within the distance that the project tolerates.
    """

    question: str
    items: int
    prelabelled: int
    destinations: Mapping[Destination, int]
    slots_waiting: int
    slots_in_hand: int
    slots_done: int
    answered_items: int
    calls: Mapping[str, int]
    tokens_in: int
    tokens_out: int
    compared: int
    agreeing: int
    model_accuracy: float | None
    people_accuracy: float | None
    distance: float | None = None
    """Mean between people's and the model's answers, where there are no classes."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """counts[i, j]: items where people say classes[i] and the model says classes[j].

    The last column counts items on which the model gave nothing usable. Empty for a question
    without classes.
    """

    classes: tuple[Value, ...]
    counts: NDArray[np.int64]

    @property
    def compared(self) -> int:
        """Items that have both a human and a model answer."""
        return int(self.counts[:, :-1].sum())

    @property
    def agreeing(self) -> int:
        return int(np.trace(self.counts[:, :-1]))


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An item on which people do not say what the model says."""

    item: Item
    people: Value
    model: Value
    score: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """Everything that ever happened to one item."""

    item: Item
    gold: Mapping[str, Value]
    prelabels: list[Prelabel]
    decisions: list[Decision]
    annotations: list[tuple[Annotation, str]]
    """Each answer, retracted ones too, with the name of who gave it."""


def status(store: Store, project: Project, *, actor: Person) -> list[QuestionStatus]:
    """Where every question stands. Raises NotAllowed."""
    require(actor, "review")
    return [_status(store, project, question, actor) for question in project.questions]


def _status(
    store: Store, project: Project, question: QuestionSettings, actor: Person
) -> QuestionStatus:
    name, progress = project.project, store.progress
    slots = progress.slots(name, question.name)
    destinations: Any = progress.destinations(name, question.name)
    pairs = [
        (decision.model_value, value)
        for decision, value in _pairs(store, project, question)
        if decision.model_value is not None
    ]
    same = alike(project, question)
    model = {d.item_id: d.model_value for d in store.decisions.current(name, question.name)}
    known = store.items.gold(name, question.name).items()
    gold = {item_id: _as_now(question, value) for item_id, value in known}
    return QuestionStatus(
        question=question.name,
        items=store.items.count(name),
        prelabelled=store.prelabels.count_items(name, question.name),
        destinations=destinations,
        slots_waiting=slots.get("open", 0),
        slots_in_hand=slots.get("leased", 0),
        slots_done=slots.get("done", 0),
        answered_items=progress.answered_items(name, question.name),
        calls=progress.outcomes(name, question.name),
        **progress.tokens(name, question.name),
        compared=len(pairs),
        agreeing=sum(same(one, other) for one, other in pairs),
        model_accuracy=_accuracy(model, gold, same),
        people_accuracy=_accuracy(human_values(store, name, question), gold, same),
        distance=_mean_distance(question, pairs),
    )


def _as_now(question: QuestionSettings, value: Value) -> Value:
    """A stored value in the question's present form; as it is when it is offered no more."""
    return next(iter(still_offered(question, [value])), value)


def alike(project: Project, question: QuestionSettings) -> Callable[[Value, Value], bool]:
    """Whether two answers count as the same: equal, or, where there are no classes, no further
    apart than the project tolerates. A value that is no longer offered is like itself alone."""
    if has_classes(question):
        return operator.eq
    kind, tolerance = QUESTION_TYPES[question.type], tolerance_of(project, question)

    def near(one: Value, other: Value) -> bool:
        if not offers(question, one) or not offers(question, other):
            return bool(one == other)
        return kind.distance(question, one, other) <= tolerance

    return near


def _mean_distance(
    question: QuestionSettings, pairs: Sequence[tuple[Value, Value]]
) -> float | None:
    kind = QUESTION_TYPES[question.type]
    offered = [pair for pair in pairs if all(offers(question, value) for value in pair)]
    if has_classes(question) or not offered:
        return None
    return fmean(kind.distance(question, one, other) for one, other in offered)


def _accuracy(
    said: Mapping[str, Value],
    gold: Mapping[str, Value],
    same: Callable[[Value, Value], bool],
) -> float | None:
    """Share of items right among those with a known answer and something said."""
    known = [same(said[i], value) for i, value in gold.items() if said.get(i) is not None]
    return sum(known) / len(known) if known else None


def confusion(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person
) -> Confusion:
    """People against the model, over items people have answered without a tie.

    Without a row where answers are of no fixed set.
    """
    require(actor, "review")
    classes = QUESTION_TYPES[question.type].classes(question)
    at = {value: index for index, value in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes) + 1), dtype=np.int64)
    for decision, value in _pairs(store, project, question) if classes else ():
        counts[at[value], at.get(decision.model_value, len(classes))] += 1
    return Confusion(classes, counts)


def disagreements(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    people: Value = None,
    model: Value = None,
    limit: int = 200,
) -> list[Disagreement]:
    """Items on which people and the model differ, the model's surest errors first.

    people, model: only those where people, or the model, said this (a cell of the confusion).
    """
    require(actor, "review")
    same = alike(project, question)
    found = [
        (decision, value)
        for decision, value in _pairs(store, project, question)
        if decision.model_value is not None
        and not same(decision.model_value, value)
        and people in (None, value)
        and model in (None, decision.model_value)
    ]
    found.sort(key=lambda pair: (pair[0].score or 0.0, pair[0].item_id))
    items = store.items.several([decision.item_id for decision, _ in found[:limit]])
    return [
        Disagreement(items[d.item_id], value, d.model_value, d.score, d.reason)
        for d, value in found[:limit]
    ]


def item_history(store: Store, project: Project, reference: str, *, actor: Person) -> ItemHistory:
    """The history of the item with this id, or this id of the user's own.

    Raises NotAllowed, and NotFound.
    """
    require(actor, "review")
    item = require_item(store, project, reference)
    names = {person.id: person.name for person in store.people.all()}
    return ItemHistory(
        item=item,
        gold=store.history.gold(item.id),
        prelabels=store.history.prelabels(item.id),
        decisions=store.history.decisions(item.id),
        annotations=[(a, names[a.person_id]) for a in store.annotations.of_item(item.id)],
    )


def _pairs(
    store: Store, project: Project, question: QuestionSettings
) -> Iterator[tuple[Decision, Value]]:
    """Each decision in force of an item people have answered, with their answer."""
    values = human_values(store, project.project, question)
    for decision in store.decisions.current(project.project, question.name):
        if decision.item_id in values:
            yield decision, values[decision.item_id]
