"""The order in which items wait for a lead's decision."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from annotate.model import Adjudication, Annotation, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.store import Store
from annotate.store.rows import to_json
from annotate.workflow.labelling.requests import Malformed
from annotate.workflow.labelling.sending_back import waits

PAGE = 100
RETURNED = 1e6
"""The priority of what was sent back and has its answer: it is waited for."""


class Place(NamedTuple):
    """Where an item stands in the queue: by priority falling, then id."""

    priority: float
    item_id: str
    uncertainty: float

    @property
    def order(self) -> tuple[float, str]:
        return -self.priority, self.item_id


def _behind(after: str | None) -> tuple[float, str]:
    """(priority, item) of the last place one has; before all places without one."""
    if after is None:
        return 2 * RETURNED, ""
    priority, _, item_id = after.partition("~")
    try:
        return float(priority), item_id
    except ValueError:
        raise Malformed(f"after: {after!r} is not the `after` of an earlier case") from None


def places(
    store: Store, project: Project, question: QuestionSettings, after: str | None
) -> Iterator[Place]:
    """The queue from there on."""
    priority, item_id = _behind(after)
    standing = store.adjudications.in_force(project.project, question.name)
    for place in returned(store, standing):
        if place.order > (-priority, item_id):
            yield place
    known = store.consensus.run_of(project.project, question.name) is not None
    differing = _by_consensus if known else _by_answers
    for place in differing(store, project, question, priority, item_id):
        if place.item_id not in standing:
            yield place


def returned(store: Store, standing: Mapping[str, Adjudication]) -> list[Place]:
    sent = {item_id: one for item_id, one in standing.items() if one.kind == "sent_back"}
    found = []
    for item_id, one in sorted(sent.items()):
        said = store.annotations.of_item(item_id)
        if not waits(one, [a for a in said if counts(a, one.question)]):
            found.append(Place(RETURNED, item_id, 0.0))
    return found


def _by_consensus(
    store: Store, project: Project, question: QuestionSettings, priority: float, item_id: str
) -> Iterator[Place]:
    """As it was last made up: see `consenting.ensure_fresh`."""
    after = (priority, item_id)
    while rows := store.consensus.first(
        project.project, question.name, status="disputed", after=after, limit=PAGE
    ):
        for row in rows:
            yield Place(row.priority, row.item_id, row.uncertainty)
        after = (rows[-1].priority, rows[-1].item_id)


def _by_answers(
    store: Store, project: Project, question: QuestionSettings, priority: float, item_id: str
) -> Iterator[Place]:
    """By people's answers alone, as long as no consensus was ever made up."""
    answers: dict[str, list[Value]] = defaultdict(list)
    for one in store.annotations.counting(project.project, question.name):
        answers[one.item_id].append(one.value)
    found = []
    for key, values in answers.items():
        uncertainty = round(uncertainty_of(question, values), 6)
        if uncertainty > 0:
            found.append(Place(round(uncertainty * len(values), 6), key, uncertainty))
    yield from (
        place
        for place in sorted(found, key=lambda one: one.order)
        if place.order > (-priority, item_id)
    )


def uncertainty_of(question: QuestionSettings, values: Sequence[Value]) -> float:
    """0 when all say the same; with classes the share of answers that the majority leaves over,
    else the mean distance between two of them."""
    kind = QUESTION_TYPES[question.type]
    given = still_offered(question, values)
    if len(given) < 2:
        return 0.0
    if kind.classes(question):
        return 1 - max(Counter(map(to_json, given)).values()) / len(given)
    pairs = [(a, b) for at, a in enumerate(given) for b in given[:at]]
    return sum(kind.distance(question, a, b) for a, b in pairs) / len(pairs)


def counts(one: Annotation, question: str) -> bool:
    """Whether it is an answer to this question that counts."""
    return one.question == question and one.kind == "answer" and one.undone_at is None
