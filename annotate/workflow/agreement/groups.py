"""Who said what, as arrays: people without and with the machine's answer in sight, and machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from annotate.llm.spoken import has_classes, spoken_of
from annotate.llm.variants import belongs, way_of
from annotate.model import VOTING, Value
from annotate.project import Project
from annotate.questions import QuestionSettings, still_offered
from annotate.store import Store
from annotate.store.arrays import Numbers as Numbered
from annotate.store.columns import random_share
from annotate.store.machine.prelabels import Said
from annotate.store.rows import from_json, to_json
from annotate.workflow.prelabels.claims import whole

Numbers = NDArray[np.int64]

MOST_ANSWERS = 200_000
"""Of people that are read unless all are asked for: more make no interval visibly narrower."""
MOST_VOTED = 10_000
"""Items of which all the machine's single answers are read."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """m answers: numbers of items, raters and values (m,). raters: what the raters are called."""

    items: Numbers
    who: Numbers
    values: Numbers
    raters: tuple[str, ...] = ()

    def only(self, rows: NDArray[np.bool_] | Numbers) -> Group:
        return Group(self.items[rows], self.who[rows], self.values[rows], self.raters)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(slots=True)
class Known:
    """Items and values by number, as they are met; a value is its JSON text until it is needed."""

    question: QuestionSettings
    items: Numbered = field(default_factory=Numbered)
    texts: Numbered = field(default_factory=Numbered)

    def item_numbers(self, ids: Iterable[str]) -> Numbers:
        return _numbers(ids, self.items)

    def value_numbers(self, texts: Iterable[str]) -> Numbers:
        return _numbers(texts, self.texts)

    def values(self) -> list[Value]:
        """By number; None for what the question offers no more."""
        offered = (still_offered(self.question, [from_json(text)]) for text in self.texts)
        return [one[0] if one else None for one in offered]


def _numbers(keys: Iterable[str], known: Numbered) -> Numbers:
    return known(tuple(keys)).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """people: first answers without the machine's in sight; assisted: those with it; together:
    `people` and the answers that came from other tools, where nobody knows. machine: what
    it says by the decisions in force. members: of an ensemble, each model's majority on items of
    people. wordings: model -> its calls, of items drawn by chance; models: the majorities on these.
    share: of people's answers that was read, 0..1.
    """

    known: Known
    people: Group
    together: Group
    assisted: Group
    machine: Group
    members: Group
    wordings: dict[str, Group]
    models: Group
    share: float


def read(
    store: Store, project: Project, question: QuestionSettings, *, everything: bool = False
) -> Read:
    """everything: all of people's answers, however many there are."""
    known, name = Known(question), project.project
    answers = store.columns.answers(name, question.name)
    share = 1.0 if everything else min(1.0, MOST_ANSWERS / max(answers, 1))
    upto = random_share(share)
    said = store.columns.people(name, question.name, upto=upto)
    names = {person.id: person.name for person in store.people.all()}
    people = Numbered()
    everybody = Group(
        known.item_numbers(said.item_ids),
        _numbers(said.person_ids, people),
        known.value_numbers(said.values),
    )
    everybody = Group(
        everybody.items,
        everybody.who,
        everybody.values,
        tuple(names.get(one, one) for one in people),
    )
    sight = np.array(said.assisted, dtype=np.int64)
    theirs = store.columns.machine(name, question.name, upto=upto)
    machine = Group(
        known.item_numbers(theirs.item_ids),
        np.zeros(len(theirs.item_ids), dtype=np.int64),
        known.value_numbers(theirs.values),
        ("the model",),
    )
    members = [member for member, _ in project.llm.models()]
    votes = _votes(store, project, question, known, answered_upto=upto)
    return Read(
        known=known,
        people=everybody.only(sight == 0),
        together=everybody.only(sight != 1),
        assisted=everybody.only(sight == 1),
        machine=machine,
        members=votes.answered if len(members) > 1 else _NOBODY,
        wordings=votes.wordings,
        models=votes.models if len(members) > 1 else _NOBODY,
        share=share,
    )


_NONE = np.zeros(0, dtype=np.int64)
_NOBODY = Group(_NONE, _NONE, _NONE)


@dataclass(frozen=True, slots=True, eq=False)
class _Votes:
    wordings: dict[str, Group]
    models: Group
    answered: Group


def _votes(
    store: Store,
    project: Project,
    question: QuestionSettings,
    known: Known,
    *,
    answered_upto: str,
) -> _Votes:
    members = tuple(member for member, _ in project.llm.models())
    items = max(store.items.count(project.project), 1)
    sampled = store.prelabels.sampled(
        project.project, question.name, upto=random_share(MOST_VOTED / items)
    )
    calls = _calls(project, question, sampled)
    wordings = {
        member: group
        for member in members
        if len((group := _wordings(known, calls, member)).raters) > 1
    }
    if len(members) < 2:
        return _Votes(wordings, _NOBODY, _NOBODY)
    met = store.prelabels.sampled(project.project, question.name, upto=answered_upto, answered=True)
    return _Votes(
        wordings,
        _majorities(known, calls, members),
        _majorities(known, _calls(project, question, met), members),
    )


Call = tuple[str, str, str]
"""(item id, variant with its sample, JSON text of the value)."""


def _calls(project: Project, question: QuestionSettings, said: Iterable[Said]) -> list[Call]:
    """The answers that count: claims about single labels are put together, or else left out."""
    spoken, excluded = spoken_of(question), project.llm.exclude
    labels = spoken.claims(question) if spoken is not None else ()
    found = []
    for item_id, calls in groupby(said, key=attrgetter("item_id")):
        for one in whole(calls, labels):
            if one.outcome not in VOTING or belongs(one.variant, excluded):
                continue
            if not (has_classes(question) and way_of(one.variant) != one.variant):
                name = f"{one.variant} {one.sample}" if one.sample else one.variant
                found.append((item_id, name, to_json(one.value)))
    return found


def _of_member(call: Call, member: str) -> bool:
    return not member or call[1].startswith(f"{member}/")


def _wordings(known: Known, calls: Sequence[Call], member: str) -> Group:
    mine = [call for call in calls if _of_member(call, member)]
    raters = Numbered()
    return Group(
        known.item_numbers(call[0] for call in mine),
        _numbers((call[1] for call in mine), raters),
        known.value_numbers(call[2] for call in mine),
        tuple(raters),
    )


def _majorities(known: Known, calls: Sequence[Call], members: Sequence[str]) -> Group:
    """What most of a model's answers to an item say; nothing where two are equally frequent."""
    votes: dict[tuple[str, int], Counter[str]] = {}
    for call in calls:
        for at, member in enumerate(members):
            if _of_member(call, member):
                votes.setdefault((call[0], at), Counter())[call[2]] += 1
    items, who, values = [], [], []
    for (item_id, at), counted in votes.items():
        (most, count), *others = counted.most_common()
        if not others or others[0][1] < count:
            items.append(item_id)
            who.append(at)
            values.append(most)
    return Group(
        known.item_numbers(items),
        np.array(who, dtype=np.int64),
        known.value_numbers(values),
        tuple(members),
    )
