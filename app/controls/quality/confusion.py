"""A matrix of confusion whose cells can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from annotate.model import Value
from annotate.questions import brief
from annotate.workflow.disagreement.chosen import NO_ANSWER
from annotate.workflow.disagreement.disagreeing import Matrix
from app import look
from app.controls import tabular

MOST = 12
"""Rows and columns that are drawn; the file has all."""
Choose = Callable[[str, str], Any]


def matrix(
    found: Matrix, *, name: str, heads: str, chosen: tuple[str, str], choose: Choose
) -> None:
    """Counts over shares of the row; a click calls `choose` with the words of row and column.

    name: unique on the page. heads: what the rows and columns are.
    """
    rows, columns = _drawn(found)
    k = len(found.rows)
    drawn = Cells(
        tuple(map(word, found.rows)),
        tuple(map(word, found.columns)),
        found.counts,
        np.eye(k, len(found.columns), dtype=bool),
        rows,
        columns,
    )
    grid(drawn, name=name, heads=heads, chosen=chosen, choose=choose)
    if len(rows) < k:
        note = f"The {len(rows)} most frequent of {k} labels; the file has all."
        look.show(look.text("hint", note))


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """counts (rows, columns) and which of them are agreement; drawn_rows, drawn_columns: those that
    are drawn, by their place."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.int64]
    alike: NDArray[np.bool_]
    drawn_rows: Sequence[int]
    drawn_columns: Sequence[int]


def grid(found: Cells, *, name: str, heads: str, chosen: tuple[str, str], choose: Choose) -> None:
    """Counts over shares of the row, and the file of all; a click calls `choose` with the words of
    row and column."""
    rows, columns = found.drawn_rows, found.drawn_columns
    st.html(f"<style>{_shades(found, name, chosen)}</style>")
    with st.container(key=f"matrix-{name}", gap=None):
        _line([("head", heads), *(("top", found.columns[c]) for c in columns)])
        for row in rows:
            total = int(found.counts[row].sum())
            cells = st.columns([2, *[1] * len(columns)], gap="xxsmall")
            with cells[0]:
                look.show(look.text("side", found.rows[row]))
            for cell, column in zip(cells[1:], columns, strict=True):
                with cell:
                    _cell(found, row, column, total, name, chosen, choose)
    table = [[one, *map(str, found.counts[at].tolist())] for at, one in enumerate(found.rows)]
    tabular.taken((heads, *found.columns), table, name=name)


def _cell(
    found: Cells,
    row: int,
    column: int,
    total: int,
    name: str,
    chosen: tuple[str, str],
    choose: Choose,
) -> None:
    count = int(found.counts[row, column])
    words = found.rows[row], found.columns[column]
    items = "item" if count == 1 else "items"
    st.button(
        f"**{count:,}** {count / total:.0%}" if count else "·",
        key=f"cell-{name}-{row}-{column}",
        on_click=choose,
        args=("", "") if words == chosen else words,
        disabled=not count and words != chosen,
        type="tertiary",
        width="stretch",
        help=f"{look.plain(words[0])} and {look.plain(words[1])}\\: {count:,} {items}",
    )


def word(value: Value) -> str:
    return NO_ANSWER if value is None else brief(value)


def _line(cells: list[tuple[str, str]]) -> None:
    columns = st.columns([2, *[1] * (len(cells) - 1)], gap="xxsmall", vertical_alignment="bottom")
    for column, (kind, text) in zip(columns, cells, strict=True):
        with column:
            look.show(look.text(kind, text))


def _drawn(found: Matrix) -> tuple[list[int], list[int]]:
    """The rows and columns with the most items, in their order."""
    k = len(found.rows)
    each = found.counts.sum(1) + found.counts[:, :k].sum(0)
    rows = sorted(np.argsort(-each, kind="stable")[:MOST].tolist())
    return rows, [*rows, *range(k, len(found.columns))]


def _shades(found: Cells, name: str, chosen: tuple[str, str]) -> str:
    """How deep each cell is coloured; keys are ours, no text of anybody's is in here."""
    most = max(int(found.counts.max(initial=0)), 1)
    rules = []
    for row in found.drawn_rows:
        for column in found.drawn_columns:
            depth = 55 * int(found.counts[row, column]) / most
            hue = "#3a86a8" if found.alike[row, column] else "#d08a2c"
            is_chosen = (found.rows[row], found.columns[column]) == chosen
            ring = "outline:2px solid currentColor;" if is_chosen else ""
            rules.append(
                f".st-key-cell-{name}-{row}-{column} button{{{ring}background:"
                f"color-mix(in srgb,{hue} {depth:.0f}%,transparent)}}"
            )
    return "".join(rules)
