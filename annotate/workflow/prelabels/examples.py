"""What people agree on, and which of it may be shown to the machine as examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from annotate.consensus import agreed
from annotate.hashing import digest
from annotate.llm.prompts import Example
from annotate.llm.similar import same_text
from annotate.llm.spoken import has_classes
from annotate.model import Adjudication, Item, Value
from annotate.questions import QUESTION_TYPES, QuestionSettings, still_offered
from annotate.store import Store
from annotate.store.rows import from_json, to_json
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
    return heard(store, project, question, blind=blind).values


class Heard(NamedTuple):
    """Of the items that people ever said anything of. courses: item id -> `SILENT` where no answer
    counts, else a number above it; values: as `human_values`."""

    courses: dict[str, int]
    values: dict[str, Value]


SILENT, UNHEARD = 0, 1
"""No answer counts; some do, of which none was asked for."""


def heard(store: Store, project: str, question: QuestionSettings, *, blind: bool = False) -> Heard:
    """What people have said, and what they stand by. Many items were answered alike: what that
    comes to is worked out once for each course that answers have taken, not for each item."""
    courses = _Courses()
    given: dict[str, int] = {}
    # the order of answers tells only where several are equally near to all of them
    blocks = store.annotations.spoken(project, question.name, in_order=not has_classes(question))
    for item_ids, texts, unseen in blocks:
        for item_id, text, alone in zip(item_ids, texts, unseen, strict=True):
            course = given.get(item_id, SILENT)
            if text is not None:
                course = courses[course, text] if alone or not blind else course or UNHEARD
            given[item_id] = course
    came_to = [agreed(question, values).value for values in courses.answers()]
    values = {i: came_to[course] for i, course in given.items() if came_to[course] is not None}
    for item_id, ruled in store.adjudications.in_force(project, question.name).items():
        value = _ruled(store, question, ruled, values.pop(item_id, None))
        if value is not None:
            values[item_id] = value
    return Heard(given, values)


class _Courses(dict[tuple[int, str], int]):
    """Answers one after the other: each (course so far, answer) is a course of its own."""

    def __missing__(self, step: tuple[int, str]) -> int:
        self[step] = number = len(self) + UNHEARD + 1
        return number

    def answers(self) -> Iterator[list[Value]]:
        """The answers of each course, `SILENT` and `UNHEARD` first."""
        parsed: dict[str, Value] = {text: from_json(text) for _, text in self}
        found: list[list[Value]] = [[], []]
        for before, text in self:
            found.append([*found[before], parsed[text]])
        yield from found


def _ruled(store: Store, question: QuestionSettings, ruled: Adjudication, said: Value) -> Value:
    """What is stood by where a lead has spoken, of what people `said`; None: nothing."""
    if ruled.kind == "decided":
        return next(iter(still_offered(question, [ruled.value])), None)
    if ruled.kind == "ambiguous":
        return None
    given = [
        one
        for one in store.annotations.of_item(ruled.item_id)
        if one.question == question.name and one.kind == "answer" and one.undone_at is None
    ]
    return None if waits(ruled, given) else said


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
