"""What is stood by where answers are no classes: the one most people gave, and how far they are
apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

import numpy as np

from annotate.consensus import agreed
from annotate.consensus.estimate import Floats, Ints
from annotate.llm.spoken import SPOKEN
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.consensus.rulings import Ruling
from annotate.workflow.consensus.view import AnnotatorQuality, ConsensusView, statuses
from annotate.workflow.prelabels.pool import Pool
from annotate.workflow.prelabels.tolerance import tolerance_of
from annotate.workflow.prelabels.votes import collect_values
from annotate.workflow.routes.spread import spread
from routing.estimate import binomial

NONE = -1
UNKNOWN = 1.0
"""How unsure one is of an item about which nothing can be compared."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What people said of one item: pool number of each person's answer."""

    by_person: dict[str, int]

    def apart(self, pool: Pool) -> float | None:
        """Mean distance between two people's answers; None where there are not two."""
        pairs = [pool.distance(a, b) for a, b in combinations(self.by_person.values(), 2)]
        return fmean(pairs) if pairs else None


def by_distance(
    store: Store,
    project: Project,
    question: QuestionSettings,
    ruled: Mapping[str, Ruling],
    version: int,
) -> ConsensusView:
    """The consensus on a question without classes. ruled: item id -> what somebody has decided."""
    pool = Pool(question)
    item_ids = store.items.ids(project.project)
    at = {item: row for row, item in enumerate(item_ids)}
    said = _people(store, project, question, pool, at)
    machine, doubt = _machine(store, project, question, pool, at)
    people = np.zeros(len(item_ids), dtype=np.int64)
    label, uncertainty, alike = machine.copy(), doubt, np.ones(len(item_ids), dtype=bool)
    tolerance = tolerance_of(project, question)
    for row, one in said.items():
        numbers = list(one.by_person.values())
        people[row] = len(numbers)
        given = agreed(question, [pool.values[number] for number in numbers]).value
        label[row] = NONE if given is None else pool.number(given)
        uncertainty[row] = _unsure(pool, one, int(machine[row]))
        alike[row] = all(pool.distance(a, b) <= tolerance for a, b in combinations(numbers, 2))
    rows = {at[item]: one for item, one in ruled.items()}
    for row, ruling in rows.items():
        label[row] = NONE if ruling.kind == "ambiguous" else pool.number(ruling.value)
        uncertainty[row] = 0.0 if ruling.kind == "adjudicated" else uncertainty[row]
    empty = np.zeros((len(item_ids), 0))
    return ConsensusView(
        question=question.name,
        classes=tuple(pool.values),
        item_ids=item_ids,
        posterior=empty,
        label=label,
        people=people,
        machine=machine,
        machine_probability=empty,
        status=statuses(people, alike, machine != NONE, rows),
        quality=_quality(said.values(), pool, tolerance),
        uncertainty=uncertainty,
        data_version=version,
    )


def _people(
    store: Store, project: Project, question: QuestionSettings, pool: Pool, at: Mapping[str, int]
) -> dict[int, _Said]:
    """row -> what people said of the item."""
    said: dict[int, _Said] = defaultdict(lambda: _Said({}))
    for item, person, value, _, _ in store.annotations.answers(project.project, question.name):
        number = pool.number(value)
        if number != NONE:
            said[at[item]].by_person[person] = number
    return said


def _machine(
    store: Store, project: Project, question: QuestionSettings, pool: Pool, at: Mapping[str, int]
) -> tuple[Ints, Floats]:
    """(n,) the machine's answer that is nearest to all it gave, -1 without one; (n,) how far a
    further one may be expected from it, 1 where nothing tells."""
    kept = np.full(len(at), NONE, dtype=np.int64)
    doubt = np.full(len(at), UNKNOWN)
    if question.type not in SPOKEN:
        return kept, doubt
    answers = store.prelabels.said(project.project, question.name)
    claims = SPOKEN[question.type].claims(question)
    machine = collect_values(answers, pool, claims, project.llm.exclude)
    if machine.item_ids:
        rows = np.array([at[item] for item in machine.item_ids])
        found = spread(machine, pool, project)
        kept[rows] = found.kept
        doubt[rows] = np.nan_to_num(found.doubt(), nan=UNKNOWN)
    return kept, doubt


def _unsure(pool: Pool, said: _Said, machine: int) -> float:
    """Mean distance between people's answers; of a single one its distance from the machine's."""
    apart = said.apart(pool)
    if apart is not None:
        return apart
    [alone] = said.by_person.values()
    return 0.0 if machine == NONE else pool.distance(alone, machine)


def _quality(said: Iterable[_Said], pool: Pool, tolerance: float) -> list[AnnotatorQuality]:
    """How often a person's answer is within what is tolerated of another person's."""
    near: dict[str, list[float]] = defaultdict(list)
    count: dict[str, int] = defaultdict(int)
    for one in said:
        for person, own in one.by_person.items():
            count[person] += 1
            others = [n for name, n in one.by_person.items() if name != person]
            if others:
                near[person].append(fmean(pool.distance(own, n) <= tolerance for n in others))
    found = [_judged(person, count[person], near[person]) for person in count]
    return sorted(found, key=lambda one: (-one.answers, one.person_id))


def _judged(person: str, count: int, near: Sequence[float]) -> AnnotatorQuality:
    nothing = np.zeros((0, 0))
    if not near:
        return AnnotatorQuality(person, count, float("nan"), 0.0, 1.0, nothing)
    told = binomial(round(sum(near)), len(near))
    return AnnotatorQuality(person, count, fmean(near), told.low, told.high, nothing)
