"""A table on a page, and the same rows to take away."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

import streamlit as st

from annotate.exporters.forms.csv_table import guarded
from app import look

_NUMBER = re.compile(r"[+-]?[\d.,]+ ?%?")


def shown(heads: Sequence[str], rows: Iterable[Sequence[str]], *, name: str) -> None:
    """The table, and a small button that downloads its rows as `name`.csv.

    name: the file's, and unique on the page. Cells are text as people read it.
    """
    kept = [list(row) for row in rows]
    look.show(look.table(heads, kept))
    taken(heads, kept, name=name)


def taken(heads: Sequence[str], rows: Iterable[Sequence[object]], *, name: str) -> None:
    """The button alone, under something that shows the same numbers in another way."""
    kept = [list(row) for row in rows]
    st.download_button(
        "CSV",
        lambda: as_csv(heads, kept),
        f"{name}.csv",
        "text/csv",
        key=f"csv-{name}",
        help=f"Download these rows as {look.plain(name)}.csv",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""CSV in which no cell can run as a formula; a number stays one, a negative one too.

    >>> as_csv(("name", "n"), [("=1+1", "3"), ("标, b", "-0.2")])
    'name,n\r\n\'=1+1,3\r\n"标, b",-0.2\r\n'
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows(map(_safe, [heads, *rows]))
    return out.getvalue()


def _safe(row: Sequence[object]) -> list[object]:
    return [
        cell if isinstance(cell, str) and _NUMBER.fullmatch(cell) else guarded([cell])[0]
        for cell in row
    ]
