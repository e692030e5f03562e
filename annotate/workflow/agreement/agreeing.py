"""How far people, and the machine's answers, agree: with each other and with the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from annotate.agreement import Measure, bradley_terry, win_rates
from annotate.agreement.tables import pairs_of_raters
from annotate.model import Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings, brief
from annotate.questions.preference import TIE, PreferenceSettings
from annotate.questions.ranking import RankingSettings
from annotate.store import Store
from annotate.workflow.agreement.coded import Coded
from annotate.workflow.agreement.codings import coding_of
from annotate.workflow.agreement.groups import Group, Known, Read, read
from annotate.workflow.agreement.pairs import MOST_ITEMS, Paired
from annotate.workflow.agreement.report import (
    MOST_PAIRS,
    Agreement,
    Cell,
    PairOfPeople,
    Preferred,
    Split,
)
from annotate.workflow.disagreement.review import alike

Measurer = Coded | Paired

PEOPLE, MODEL = "people with each other", "people and the model"
ASSISTED = "people who saw the model's answer, and the model"

ROUTED = (
    "People answer the items that the router sends them, the ones the model is unsure of first: "
    "over all items it may well agree with them more."
)


def agreement(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    everything: bool = False,
    seed: int = 0,
) -> Agreement:
    """Person with person, person with model, model with model, each with its interval.

    Only answers count that were given without the machine's in sight; those given with it stand
    apart, and those from other tools, where nobody knows, speak of people alone and not of the
    machine. everything: read all answers; else up to some hundred thousand, drawn by chance.
    seed: of the intervals. Raises NotAllowed.
    """
    require(actor, "review")
    with store.snapshot():
        found = read(store, project, question, everything=everything)
        measurer = _measurer(store, project, question, found, seed)
    pairs, all_pairs = _pairs(found.together, measurer)
    members = tuple(
        _across(
            f"people and {name}",
            found.people,
            found.members.only(found.members.who == at),
            measurer,
        )
        for at, name in enumerate(found.members.raters)
    )
    return Agreement(
        question=question.name,
        measure=measurer.measure,
        people=_within(PEOPLE, found.together, measurer),
        model=_across(MODEL, found.people, found.machine, measurer),
        assisted=_across(ASSISTED, found.assisted, found.machine, measurer),
        wordings=tuple(
            _within(_wordings_title(name), group, measurer)
            for name, group in found.wordings.items()
        ),
        models=_within("models with each other", found.models, measurer)
        if len(found.models)
        else None,
        members=members,
        pairs=pairs,
        pair_measure=measurer.pair_measure,
        all_pairs=all_pairs,
        difference=measurer.difference(found.people, found.machine),
        preferred=tuple(_preferred(question, found)),
        cells=_cells(question, found),
        share=found.share,
        notes=tuple(_notes(project)),
    )


def _cells(question: QuestionSettings, found: Read) -> tuple[Cell, ...]:
    """What people say and the model says where they differ, items counted once in each cell."""
    if not QUESTION_TYPES[question.type].classes(question):
        return ()
    values = found.known.values()
    said = np.full(int(found.machine.items.max(initial=-1)) + 1, -1)
    said[found.machine.items] = found.machine.values
    met = found.people.items < len(said)
    items, answers = found.people.items[met], found.people.values[met]
    triples = np.unique(np.column_stack([answers, said[items], items]), axis=0)
    differing = triples[(triples[:, 0] != triples[:, 1]) & (triples[:, 1] >= 0)]
    cells, many = np.unique(differing[:, :2], axis=0, return_counts=True)
    told = [
        Cell(brief(values[one]), brief(values[other]), int(count))
        for (one, other), count in zip(cells.tolist(), many, strict=True)
        if values[one] is not None and values[other] is not None
    ]
    return tuple(sorted(told, key=lambda cell: (-cell.items, cell.people, cell.model)))


def _notes(project: Project) -> Iterator[str]:
    """What must be known to read the numbers: who chose the items."""
    routing, whole = project.routing, project.routing.budget == 1 or project.routing.threshold == 0
    if routing.policy != "random" and not whole:
        yield ROUTED
    if project.people.overlap is not None:
        yield (
            "A second person is asked where the first differs from the model (`people.overlap`): "
            "people are compared on the harder items, and may well agree more over all."
        )


def _wordings_title(member: str) -> str:
    return f"wordings of {member}" if member else "wordings of the model"


def _measurer(
    store: Store, project: Project, question: QuestionSettings, found: Read, seed: int
) -> Measurer:
    values = found.known.values()
    coding = coding_of(question, values)
    if coding is not None:
        return Coded(coding, seed)
    texts = _texts(store, question, found.known, found) if question.type == "spans" else {}
    return Paired(question, values, alike(project, question), texts, seed)


def _texts(store: Store, question: Any, known: Known, found: Read) -> dict[int, str]:
    """item number -> the text that its spans lie in, of as many items as are compared."""
    groups = [found.together, found.assisted, *found.wordings.values(), found.models]
    wanted: set[int] = set()
    for group in groups:
        items, many = np.unique(group.items, return_counts=True)
        wanted |= {*items[:MOST_ITEMS].tolist(), *items[many > 1][:MOST_ITEMS].tolist()}
    ids = [item_id for item_id, number in known.items.items() if number in wanted]
    texts = {}
    for start in range(0, len(ids), 1000):
        for item_id, item in store.items.several(ids[start : start + 1000]).items():
            texts[known.items[item_id]] = item.fields.get(question.field, "")
    return texts


def _within(who: str, group: Group, measurer: Measurer) -> Split:
    measures, parts = measurer.within(group)
    return Split(who, len(group), measures, parts)


def _across(who: str, mine: Group, theirs: Group, measurer: Measurer) -> Split:
    """answers: people's that the machine answered too."""
    measures, parts = measurer.across(mine, theirs)
    met = np.isin(mine.items, theirs.items)
    return Split(who, int(met.sum()), measures, parts)


def _pairs(people: Group, measurer: Measurer) -> tuple[tuple[PairOfPeople, ...], int]:
    """The pairs of people with the most items in common, and how many pairs there are."""
    _, first, second, one, other = pairs_of_raters(people.items, people.who, people.values)
    code = first * len(people.raters) + second
    order = np.argsort(code, kind="stable")
    keys, starts, many = np.unique(code[order], return_index=True, return_counts=True)
    found = []
    for at in np.argsort(-many, kind="stable")[:MOST_PAIRS]:
        rows = order[starts[at] : starts[at] + many[at]]
        same, headline = measurer.pair(one[rows], other[rows])
        a, b = divmod(int(keys[at]), len(people.raters))
        found.append(
            PairOfPeople(people.raters[a], people.raters[b], int(many[at]), same, headline)
        )
    return tuple(found), len(keys)


# ---- which response is preferred


def _preferred(question: QuestionSettings, found: Read) -> Iterator[Preferred]:
    if not isinstance(question, PreferenceSettings | RankingSettings):
        return
    values, names = found.known.values(), question.responses
    for who, group in (("people", found.people), ("the model", found.machine)):
        if not len(group):
            continue
        wins, ties = np.zeros((len(names),) * 2), np.zeros((len(names),) * 2)
        numbers, times = np.unique(group.values, return_counts=True)
        for number, count in zip(numbers.tolist(), times.tolist(), strict=True):
            _count(question, values[number], count, wins, ties)
        rates: tuple[Measure, ...] = tuple(win_rates(wins, ties))
        yield Preferred(who, names, rates, bradley_terry(wins, ties, names=names))


def _count(question: Any, value: Value, times: int, wins: Any, ties: Any) -> None:
    """Add one value's comparisons: a choice wins over every other response."""
    if value is None:
        return
    letters = question.letters()
    if isinstance(value, list):
        _ordered([letters.index(one) for one in value], times, wins)
        return
    choice = question.choice_of(value)
    if choice == TIE:
        ties += times * (1 - np.eye(len(letters)))
    else:
        best = letters.index(choice)
        wins[best] += times
        wins[best, best] = 0


def _ordered(places: Sequence[int], times: int, wins: Any) -> None:
    for better, worse in combinations(places, 2):
        wins[better, worse] += times
