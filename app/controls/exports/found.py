"""What an export comes to, before it is made: numbers, first rows, what is left out, lengths."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal

import streamlit as st

from annotate.model import Item
from annotate.splits.plan import Moved
from annotate.training.passport import COLUMN as PASSPORT
from annotate.training.reasons import advice
from annotate.workflow.exports.exporting import Begins, ExportReport, Preview
from app import look
from app.controls import tabular
from app.controls.exports import reading
from app.controls.linking import item_link
from app.exported import Counted
from app.state import Here

HOW = ("As written", "To read")
ONE = "as they will be written"
TOGETHER = "in all files together"
ROWS_HEIGHT = 380
LONG_CHARS = 1_500
"""A text of first rows from which on it scrolls in a box of its own."""
MOST_CHARS = 20_000
"""Of a line of first rows."""
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
SNIPPET_CHARS = 110
WORDS_CHARS = 40
"""Columns in which nothing is longer, ids and labels, are in the file of lengths alone."""
TOKENS = (
    "In characters; the mark is the middle, and the bar holds 95 %. Trainers cut or leave out what "
    "is longer than their max_length, which counts tokens: one is about four characters of "
    "English, and about one of Chinese."
)


def numbers(report: ExportReport, *, several: bool = False) -> None:
    """Rows, items, what was left out, splits. several: an item has its place in more files than
    one, and can be left out of each."""
    left = sum(report.dropped.values())
    reasons = _reasons(len(report.dropped)) if left else "nothing"
    steps = [
        (f"{report.rows:,}", "row" if report.rows == 1 else "rows", TOGETHER if several else ONE),
        (f"{report.items:,}", "item" if report.items == 1 else "items", "in the project"),
        (f"{left:,}", "left out", f"{TOGETHER}, {reasons}" if several and left else reasons),
    ]
    look.show(_strip(steps))
    if report.splits:
        shares = [
            (f"{count:,}", escape(name), _percent(count, report.rows))
            for name, count in report.splits.items()
        ]
        look.show(_strip(shares))
    empty = [look.plain(name) for name, count in report.splits.items() if not count]
    if report.rows and empty:
        st.warning(f"No row is left for {', '.join(empty)}: see below what was moved, and why.")


def _strip(steps: Sequence[tuple[str, str, str]]) -> str:
    cells = "".join(
        f"<div><b>{number}</b><span>{name}</span><small>{note}</small></div>"
        for number, name, note in steps
    )
    return f'<div class="steps">{cells}</div>'


def _reasons(count: int) -> str:
    return "for one reason" if count == 1 else f"for {count} reasons"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%} of the rows" if whole else ""


def first_rows(begins: Preview) -> None:
    """The beginning of each file, as it will be written or to be read."""
    st.subheader("First rows", anchor=False)
    files = [file for file in begins.files if file.records]
    if not files:
        look.show(look.text("hint", _no_row(begins)))
        return
    how = st.segmented_control(
        "How", HOW, default=HOW[0], required=True, key="rows", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    drawn = _written if how == HOW[0] else _read
    if len(files) == 1:
        drawn(files[0])
        return
    for tab, file in zip(st.tabs([look.plain(one.path) for one in files]), files, strict=True):
        with tab:
            drawn(file)


def _no_row(begins: Preview) -> str:
    if begins.complete:
        return "No row yet: what is left out, and why, stands below."
    return f"No row comes of the first {begins.items:,} items; there may be some further on."


def _written(file: Begins) -> None:
    if file.text is None:
        look.show(look.text("hint", "Parquet is no text: these are its first rows in words."))
    text = file.text or "\n".join(_words(file, one) for one in file.records)
    tall: Literal["content"] | int = ROWS_HEIGHT if len(text) > LONG_CHARS else "content"
    lines = map(shown, text.rstrip("\n").split("\n"))
    st.code("\n".join(lines), language=None, wrap_lines=True, height=tall)


def _words(file: Begins, record: Mapping[str, object]) -> str:
    """The columns in the order in which they are written, which canonical JSON would sort."""
    row = {name: record[name] for name in file.columns if name in record}
    return json.dumps(row, ensure_ascii=False)


def shown(line: str) -> str:
    """A line of a file as a page can bear it: not longer than a page or two, and its characters
    where they stand, whatever in it would turn the direction of writing round.

    >>> shown("a\\u202eb")
    'a\\\\u202eb'
    """
    rest = len(line) - MOST_CHARS
    kept = f"{line[:MOST_CHARS]}… and {rest:,} characters more" if rest > 0 else line
    return _TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", kept)


def _read(file: Begins) -> None:
    look.show("".join(reading.record(one) for one in file.records))


# ---- what is left out


def left_out(here: Here, counted: Counted) -> None:
    """A row for each reason: how many, why, what to do about it, and the items behind."""
    if not counted.report.dropped:
        return
    st.subheader("Left out", anchor=False)
    for at, (why, count) in enumerate(counted.report.dropped.items()):
        behind = counted.behind.get(why, ())
        with st.container(key=f"row-drop-{at}", horizontal=True, vertical_alignment="center"):
            look.show(
                f'<div class="dropped"><b>{count:,}</b><p>{escape(_capital(why))}'
                f"<small>{look.coded(advice(why))}</small></p></div>"
            )
            if behind and st.button("Items", key=f"items-{at}", type="tertiary"):
                _items(here, why, count, behind)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _items(here: Here, why: str, count: int, behind: Sequence[tuple[str, str]]) -> None:
    """In front of the page: it has the items already when it is drawn, and asks nothing more."""
    several = len(here.project.questions) > 1
    found = [(here.store.items.find(here.project.project, ref), name) for ref, name in behind]
    lines = [_line(here, item, name if several else "") for item, name in found if item is not None]

    @st.dialog("Left out", width="large")
    def shown() -> None:
        look.show(
            f'<div class="dropped"><b>{count:,}</b><p>{escape(_capital(why))}'
            f"<small>{look.coded(advice(why))}</small></p></div>"
            f'<div class="behind">{"".join(lines)}</div>'
        )
        if count > len(lines):
            look.show(look.text("hint", f"The first {len(lines):,} of {count:,}."))

    shown()


def _line(here: Here, item: Item, question: str) -> str:
    """An item with the way to its history, and how its text begins."""
    about = f" <i>{escape(question)}</i>" if question else ""
    text = " ".join(" · ".join(item.fields.values()).split())
    text = text if len(text) <= SNIPPET_CHARS else f"{text[: SNIPPET_CHARS - 1]}…"
    link = item_link(here, item.id, item.key.removeprefix("id:"))
    return f'<p dir="auto">{link}{about} {escape(text)}</p>'


# ---- lengths and splits


def lengths(report: ExportReport, *, name: str) -> None:
    """How long the texts of each column are, in characters."""
    if not report.lengths:
        return
    st.subheader("Lengths", anchor=False)
    heads = ("column", "shortest", "half are under", "95 % are under", "longest")
    cells = [
        (column, *(f"{value:,}" for value in found)) for column, found in report.lengths.items()
    ]
    long = [
        (column, found)
        for column, found in report.lengths.items()
        if found.max > WORDS_CHARS and not column.endswith(PASSPORT)
    ]
    body = "".join(
        f"<tr><td>{escape(column)}</td>{''.join(f'<td>{one:,}</td>' for one in found)}"
        f"<td>{_track(*found)}</td></tr>"
        for column, found in long or report.lengths.items()
    )
    head = "".join(f"<th>{one}</th>" for one in (*heads, ""))
    look.show(
        f'<div class="scroll"><table class="plain lengths"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{look.text('hint', TOKENS)}"
    )
    tabular.taken(heads, cells, name=name)


def _track(least: float, median: float, most: float, longest: float) -> str:
    """From 0 to the longest: the range, where nearly all are, and the middle."""
    at = {"least": least, "median": median, "most": most}
    whole = longest or 1
    style = ";".join(f"--{name}:{value / whole:.4f}" for name, value in at.items())
    return f'<div class="track" style="{style}"><i></i><b></b></div>'


def moved(found: Sequence[Moved]) -> None:
    """What is not where its own number would have put it."""
    if not found:
        return
    st.subheader("Moved, so that no test is known beforehand", anchor=False)
    rows = [(f"{one.count:,}", one.why, ", ".join(one.shown)) for one in found]
    look.show(look.table(("items", "why", "such as"), rows))


def promises(report: ExportReport) -> None:
    """What is promised of the labels that go out, and how old their posterior is."""
    if report.rows and report.told:
        lines = "".join(
            f"<li>{escape(', '.join(questions))}: {escape(said)}</li>"
            for said, questions in report.told.items()
        )
        look.show(f'<ul class="told">{lines}</ul>')
