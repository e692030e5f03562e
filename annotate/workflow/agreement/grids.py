"""Pairs of answers without one set of classes, counted in tables whose cells are items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.model import Value
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.questions.preference import TIE, PreferenceSettings
from annotate.questions.rating import RatingSettings
from annotate.workflow.agreement.groups import Numbers
from annotate.workflow.disagreement.slicing import Codes

BOTH, NEITHER = "both say it", "neither"
PRESENT_PEOPLE = (BOTH, "one alone", NEITHER)
BINS = ("the same", "up to .1", ".1 to .25", ".25 to .5", ".5 to .75", "above .75")
_EDGES = np.array([0.0, 0.1, 0.25, 0.5, 0.75])


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """counts[i, j]: items with a pair of answers that is in row i and column j.

    name: unique in its question, for addresses. heads: what rows and columns are. alike: cells in
    which both say the same. note: what is told beside it, such as how far answers are apart.
    """

    name: str
    title: str
    heads: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.int64]
    alike: NDArray[np.bool_]
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Numbers of items and values (p,). positions: of each item, by its number. names: whose
    answers come first and second. mirrored: each pair stands for both ways round."""

    items: Numbers
    one: Numbers
    other: Numbers
    positions: Codes
    values: Sequence[Value]
    names: tuple[str, str]
    mirrored: bool

    def of(self, items: Numbers) -> Pairs:
        """Those of some items."""
        rows = np.isin(self.items, items)
        return replace(self, items=self.items[rows], one=self.one[rows], other=self.other[rows])


Made = tuple[Grid, NDArray[np.int64]]
"""A grid, and (p, 1 or 2) the cells that each pair is in, row-major; -1 for none."""
Make = Callable[[Any, Pairs], Iterator[Made]]


def _grid(
    pairs: Pairs,
    cells: NDArray[np.int64],
    *,
    shape: tuple[tuple[str, ...], tuple[str, ...]],
    alike: NDArray[np.bool_],
    said: tuple[str, str, str],
    note: str = "",
) -> Made:
    """said: name, title and heads. An item counts once in each cell that a pair of it is in."""
    rows, columns = shape
    size = len(rows) * len(columns)
    keys = (pairs.items[:, None] * size + cells)[cells >= 0]
    counts = np.bincount(np.unique(keys) % size, minlength=size).reshape(len(rows), len(columns))
    name, title, heads = said
    return Grid(name, title, heads, rows, columns, counts, alike, note), cells


def _square(
    pairs: Pairs, codes: NDArray[np.int64], names: tuple[str, ...], said: tuple[str, str, str],
    note: str = "",
) -> Made:  # fmt: skip
    """Values against values. codes: of each value, -1 for none."""
    one, other, k = codes[pairs.one], codes[pairs.other], len(names)
    usable = (one >= 0) & (other >= 0)
    ways = [one * k + other] + ([other * k + one] if pairs.mirrored else [])
    cells = np.where(usable[:, None], np.column_stack(ways), -1)
    same = np.eye(k, dtype=bool)
    return _grid(pairs, cells, shape=(names, names), alike=same, said=said, note=note)


def _ratings(question: RatingSettings, pairs: Pairs) -> Iterator[Made]:
    low = question.scale.min
    names = tuple(str(n) for n in range(low, question.scale.max + 1))
    for aspect in [one.name for one in question.aspects] or [""]:
        codes = np.array([_rated(value, aspect, low) for value in pairs.values], dtype=np.int64)
        far = np.abs(codes[pairs.one] - codes[pairs.other])
        note = (
            f"{np.mean(far):.2f} points apart on average; {np.mean(far <= 1):.0%} of the pairs "
            "within one point."
        )
        yield _square(pairs, codes, names, (aspect or "value", aspect, _heads(pairs)), note)


def _rated(value: Value, aspect: str, low: int) -> int:
    if value is None:
        return -1
    return int(value[aspect] if aspect else value) - low


def _strengths(question: PreferenceSettings, pairs: Pairs) -> Iterator[Made]:
    names = (*question.letters(), *((TIE,) if question.tie else ()))
    codes = np.array(
        [-1 if v is None else names.index(question.choice_of(v)) for v in pairs.values],
        dtype=np.int64,
    )
    strength = np.array(
        [0 if v is None else int(v.get("strength", 0)) for v in pairs.values], dtype=np.int64
    )
    agreed = codes[pairs.one] == codes[pairs.other]
    note = ""
    if agreed.any():
        far = np.abs(strength[pairs.one] - strength[pairs.other])[agreed]
        note = f"Where both prefer the same, they are {np.mean(far):.2f} levels apart on average."
    yield _square(pairs, codes, names, ("choice", "What is preferred", _heads(pairs)), note)


def _label_sets(question: Any, pairs: Pairs) -> Iterator[Made]:
    """Label by label: who says it."""
    labels = tuple(question.names())
    has = np.array(
        [[value is not None and label in value for label in labels] for value in pairs.values],
        dtype=bool,
    ).reshape(len(pairs.values), len(labels))
    one, other = has[pairs.one], has[pairs.other]
    one_name, other_name = pairs.names
    columns = (
        PRESENT_PEOPLE
        if pairs.mirrored
        else (BOTH, f"only {one_name}", f"only {other_name}", NEITHER)
    )
    last = len(columns) - 1
    if pairs.mirrored:
        kind = np.where(one & other, 0, np.where(one | other, 1, last))
    else:
        kind = np.where(one & other, 0, np.where(one, 1, np.where(other, 2, last)))
    cells = np.arange(len(labels)) * len(columns) + kind
    alike = np.zeros((len(labels), len(columns)), dtype=bool)
    alike[:, [0, last]] = True
    same = np.mean((one == other).all(axis=1))
    said = ("label", "", "label")
    note = f"{same:.0%} of the pairs are alike in every label."
    yield _grid(pairs, cells, shape=(labels, columns), alike=alike, said=said, note=note)


def distances(question: QuestionSettings, pairs: Pairs) -> Iterator[Made]:
    """How far answers are apart, 0 to 1."""
    kind = QUESTION_TYPES[question.type]
    seen: dict[tuple[int, int], float] = {}
    far = np.zeros(len(pairs.items))
    for at, pair in enumerate(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True)):
        if pair not in seen:
            one, other = (pairs.values[n] for n in pair)
            seen[pair] = kind.distance(question, one, other)
        far[at] = seen[pair]
    cells = np.searchsorted(_EDGES, far, side="left")[:, None].astype(np.int64)
    alike = np.zeros((1, len(BINS)), dtype=bool)
    alike[0, 0] = True
    note = (
        f"{np.mean(far):.2f} apart on average, median {np.median(far):.2f}: 0 is the same, 1 is "
        "nothing in common."
    )
    said = ("distance", "", "distance")
    yield _grid(pairs, cells, shape=(("items",), BINS), alike=alike, said=said, note=note)


def _heads(pairs: Pairs) -> str:
    one, other = pairs.names
    return f"{one} ↓ {other.removeprefix('the ')} →"


GRIDS: dict[str, Make] = {
    "rating": _ratings,
    "multi_label": _label_sets,
    "preference": _strengths,
}
"""Question type -> its grids. Others are told by how far answers are apart."""
