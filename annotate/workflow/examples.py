"""Human-labelled items for the next prompts: balanced over labels, never from the audit."""

from __future__ import annotations

from collections import defaultdict

from annotate.consensus import majority
from annotate.hashing import digest
from annotate.model import Annotation, Value
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store


def human_values(store: Store, project: str, question: QuestionSettings) -> dict[str, Value]:
    """item id -> the answer most people gave; items on which they are tied are left out."""
    kind = QUESTION_TYPES[question.type]
    answers: dict[str, list[Annotation]] = defaultdict(list)
    for annotation in store.annotations.counting(project, question.name):
        answers[annotation.item_id].append(annotation)
    values = {}
    for item_id, given in answers.items():
        consensus = majority([a.value for a in given], kind.classes(question))
        if consensus.value is not None:
            values[item_id] = consensus.value
    return values


def pick_examples(
    store: Store, project: str, question: QuestionSettings, *, limit: int | None
) -> tuple[tuple[str, Value], ...]:
    """Up to `limit` (None: all) pairs of item id and human answer, evenly over the answers.

    Items drawn for the audit are never used: they measure the machine, so it must not have seen
    them. The choice depends on the labels alone, not on chance or time.
    """
    audited = {
        decision.item_id
        for decision in store.decisions.current(project, question.name)
        if decision.destination == "audit"
    }
    by_value: dict[Value, list[str]] = defaultdict(list)
    for item_id, value in human_values(store, project, question).items():
        if item_id not in audited:
            by_value[value].append(item_id)
    queues = [
        [(item_id, value) for item_id in sorted(by_value[value], key=digest)]
        for value in QUESTION_TYPES[question.type].classes(question)
    ]
    longest = max(map(len, queues), default=0)
    in_turn = [queue[at] for at in range(longest) for queue in queues if at < len(queue)]
    return tuple(in_turn if limit is None else in_turn[:limit])
