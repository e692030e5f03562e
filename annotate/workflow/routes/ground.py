"""What is on record of a question's routed items, as arrays: what every reckoning stands on."""

from __future__ import annotations

from array import array
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
from annotate.store.decisions import Placed
from annotate.store.rows import from_json
from annotate.workflow.disagreement.review import alike
from annotate.workflow.prelabels.examples import human_values
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
        placed = _newest(store.decisions.placed(name, question.name))
        if not len(placed.keys):
            raise NothingToDo(
                f"no item of {question.name!r} has been routed: `coannotate prelabel`, then "
                "`coannotate route`"
            )
        answered = store.progress.answered_ids(name, question.name)
        touched = store.assignments.touched_items(name, question.name)
        held = store.promises.held_items(name, question.name)
        people = human_values(store, name, question, blind=True)
        items = store.items.count(name)
    compared, wrong = _compared(project, question, placed, people)
    learned = project.routing.signal not in RANKS_ONLY
    chances = placed.scores
    if not learned:
        pairs = zip(placed.scores[compared].tolist(), wrong[compared].tolist(), strict=True)
        chances = as_chances(placed.scores, list(pairs))
    return Ground(
        items=items,
        keys=placed.keys,
        scores=placed.scores,
        chances=chances,
        destination=placed.destination,
        answered=_among(placed.keys, answered),
        touched=_among(placed.keys, touched),
        held=_among(placed.keys, held),
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


def _newest(placed: Iterable[Placed]) -> _Decided:
    keys, numbers, labels = array("Q"), array("l"), array("l")
    scores, destinations = array("d"), array("b")
    code = {name: at for at, name in enumerate(DESTINATIONS)}
    names: dict[str | None, int] = {}
    for one in placed:
        keys.append(key_of(one.item_id))
        numbers.append(one.number)
        scores.append(np.nan if one.score is None else one.score)
        destinations.append(code[one.destination])
        labels.append(names.setdefault(one.label, len(names)))
    ids = np.array(keys, dtype=np.uint64)
    order = np.lexsort((np.array(numbers, dtype=np.int64), ids))
    last = np.append(ids[order][1:] != ids[order][:-1], True)[: len(ids)]
    kept = order[last]
    return _Decided(
        ids[kept],
        np.array(scores, dtype=np.float64)[kept],
        np.array(destinations, dtype=np.int8)[kept],
        np.array(labels, dtype=np.int32)[kept],
        list(names),
    )


def key_of(item_id: str) -> int:
    """64 bits of an item's id, which draws go by.

    >>> key_of("00000000000000ff" + "0" * 16)
    255
    """
    return int(item_id[:16], 16)


def _compared(
    project: Project,
    question: QuestionSettings,
    placed: _Decided,
    people: Mapping[str, Value],
) -> tuple[Mask, Mask]:
    """(n,) items whose labels people have judged without seeing them; where they judged wrong."""
    compared, wrong = np.zeros((2, len(placed.keys)), dtype=np.bool_)
    asked = np.array([key_of(item_id) for item_id in people], dtype=np.uint64)
    rows = np.searchsorted(placed.keys, asked)
    same, labels = alike(project, question), [from_json(name) for name in placed.names]
    for key, row, value in zip(asked.tolist(), rows.tolist(), people.values(), strict=True):
        if row == len(placed.keys) or placed.keys[row] != key:
            continue
        label = labels[placed.labels[row]]
        if label is not None and not np.isnan(placed.scores[row]):
            compared[row], wrong[row] = True, not same(label, value)
    return compared, wrong


def _among(keys: Keys, ids: Iterable[str]) -> Mask:
    found = np.array([key_of(item_id) for item_id in ids], dtype=np.uint64)
    return np.isin(keys, found)
