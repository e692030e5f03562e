"""Rows of answers and votes made into arrays, and what the codes in them stand for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.llm.spoken import has_classes
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.store import Store
from annotate.store.arrays import Numbers
from annotate.store.rows import from_json, to_json
from annotate.workflow.disagreement.review import alike
from annotate.workflow.disagreement.slicing import NOTHING, Codes
from annotate.workflow.prelabels.tolerance import tolerance_of

Arrays = dict[str, NDArray[Any]]
_MONDAY = date(1970, 1, 5)


class Values:
    """Values, as JSON text, by number: the classes first, in their order.

    A value that is offered no more gets a number of its own. Without classes nothing is told apart:
    every value is 0.
    """

    def __init__(self, question: QuestionSettings) -> None:
        self.question = question
        self.classes = QUESTION_TYPES[question.type].classes(question)
        self.numbers = {to_json(value): code for code, value in enumerate(self.classes)}
        self._seen = dict(self.numbers)

    def __call__(self, text: str) -> int:
        if text not in self._seen:
            self._seen[text] = self._new(text)
        return self._seen[text]

    def codes(self, texts: Iterable[str | None]) -> Codes:
        """The code of each text; none is NOTHING."""
        found = [NOTHING if text is None else self(text) for text in texts]
        return np.array(found, dtype=np.int32)

    def _new(self, text: str) -> int:
        if not self.classes:
            return 0
        now = [to_json(value) for value in still_offered(self.question, [from_json(text)])]
        return self.numbers.setdefault((now or [text])[0], len(self.numbers))


def gathered(store: Store, project: Project, question: QuestionSettings) -> Arrays:
    """The columns of `Slices`, and `words`: what their codes stand for."""
    value, status, texts = Values(question), Numbers(), Numbers()
    standing = store.slices.standing(project.project, question.name, status=status, value=texts)
    person, day = Numbers(), Numbers()
    given = store.slices.answers(
        project.project, question.name, person=person, value=texts, day=day
    )
    places = store.slices.places(project.project)
    position = places.of(standing.item)
    order = np.lexsort((position, -standing.priority))
    place = np.full(len(places.keys), NOTHING, dtype=np.int32)  # in the order, by key
    place[np.searchsorted(places.keys, standing.item[order])] = np.arange(len(order))
    item = place[np.searchsorted(places.keys, given.item)]
    codes = value.codes(texts)
    said = codes[given.value]
    by_item = np.lexsort((said, item))
    by_item = by_item[item[by_item] >= 0]  # an answer may be newer than the consensus
    machine = standing.machine_value[order]
    tolerance = tolerance_of(project, question)
    words = {
        "classes": len(value.classes),
        "values": [from_json(text) for text in value.numbers],
        "people": list(person),
        "statuses": list(status),
    }
    return {
        "position": position[order],
        "priority": standing.priority[order],
        "status": standing.status[order],
        "machine": codes[machine],
        "spread": (standing.uncertainty[order] > tolerance) & (not value.classes),
        "item": item[by_item],
        "person": given.person[by_item],
        "value": said[by_item],
        "week": np.array([week_of(one) for one in day], dtype=np.int32)[given.day[by_item]],
        "apart": _apart(
            project, question, list(texts), machine[item[by_item]], given.value[by_item]
        ),
        "words": as_array(words),
    }


def _apart(
    project: Project, question: QuestionSettings, texts: list[str | None], one: Codes, other: Codes
) -> NDArray[np.bool_]:
    """(a,) whether an answer is further from the machine's than is tolerated, each by its text's
    number; with classes their codes tell."""
    if has_classes(question) or not len(one):
        return np.zeros(len(one), dtype=np.bool_)
    differs = _differs(project, question)
    pairs, at = np.unique(one.astype(np.int64) * len(texts) + other, return_inverse=True)
    cells = zip(*np.divmod(pairs, len(texts)), strict=True)
    far = [differs(texts[machine], str(texts[text])) for machine, text in cells]
    return np.array(far, dtype=np.bool_)[at]


def _differs(project: Project, question: QuestionSettings) -> Callable[[str | None, str], bool]:
    same = alike(project, question)

    def differs(machine: str | None, text: str) -> bool:
        return machine is not None and not same(from_json(machine), from_json(text))

    return differs


def voted(store: Store, project: Project, question: QuestionSettings) -> Arrays:
    """The columns of `Votes`, and `words`: what their codes stand for."""
    value = Values(question)
    model, prompt, round_, texts = Numbers(), Numbers(), Numbers(), Numbers()
    round_(tuple(store.slices.rounds(project.project, question.name)))
    votes = store.slices.votes(
        project.project, question.name, round_=round_, model=model, prompt=prompt, value=texts
    )
    codes = value.codes(texts)
    words = {
        "values": [from_json(text) for text in value.numbers],
        "models": list(model),
        "prompts": list(prompt),
    }
    return {
        "position": store.slices.places(project.project).of(votes.item),
        "round": votes.round,
        "model": votes.model,
        "prompt": votes.prompt,
        "value": codes[votes.value],
        "words": as_array(words),
    }


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
