"""Answers to the items that filters leave, and what the machine says of them: of all these items,
or of a draw of them where there are very many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.tables import pairs_of_raters
from annotate.model import Value
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.arrays import Numbers as Numbered
from annotate.workflow.agreement.grids import Pairs
from annotate.workflow.agreement.groups import Known, Numbers
from annotate.workflow.disagreement.chosen import Filters, Sight
from annotate.workflow.disagreement.slice_gathering import week_of
from annotate.workflow.disagreement.slicing import Chosen, Codes, framed, in_columns, in_rows
from routing.draws import uniform

MOST_ANSWERS = 50_000
"""Of people that are read whole: as many as a page waits for the consensus of."""
DRAWN_ANSWERS = 20_000
"""Of people that are read where there are more: a share of the items is then told to about one
point either way."""
WHOLE_FAR, DRAWN_FAR = 10_000, 6_000
"""The same where distances are reckoned, of fewer items than that."""
SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """items: numbers in the order of urgency; person, week: codes as in `Slices`; values: numbers;
    sight: as in the store; all (a,), an answer each. positions, says: (n,) of each item, its
    position and the value that the machine says, -1 for none. by_number: values; None for what is
    offered no more. share: of the items that are left, 0..1."""

    items: Numbers
    person: Codes
    week: Codes
    values: Numbers
    sight: Numbers
    positions: Codes
    says: Numbers
    by_number: list[Value]
    share: float

    def with_model(self, filters: Filters, chosen: Chosen) -> Pairs:
        """Answers given without the machine's in sight, each with what it says."""
        offered = self._offered()
        rows = in_rows(self, chosen) & (self.sight == 0) & offered[self.values]
        said = self.says[self.items]
        rows &= said >= 0
        rows[rows] &= offered[said[rows]]
        return Pairs(
            self.items[rows], self.values[rows], said[rows], self.positions, self.by_number,
            names=(filters.annotator or "people", "the model"), mirrored=False,
        )  # fmt: skip

    def between(self, filters: Filters, chosen: Chosen) -> Pairs:
        """Two people's answers to one item; where somebody or a week is chosen, theirs first."""
        alone = np.flatnonzero((self.sight != 1) & self._offered()[self.values])
        at, _, _, one, other = pairs_of_raters(self.items[alone], self.person[alone], alone)
        names = ("one", "other")
        if chosen.directed:
            rows, columns = in_rows(self, chosen), in_columns(self, chosen)
            there, back = rows[one] & columns[other], rows[other] & columns[one]
            at = np.concatenate([at[there], at[back]])
            first = np.concatenate([one[there], other[back]])
            one, other = first, np.concatenate([other[there], one[back]])
            names = (filters.annotator or "people", filters.other or "somebody else")
        return Pairs(
            at, self.values[one], self.values[other], self.positions, self.by_number,
            names=names, mirrored=not chosen.directed,
        )  # fmt: skip

    def _offered(self) -> NDArray[np.bool_]:
        return np.array([one is not None for one in self.by_number], dtype=bool)


def drawn(
    store: Store, project: Project, question: QuestionSettings, sight: Sight, *, far: bool = False
) -> Drawn:
    """What is compared of what is in sight; the same draw whenever it is asked for. far: of
    distances, which are reckoned of fewer."""
    slices = sight.kept.slices
    whole, some = (WHOLE_FAR, DRAWN_FAR) if far else (MOST_ANSWERS, DRAWN_ANSWERS)
    places, share = _places(sight, whole, some)
    positions = np.sort(slices.position[places]).tolist()
    said = store.slices.answers_at(project.project, question.name, positions)
    theirs = store.slices.machine_at(project.project, question.name, positions)
    number = np.full(int(slices.position.max(initial=-1)) + 1, -1, dtype=np.int64)
    number[slices.position] = np.arange(len(slices.position))
    known, people = Known(question), Numbered()
    people(sight.kept.people)
    values, machine = known.value_numbers(said.values), known.value_numbers(theirs.values)
    says = np.full(len(slices.position), -1, dtype=np.int64)
    says[number[np.array(theirs.positions, dtype=np.int64)]] = machine
    return Drawn(
        items=number[np.array(said.positions, dtype=np.int64)],
        person=people(said.people),
        week=np.array([week_of(day) for day in said.days], dtype=np.int32),
        values=values,
        sight=np.array(said.assisted, dtype=np.int64),
        positions=slices.position,
        says=says,
        by_number=known.values(),
        share=share,
    )


def _places(sight: Sight, whole: int, some: int) -> tuple[Numbers, float]:
    """The items that are read, and which share of those that are left that is."""
    slices, chosen = sight.kept.slices, sight.chosen
    answers = np.bincount(slices.item, minlength=len(slices.position))
    rows = np.zeros(len(slices.position), dtype=bool)
    rows[slices.item[in_rows(slices, chosen)]] = True
    left = np.flatnonzero(framed(slices, sight.machine, chosen) & rows)
    total = int(answers[left].sum())
    if total <= whole:
        return left, 1.0
    most = len(left) * some // total
    return first_drawn(left, slices.position, most), most / len(left)


def first_drawn(items: Numbers, positions: Codes, most: int) -> Numbers:
    """As many of these items, drawn by chance; fewer are the first of more."""
    draws = uniform(positions[items].astype(np.uint64), seed=SEED)
    return items[np.argsort(draws)[:most]]
