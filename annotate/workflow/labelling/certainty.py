"""How sure one may be of one item, right after an answer to it: without looking at any other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from statistics import fmean
from typing import Any

import numpy as np

from annotate.consensus.confusions import belief
from annotate.consensus.estimate import Floats, normalised
from annotate.model import Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.store import Store
from annotate.workflow.consensus.view import basis_of

USUAL = 0.85
"""How often somebody is right of whom nothing is known yet."""


def certainty(store: Store, project: Project, question: QuestionSettings, item_id: str) -> float:
    """0..1, chance of the most probable answer to an item.

    People are weighed by their records, and the machine by what its answer to this item is worth,
    both as the consensus was last stored; before that every person is right in 85 % of cases and
    the machine says nothing. Without classes: 1 - mean distance between people's answers.
    """
    said = store.annotations.said_of(item_id, question.name)
    classes = QUESTION_TYPES[question.type].classes(question)
    if len(classes) < 2:
        return 1 - _apart(question, [value for _, value in said])
    number = {value: at for at, value in enumerate(classes)}
    run = store.consensus.run_of(project.project, question.name)
    if run is None or run.basis != basis_of(project, question):  # of other classes, perhaps
        records, prior = {}, np.full(len(classes), 1 / len(classes))
    else:
        records = {one["person_id"]: one for one in run.quality}
        prior = _prior(store, question, item_id, number)
    logs = np.log(prior)
    for person, value in said:
        if value in number:
            logs = logs + np.log(_record(records.get(person), len(classes))[:, number[value]])
    return float(normalised(logs[None]).max())


def _apart(question: QuestionSettings, values: list[Value]) -> float:
    kind = QUESTION_TYPES[question.type]
    offered = still_offered(question, values)
    pairs = [kind.distance(question, one, other) for one, other in combinations(offered, 2)]
    return fmean(pairs) if pairs else 0.0


def _prior(
    store: Store, question: QuestionSettings, item_id: str, number: Mapping[Value, int]
) -> Floats:
    """(k,) what is believed before people are heard."""
    k = len(number)
    row = store.consensus.of_items(question.name, [item_id]).get(item_id)
    if row is None or row.machine_probability is None or row.machine_value not in number:
        return np.full(k, 1 / k)
    worth = float(np.clip(row.machine_probability, _LEAST, 1 - _LEAST))
    prior = np.full(k, (1 - worth) / (k - 1))
    prior[number[row.machine_value]] = worth
    return prior


_LEAST = 1e-3


def _record(record: Mapping[str, Any] | None, k: int) -> Floats:
    """(k, k) how this person answers."""
    if record is None:
        return belief(k, USUAL)
    return np.clip(np.array(record["confusion"], dtype=np.float64), _LEAST, 1.0)
