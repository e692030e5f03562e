"""Rows of answers and votes made into arrays, and what the codes in them stand for."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.llm.spoken import has_classes
from annotate.model import Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.store import Store
from annotate.store.rows import from_json, to_json
from annotate.workflow.disagreement.review import alike
from annotate.workflow.disagreement.slicing import NOTHING, Codes, Votes
from annotate.workflow.prelabels.tolerance import tolerance_of

Arrays = dict[str, NDArray[Any]]
_MONDAY = date(1970, 1, 5)


class Names:
    """Texts by number, in the order in which they come."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))


class Values:
    """Values, as JSON text, by number: the classes first, in their order.

    A value that is offered no more gets a number of its own. Without classes nothing is told apart:
    every value is 0.
    """

    def __init__(self, question: QuestionSettings, known: tuple[Value, ...] = ()) -> None:
        self.question = question
        self.classes = QUESTION_TYPES[question.type].classes(question)
        self.numbers = {to_json(value): code for code, value in enumerate(known or self.classes)}
        self._seen = dict(self.numbers)

    def __call__(self, text: str) -> int:
        if text not in self._seen:
            self._seen[text] = self._new(text)
        return self._seen[text]

    def _new(self, text: str) -> int:
        if not self.classes:
            return 0
        now = [to_json(value) for value in still_offered(self.question, [from_json(text)])]
        return self.numbers.setdefault((now or [text])[0], len(self.numbers))


def gathered(store: Store, project: Project, question: QuestionSettings) -> Arrays:
    """The columns of `Slices`, and `words`: what their codes stand for."""
    value, status, person = Values(question), Names(), Names()
    items, said = _items(store, project, question, value, status)
    position, priority = items["position"], items["priority"]
    order = np.lexsort((position, -priority))
    rows = _rows(store, project, question, value, person, said)
    place = np.full(max(_end(position), _end(rows["item"])), -1, dtype=np.int32)
    place[position[order]] = np.arange(len(order), dtype=np.int32)
    rows["item"] = place[rows["item"]]
    by_item = np.lexsort((rows["value"], rows["item"]))
    by_item = by_item[rows["item"][by_item] >= 0]  # an answer may be newer than the consensus
    words = {
        "classes": len(value.classes),
        "values": [from_json(text) for text in value.numbers],
        "people": list(person.numbers),
        "statuses": list(status.numbers),
    }
    return {
        **{name: column[order] for name, column in items.items()},
        **{name: column[by_item] for name, column in rows.items()},
        "words": as_array(words),
    }


def _items(
    store: Store, project: Project, question: QuestionSettings, value: Values, status: Names
) -> tuple[Arrays, dict[int, str]]:
    """The columns of items, and, without classes, what the machine says by position."""
    where, machine, states, spread = (array(kind) for kind in "iiib")
    urgent = array("d")
    said: dict[int, str] = {}
    tolerance = tolerance_of(project, question)
    for item in store.slices.standing(project.project, question.name):
        where.append(item.position)
        urgent.append(item.priority)
        states.append(status(item.status))
        spread.append(not value.classes and item.uncertainty > tolerance)
        machine.append(NOTHING if item.machine_value is None else value(item.machine_value))
        if not value.classes and item.machine_value is not None:
            said[item.position] = item.machine_value
    columns = {"position": where, "priority": urgent, "machine": machine, "status": states}
    found: Arrays = {name: np.array(column) for name, column in columns.items()}
    return found | {"spread": np.array(spread, dtype=np.bool_)}, said


def _rows(
    store: Store,
    project: Project,
    question: QuestionSettings,
    value: Values,
    person: Names,
    said: Mapping[int, str],
) -> Arrays:
    """The columns of answers; `item` is a position still."""
    where, who, what, when, apart = (array(kind) for kind in "iiiib")
    differs = _differs(project, question)
    for one in store.slices.answers(project.project, question.name):
        where.append(one.position)
        who.append(person(one.person_id))
        what.append(value(one.value))
        when.append(week_of(one.created_at[:10]))
        apart.append(differs(said.get(one.position), one.value))
    columns = {"item": where, "person": who, "value": what, "week": when}
    found: Arrays = {name: np.array(column) for name, column in columns.items()}
    return found | {"apart": np.array(apart, dtype=np.bool_)}


def _differs(project: Project, question: QuestionSettings) -> Callable[[str | None, str], bool]:
    """Whether an answer (JSON text) is further from the machine's than is tolerated; with classes
    their codes tell."""
    if has_classes(question):
        return lambda machine, text: False
    same = alike(project, question)

    @lru_cache(maxsize=100_000)
    def differs(machine: str | None, text: str) -> bool:
        return machine is not None and not same(from_json(machine), from_json(text))

    return differs


def voted(
    store: Store, project: Project, question: QuestionSettings, known: tuple[Value, ...]
) -> Arrays:
    """The columns of `Votes`, and `words`. known: the values that have a code already."""
    value, model, prompt, round_ = Values(question, known), Names(), Names(), Names()
    for id_ in store.slices.rounds(project.project, question.name):
        round_(id_)
    columns = {name: array("i") for name in Votes._fields}
    for vote in store.slices.votes(project.project, question.name):
        columns["position"].append(vote.position)
        columns["round"].append(round_(vote.round_id))
        columns["model"].append(model(vote.model))
        columns["prompt"].append(prompt(vote.prompt_version))
        columns["value"].append(value(vote.value))
    words = {"models": list(model.numbers), "prompts": list(prompt.numbers)}
    found: Arrays = {name: np.array(column) for name, column in columns.items()}
    return found | {"words": as_array(words)}


@lru_cache(maxsize=4096)
def week_of(day: str) -> int:
    """Mondays between 1970-01-05 and a day.

    >>> week_of("1970-01-05"), week_of("1970-01-11"), week_of("2026-03-02")
    (0, 0, 2930)
    """
    return (date.fromisoformat(day) - _MONDAY).days // 7


def monday(week: int) -> str:
    """
    >>> monday(2930)
    '2026-03-02'
    """
    return (_MONDAY + timedelta(weeks=week)).isoformat()


def as_array(words: Any) -> NDArray[np.uint8]:
    """What codes stand for, as JSON beside them."""
    return np.frombuffer(json.dumps(words).encode(), dtype=np.uint8)


def _end(positions: Codes) -> int:
    return int(positions.max(initial=-1)) + 1
