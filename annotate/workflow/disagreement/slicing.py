"""Who said what, as arrays: filters over them, and the matrices of confusion. Nothing is read here.

Sizes: n items that somebody answered, most urgent first; a answers that count; v votes of models.
A code is a place in a list of values, people or models that the caller keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

UNASKED, NOTHING = -2, -1
"""In place of a value's code: the model was not asked this way; it gave nothing usable, or two
answers equally often."""


class Votes(NamedTuple):
    """One row per usable machine answer, all (v,). round: later ones are higher."""

    position: Codes
    round: Codes
    model: Codes
    prompt: Codes
    value: Codes


@dataclass(frozen=True, slots=True)
class Slices:
    """position, priority (>= 0, falling), status, machine (a value's code), spread: (n,).

    item (an index of those before), person, value, week (Mondays since 1970-01-05), apart: (a,),
    by item, then value. classes: k, how many values the matrices tell apart; 0 without classes.
    There codes say nothing: `apart` tells whether an answer differs from the machine's by more than
    is tolerated, and `spread` whether an item's answers do from each other.
    """

    classes: int
    position: Codes
    priority: Floats
    status: Codes
    machine: Codes
    spread: Mask
    item: Codes
    person: Codes
    value: Codes
    week: Codes
    apart: Mask


class Answers(Protocol):
    """Who gave each answer, and in which week: (a,)."""

    @property
    def person(self) -> Codes: ...

    @property
    def week(self) -> Codes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What to keep, in codes; None: everything. among: (n,) what is kept for other reasons.

    said, person and week are of one answer; other and other_said of another person's answer to the
    same item. differing: only items on which somebody differs, unless a cell of a matrix is chosen.
    """

    said: int | None = None
    machine: int | None = None
    person: int | None = None
    week: int | None = None
    other: int | None = None
    other_said: int | None = None
    status: int | None = None
    differing: bool = True
    among: Mask | None = None

    @property
    def directed(self) -> bool:
        """Whether rows and columns are different people's: a pair of answers is then in one cell
        alone."""
        return not (self.person is None and self.other is None and self.week is None)

    @property
    def is_cell(self) -> bool:
        return self.said is not None and (self.machine is not None or self.other_said is not None)


def kept(slices: Slices, machine: Codes, chosen: Chosen) -> Mask:
    """(n,) True where an item is kept. machine: (n,) what the model says, or UNASKED."""
    left, rows, columns = framed(slices, machine, chosen), in_rows(slices, chosen), None
    if chosen.differing and not chosen.is_cell:
        left &= differing(slices, machine, rows)
    if chosen.said is not None:
        rows &= slices.value == chosen.said
    left &= _holding(slices, rows)
    if chosen.machine is not None:
        left &= _column(slices, machine) == chosen.machine
    if chosen.other_said is not None:
        columns = in_columns(slices, chosen) & (slices.value == chosen.other_said)
        left &= _holding(slices, columns)
        if chosen.other_said == chosen.said and chosen.person is None and chosen.other is None:
            left &= np.bincount(slices.item[columns], minlength=len(left)) >= 2
    return left


def differing(slices: Slices, machine: Codes, rows: Mask) -> Mask:
    """(n,) True where one of the answers `rows` (a,) differs from the model's or another's."""
    if not slices.classes:
        return _holding(slices, rows & slices.apart) | (slices.spread & _holding(slices, rows))
    said = machine[slices.item]
    found = _holding(slices, rows & (said >= 0) & (said != slices.value))
    starts = _starts(slices.item)
    if len(starts):
        least = np.minimum.reduceat(slices.value, starts)
        most = np.maximum.reduceat(slices.value, starts)
        split = np.zeros(len(found), dtype=bool)
        split[slices.item[starts[least != most]]] = True
        found |= split & _holding(slices, rows)
    return found


def against_machine(slices: Slices, machine: Codes, chosen: Chosen) -> Ints:
    """(k, k + 1) items in which somebody says the row and the model the column; the last: nothing.

    The row and the column that are chosen are passed over: a cell is seen among the others.
    """
    k = slices.classes
    said = machine[slices.item]
    rows = in_rows(slices, chosen) & framed(slices, machine, chosen)[slices.item]
    rows &= (slices.value < k) & (said >= NOTHING)
    items, values, _ = _said(slices, rows)
    said = _column(slices, machine)[items]
    cells = values * (k + 1) + np.where(said >= 0, said, k)
    return np.bincount(cells, minlength=k * (k + 1)).reshape(k, k + 1)


def between_people(slices: Slices, machine: Codes, chosen: Chosen) -> Ints:
    """(k, k) items in which one person says the row and another one the column.

    Symmetric unless somebody, or a week, is chosen. What is chosen of rows and columns is passed
    over, as in `against_machine`.
    """
    frame = framed(slices, machine, chosen)[slices.item] & (slices.value < slices.classes)
    if not chosen.directed:
        return _mirrored(slices, frame)
    return _directed(slices, frame & in_rows(slices, chosen), frame & in_columns(slices, chosen))


def _mirrored(slices: Slices, answers: Mask) -> Ints:
    """(k, k) items by what two of these answers say, either way round."""
    k = slices.classes
    items, values, starts = _said(slices, answers)
    often = np.diff(np.append(starts, np.count_nonzero(answers)))
    cells = [values[often > 1] * (k + 1)]
    for gap in range(1, max(k, 1)):
        same = items[:-gap] == items[gap:]
        if not same.any():
            break
        one, other = values[:-gap][same], values[gap:][same]
        cells += [one * k + other, other * k + one]
    return np.bincount(np.concatenate(cells), minlength=k * k).reshape(k, k)


def _directed(slices: Slices, rows: Mask, columns: Mask) -> Ints:
    """(k, k) items by what an answer of `rows` and another one of `columns` say."""
    k = slices.classes
    base, keys = slices.item.astype(np.int64) * k * k, [np.empty(0, dtype=np.int64)]
    most = int(np.bincount(slices.item).max(initial=0)) if rows.any() and columns.any() else 0
    for gap in range(1, most):
        same = slices.item[:-gap] == slices.item[gap:]
        for one, other in ((slice(None, -gap), slice(gap, None)), (slice(gap, None), slice(-gap))):
            at = same & rows[one] & columns[other]
            cell = slices.value[one][at] * k + slices.value[other][at]
            keys.append(base[one][at] + cell)
    distinct = _distinct(np.sort(np.concatenate(keys)))
    return np.bincount(distinct % max(k * k, 1), minlength=k * k).reshape(k, k)


def said_by_model(
    slices: Slices, votes: Votes, *, model: int | None = None, prompt: int | None = None
) -> Codes:
    """(n,) what most votes of this model, to this prompt, say in the item's newest such round."""
    wanted = np.ones(len(votes.value), dtype=bool)
    if model is not None:
        wanted &= votes.model == model
    if prompt is not None:
        wanted &= votes.prompt == prompt
    position, value, round_ = (
        column[wanted] for column in (votes.position, votes.value, votes.round)
    )
    by_item = np.full(max(_end(slices.position), _end(position)), UNASKED, dtype=np.int32)
    if len(position):
        by_item[:] = _most_said(by_item, position, value, round_)
    return by_item[slices.position]


def _most_said(said: Codes, position: Codes, value: Codes, round_: Codes) -> Codes:
    newest = np.full(len(said), -1, dtype=np.int32)
    np.maximum.at(newest, position, round_)
    now = round_ == newest[position]
    k = int(value.max()) + 1
    keys, counts = np.unique(position[now].astype(np.int64) * k + value[now], return_counts=True)
    items = keys // k
    starts = _starts(items)
    most = np.maximum.reduceat(counts, starts)
    lengths = np.diff(np.append(starts, len(items)))
    top = counts == np.repeat(most, lengths)
    tied = np.add.reduceat(top, starts, dtype=np.int64) > 1
    found = said.copy()
    found[items[top]] = keys[top] % k
    found[items[starts[tied]]] = NOTHING
    return found


def framed(slices: Slices, machine: Codes, chosen: Chosen) -> Mask:
    """(n,) what is kept before rows and columns are looked at."""
    left: Mask = machine != UNASKED
    if chosen.among is not None:
        left &= chosen.among
    if chosen.status is not None:
        left &= slices.status == chosen.status
    if chosen.other is not None:
        left &= _holding(slices, slices.person == chosen.other)
    return left


def _column(slices: Slices, machine: Codes) -> Codes:
    """(n,) what the model says, NOTHING also where that is a label no more."""
    usable = (machine >= 0) & (machine < max(slices.classes, 1))
    return np.where(usable | (machine == UNASKED), machine, NOTHING).astype(np.int32)


def in_rows(answers: Answers, chosen: Chosen) -> Mask:
    """(a,) the answers that are in the rows."""
    rows = np.ones(len(answers.person), dtype=bool)
    if chosen.person is not None:
        rows &= answers.person == chosen.person
    elif chosen.other is not None:
        rows &= answers.person != chosen.other
    if chosen.week is not None:
        rows &= answers.week == chosen.week
    return rows


def in_columns(answers: Answers, chosen: Chosen) -> Mask:
    """(a,) the answers that those are compared with."""
    columns = np.ones(len(answers.person), dtype=bool)
    if chosen.other is not None:
        columns &= answers.person == chosen.other
    elif chosen.person is not None:
        columns &= answers.person != chosen.person
    return columns


def _holding(slices: Slices, answers: Mask) -> Mask:
    """(n,) the items that have one of these answers."""
    found = np.zeros(len(slices.position), dtype=bool)
    found[slices.item[answers]] = True
    return found


def _starts(ordered: Codes | Ints) -> Ints:
    """Where each run of equal numbers begins."""
    changes = np.ones(len(ordered), dtype=bool)
    changes[1:] = ordered[1:] != ordered[:-1]
    return np.nonzero(changes)[0]


def _said(slices: Slices, answers: Mask) -> tuple[Codes, Codes, Ints]:
    """Each item with each value that it was given, and where its first such answer is in (a,)."""
    item, value = slices.item[answers], slices.value[answers]
    first = np.ones(len(item), dtype=bool)
    first[1:] = (item[1:] != item[:-1]) | (value[1:] != value[:-1])
    starts = np.nonzero(first)[0]
    return item[starts], value[starts], starts


def _distinct(ordered: Ints) -> Ints:
    return ordered[_starts(ordered)]


def _end(positions: Codes) -> int:
    return int(positions.max(initial=-1)) + 1
