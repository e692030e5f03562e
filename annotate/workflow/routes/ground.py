"""What is on record of a question's routed items, as arrays: what every reckoning stands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotate.errors import NothingToDo
from annotate.model import Destination, Value
from annotate.project import Project
from annotate.promise.plan import as_chances
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.arrays import Numbers, keys
from annotate.store.rows import from_json, to_json
from annotate.workflow.disagreement.review import alike
from annotate.workflow.prelabels.examples import SILENT, heard
from annotate.workflow.promises.freezing import RANKS_ONLY
from routing.types import Keys, Mask, Scores

DESTINATIONS: Final[tuple[Destination, ...]] = ("auto", "annotate", "audit", "strong")
Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """n routed items; every array is (n,), in one order that means nothing.

    items: of the project, routed or not. keys: their draws' keys. scores: as they were decided by,
    NaN where the model gave nothing to go by. chances: that the model's label is wrong, NaN as
    there. destination: index into `DESTINATIONS`. answered: a person's answer counts. touched: a
    person has had or holds the item. held: by a promise that stands. compared: people answered it
    blind, and it had a score and a label when they did; wrong: of these, where they say otherwise.
    learned: the scores are chances themselves, learned from people; else `chances` are the scores
    fitted to what people have answered.
    """

    items: int
    keys: Keys
    scores: Scores
    chances: Scores
    destination: Codes
    answered: Mask
    touched: Mask
    held: Mask
    compared: Mask
    wrong: Mask
    learned: bool

    def __len__(self) -> int:
        return len(self.keys)

    def goes(self, *destinations: Destination) -> Mask:
        """(n,) items that were sent to one of these."""
        codes = [DESTINATIONS.index(name) for name in destinations]
        return np.isin(self.destination, codes)


def version_of(store: Store, project: Project, question: QuestionSettings) -> tuple[object, ...]:
    """What `stand` depends on: equal as long as it would say the same. Cheap."""
    name = project.project
    promises = store.promises.of_question(name, question.name)[-1:]
    return (
        store.projects.data_version(name),
        [(one.id, len(store.promises.events(one.id))) for one in promises],
        project.routing.signal,
        project.routing.tolerance,
        question.asked(),
    )


def stand(store: Store, project: Project, question: QuestionSettings) -> Ground:
    """The record as it is now. An answered item keeps the score that it was answered under, so
    that no score has seen the answer it is compared with. Raises NothingToDo before any routing."""
    name = project.project
    with store.snapshot():
        placed = _newest(store, name, question.name)
        if not len(placed.keys):
            raise NothingToDo(
                f"no item of {question.name!r} has been routed: `coannotate prelabel`, then "
                "`coannotate route`"
            )
        people = heard(store, name, question, blind=True)
        taken = store.assignments.taken(name, question.name)
        held = store.promises.held_items(name, question.name)
        items = store.items.count(name)
    said = keys(tuple(people.courses))
    counts = np.fromiter(people.courses.values(), dtype=np.int64, count=len(said)) > SILENT
    compared, wrong = _compared(project, question, placed, people.values)
    learned = project.routing.signal not in RANKS_ONLY
    chances = placed.scores
    if not learned:
        chances = as_chances(placed.scores, placed.scores[compared], wrong[compared])
    return Ground(
        items=items,
        keys=placed.keys,
        scores=placed.scores,
        chances=chances,
        destination=placed.destination,
        answered=np.isin(placed.keys, said[counts]),
        touched=np.isin(placed.keys, said) | np.isin(placed.keys, taken),
        held=np.isin(placed.keys, keys(tuple(held))),
        compared=compared,
        wrong=wrong,
        learned=learned,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Decided:
    """Decisions in force, by key. labels: index into `names`, JSON texts."""

    keys: Keys
    scores: Scores
    destination: Codes
    labels: NDArray[np.int32]
    names: list[str | None]


def _newest(store: Store, project: str, question: str) -> _Decided:
    destinations, labels = Numbers(), Numbers()
    destinations(DESTINATIONS)
    placed = store.decisions.placed(project, question, destination=destinations, label=labels)
    order = np.lexsort((placed.number, placed.item))
    ids = placed.item[order]
    last = np.append(ids[1:] != ids[:-1], True)[: len(ids)]
    kept = order[last]
    return _Decided(
        placed.item[kept],
        placed.score[kept],
        placed.destination[kept].astype(np.int8),
        placed.label[kept],
        list(labels),
    )


def _compared(
    project: Project,
    question: QuestionSettings,
    placed: _Decided,
    people: Mapping[str, Value],
) -> tuple[Mask, Mask]:
    """(n,) items whose labels people have judged without seeing them; where they judged wrong."""
    compared, wrong = np.zeros((2, len(placed.keys)), dtype=np.bool_)
    asked, said = keys(tuple(people)), Numbers()
    # items that were answered alike have one value, the same object: its text is made once
    texts_of = {id(value): to_json(value) for value in _apart(people.values())}
    values = said(tuple(texts_of[id(value)] for value in people.values()))
    rows = np.minimum(np.searchsorted(placed.keys, asked), len(placed.keys) - 1)
    there = placed.keys[rows] == asked
    rows, values = rows[there], values[there]
    named = np.array([name is not None for name in placed.names], dtype=np.bool_)
    usable = named[placed.labels[rows]] & ~np.isnan(placed.scores[rows])
    rows, values = rows[usable], values[usable]
    same = alike(project, question)
    pairs, at = np.unique(
        placed.labels[rows].astype(np.int64) * len(said) + values, return_inverse=True
    )
    texts = list(said)
    differs = [
        not same(from_json(placed.names[label]), from_json(texts[value]))
        for label, value in zip(*np.divmod(pairs, max(len(said), 1)), strict=True)
    ]
    compared[rows] = True
    wrong[rows] = np.array(differs, dtype=np.bool_)[at]
    return compared, wrong


def _apart(values: Iterable[Value]) -> Iterable[Value]:
    """Each object once."""
    return {id(value): value for value in values}.values()
