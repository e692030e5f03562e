"""What people agree on, and which of it may be shown to the machine as examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from annotate.consensus import agreed
from annotate.hashing import digest
from annotate.llm.prompts import Example
from annotate.llm.similar import same_text
from annotate.model import Adjudication, Annotation, Item, Value
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.store import Store
from annotate.store.rows import to_json
from annotate.workflow.labelling.sending_back import waits
from annotate.workflow.prelabels.protected import protected_items

CHUNK = 1000


def human_values(
    store: Store, project: str, question: QuestionSettings, *, blind: bool = False
) -> dict[str, Value]:
    """item id -> what people stand by: what a lead has decided, else the answer most people gave.

    Left out are items on which people are tied, that are marked as ambiguous, or that were sent
    back and not answered since. This is the one place that says so: few-shots, calibration and the
    comparison with the model ask here, and keep out what measures (`protected_items`) as ever.
    blind: count only answers of people who were shown no answer of the machine; a lead, who has
    seen what everybody says, is asked because that has not settled it.
    """
    answers: dict[str, list[Annotation]] = defaultdict(list)
    for annotation in store.annotations.counting(project, question.name):
        answers[annotation.item_id].append(annotation)
    standing = store.adjudications.in_force(project, question.name)
    values = {}
    for item_id in {**answers, **standing}:
        value = _value(question, answers[item_id], standing.get(item_id), blind=blind)
        if value is not None:
            values[item_id] = value
    return values


def _value(
    question: QuestionSettings,
    given: Sequence[Annotation],
    ruled: Adjudication | None,
    *,
    blind: bool,
) -> Value:
    """None where there is no answer that people stand by."""
    if ruled is not None and ruled.kind == "decided":
        return next(iter(still_offered(question, [ruled.value])), None)
    if ruled is not None and (ruled.kind == "ambiguous" or waits(ruled, given)):
        return None
    counted = [one.value for one in given if not blind or one.shown_prelabel is None]
    return agreed(question, counted).value


def pick_examples(
    store: Store, project: str, question: QuestionSettings, *, limit: int | None
) -> tuple[tuple[str, Value], ...]:
    """Up to `limit` (None: all) pairs of item id and human answer, evenly over the answers.

    Left out, because they would tell the machine what it is measured by: protected items, and
    items with the text of one. Items that are merely like one stay. The audit is drawn at random
    from what the machine was sure of, so audited items have as many look-alikes here as the items
    that they stand for; and a cosine does not know a message sent twice from a form filled in
    twice, where one number makes another label.

    Also left out: items on which people are tied, also when the same text came twice and was
    answered differently; of texts answered alike one stays. The choice depends on labels and
    texts alone, not on chance or time.
    """
    values = human_values(store, project, question) if limit != 0 else {}
    protected = protected_items(store, project, question) if values else set()
    candidates = [item_id for item_id in values if item_id not in protected]
    measuring = {_text(item) for item in _items(store, sorted(protected))} if candidates else set()
    by_text: dict[str, list[str]] = defaultdict(list)
    for item in _items(store, sorted(candidates, key=digest)):
        by_text[_text(item)].append(item.id)
    by_value: dict[str, list[str]] = defaultdict(list)
    for text, (first, *others) in by_text.items():
        if text not in measuring and all(values[other] == values[first] for other in others):
            by_value[to_json(values[first])].append(first)
    classes = QUESTION_TYPES[question.type].classes(question)
    order = map(to_json, classes) if classes else sorted(by_value, key=digest)
    in_turn = [(item_id, values[item_id]) for item_id in _in_turn(by_value, order)]
    return tuple(in_turn if limit is None else in_turn[:limit])


def load_examples(store: Store, picked: Sequence[tuple[str, Value]]) -> list[Example]:
    """The examples with their items, in the order picked."""
    items = {item.id: item for item in _items(store, [item_id for item_id, _ in picked])}
    return [Example(items[item_id], value) for item_id, value in picked]


def _in_turn(by_value: Mapping[str, Sequence[str]], order: Iterable[str]) -> Iterator[str]:
    queues = [by_value.get(value, ()) for value in order]
    for at in range(max(map(len, queues), default=0)):
        yield from (queue[at] for queue in queues if at < len(queue))


def _items(store: Store, ids: Sequence[str]) -> Iterator[Item]:
    """The items in this order; more at once than a statement may name."""
    for start in range(0, len(ids), CHUNK):
        found = store.items.several(ids[start : start + CHUNK])
        yield from (found[item_id] for item_id in ids[start : start + CHUNK])


def _text(item: Item) -> str:
    return same_text(item.fields.values())
