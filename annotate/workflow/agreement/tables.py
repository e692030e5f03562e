"""Answers in long form -> tables of items that are alike, for one group or two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.bootstrap import Floats, Ints, alike
from annotate.workflow.agreement.codings import Coding
from annotate.workflow.agreement.groups import Group, Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Items that are alike as one row: for each layer (p, k) counts of two groups; times (p,)."""

    mine: list[Ints]
    theirs: list[Ints]
    times: Ints


def tables_of(coding: Coding, mine: Group, theirs: Group | None) -> Tables:
    """Of all items that either group answered."""
    groups = [mine] if theirs is None else [mine, theirs]
    known, places = np.unique(
        np.concatenate([group.items for group in groups]), return_inverse=True
    )
    rows: list[list[Ints]] = []
    start = 0
    for group in groups:
        at_item = places[start : start + len(group)]
        start += len(group)
        codes = coding.codes[group.values]
        rows.append([padded(at_item, codes[:, at], len(known)) for at in range(codes.shape[1])])
    return counted(coding, collapsed(rows[0], rows[1] if theirs is not None else []))


def counted(coding: Coding, found: tuple[list[Ints], list[Ints], Ints]) -> Tables:
    """The counts of what `collapsed` gave."""
    mine, theirs, times = found
    ks = [len(layer.names) for layer in coding.layers]
    return Tables(
        [_counts(rows, k) for rows, k in zip(mine, ks, strict=True)],
        [_counts(rows, k) for rows, k in zip(theirs, ks, strict=False)],
        times,
    )


def own_pairs(table: Ints) -> Floats:
    total = table.sum(axis=1)
    return np.asarray((table * (table - 1)).sum(axis=1) / np.maximum(total * (total - 1), 1))


def pairable(tables: Tables, across: bool) -> NDArray[np.bool_]:
    mine = tables.mine[0].sum(axis=1)
    if across:
        return np.asarray((mine > 0) & (tables.theirs[0].sum(axis=1) > 0))
    return np.asarray(mine >= 2)


def padded(items: Numbers, codes: Numbers, n: int) -> Ints:
    """(n, most answers of an item): its codes in order, -1 behind them. items: (m,) 0..n-1."""
    items, codes = items[codes >= 0], codes[codes >= 0]
    order = np.lexsort((codes, items))
    items, codes = items[order], codes[order]
    per_item = np.bincount(items, minlength=n)
    place = np.arange(len(items)) - np.repeat(np.cumsum(per_item) - per_item, per_item)
    found = np.full((n, max(int(per_item.max(initial=0)), 1)), -1, dtype=np.int64)
    found[items, place] = codes
    return found


def collapsed(mine: list[Ints], theirs: list[Ints]) -> tuple[list[Ints], list[Ints], Ints]:
    found, times = alike(*(rows + 1 for rows in (*mine, *theirs)))
    codes = [row - 1 for row in found]
    return codes[: len(mine)], codes[len(mine) :], times


def _counts(rows: Ints, k: int) -> Ints:
    """(p, k) counts of (p, w) codes, of which -1 is none."""
    p = len(rows)
    flat = (np.arange(p)[:, None] * k + rows)[rows >= 0]
    return np.bincount(flat, minlength=p * k).reshape(p, k)
