"""What people's answers say of the audited labels, and what may be promised for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

import numpy as np

from annotate.consensus import majority
from annotate.model import Promise, PromiseItem, Value
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.store.standing.audits import Said, Slots
from routing.betting import bound_so_far
from routing.certificate import Guarantee, certify


@dataclass(frozen=True, slots=True)
class Outcome:
    """One audited item. value: what people say, None when they are tied or have not answered.

    state: `answered` when every wanted answer is there; `skipped` when one is missing and somebody
    has skipped it; else `open`. final: nobody is left who could still answer. wrong: counts
    against the machine; that is so unless people, blind, have all answered and say its label.
    """

    item: PromiseItem
    state: Literal["answered", "skipped", "open"]
    final: bool
    wrong: bool
    value: Value


def outcomes(store: Store, question: QuestionSettings, promise: Promise) -> list[Outcome]:
    """The audited items in the order drawn, as people's answers stand now."""
    said: dict[str, list[Said]] = defaultdict(list)
    for one in store.audits.said(promise):
        said[one.item_id].append(one)
    slots = store.audits.slots(promise)
    people = {person.id for person in store.people.all()}
    classes = QUESTION_TYPES[question.type].classes(question)
    return [
        _outcome(item, said[item.item_id], slots.get(item.item_id, Slots(0, 0)), people, classes)
        for item in store.promises.drawn(promise.id)
    ]


def _outcome(
    item: PromiseItem,
    said: list[Said],
    slots: Slots,
    people: Collection[str],
    classes: Collection[Value],
) -> Outcome:
    answers = [one for one in said if one.kind == "answer"]
    value = majority([one.value for one in answers], list(classes)).value
    if slots.done and not slots.waiting:
        blind = not any(one.shown for one in answers)
        return Outcome(item, "answered", True, not blind or value != item.label, value)
    skipped = any(one.kind == "skip" for one in said)
    had_by_all = set(people) <= {one.person_id for one in said}
    return Outcome(item, "skipped" if skipped else "open", skipped and had_by_all, True, value)


def bound(promise: Promise, audit: list[Outcome]) -> float:
    """The most that can be wrong of the frozen labels, 0..1, however often one looks.

    From the items drawn first, up to the first that is still open: which ones are finished may
    depend on what they say, the order drawn does not. Skipped ones count as wrong.
    """
    finished = list(takewhile(lambda one: one.state != "open", audit))
    losses = np.array([one.wrong for one in finished], dtype=np.float64)
    return bound_so_far(losses, promise.population, promise.alpha, planned=promise.audited)


def certificate(promise: Promise, audit: list[Outcome], wrong: Collection[str]) -> Guarantee:
    """What the finished audit allows. wrong: the audited items that count as wrong.

    Items are numbered by their place in the frozen order.
    """
    drawn, found = (np.zeros(promise.population, dtype=bool) for _ in range(2))
    for one in audit:
        drawn[one.item.place] = True
        found[one.item.place] = one.item.item_id in wrong
    return certify(
        np.arange(promise.population),
        drawn,
        found,
        tolerance=promise.tolerance,
        alpha=promise.alpha,
        size=promise.size,
    )
