"""How things look: the style sheet, and other people's text made safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

import streamlit as st

from annotate.errors import AnnotateError

_CODE = re.compile(r"(`[^`\n]*`)")
_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&=^\"'])")


def plain(text: str) -> str:
    r"""Markdown that shows `text` as it is, on one line: for labels of widgets.

    >>> plain("*a* :smile: $x$ [b](c)")
    '\\*a\\* \\:smile\\: \\$x\\$ \\[b\\]\\(c\\)'
    """
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def message(text: str) -> str:
    """Markdown for an error: words as they are, `code` as code, lines kept.

    >>> message("*x* is no field: see `a_b`")
    '\\\\*x\\\\* is no field\\\\: see `a_b`'
    """
    lines = text.splitlines()
    return "  \n".join("".join(map(_part, _CODE.split(line.strip()))) for line in lines)


def _part(text: str) -> str:
    return text if _CODE.fullmatch(text) else _SIGNS.sub(r"\\\1", text)


def guideline(text: str) -> str:
    """Markdown of a guideline, in which a dollar is money and no formula.

    >>> guideline("from $5 to $10, `$x`")
    'from \\\\$5 to \\\\$10, `$x`'
    """
    parts = _CODE.split(text)
    return "".join(p if _CODE.fullmatch(p) else re.sub(r"(?<!\\)\$", r"\\$", p) for p in parts)


@contextmanager
def told() -> Iterator[None]:
    """An error of ours becomes one line on the page instead of a traceback."""
    try:
        yield
    except AnnotateError as error:
        st.error(message(str(error)))


def style() -> None:
    """The style sheet; every run of a page needs it."""
    st.html(Path(__file__).with_name("look.css"))


def text(name: str, body: str, *, lang: str = "") -> str:
    """HTML that shows `body` as plain text with its line breaks, in the class `name`."""
    return f'<div class="{name}" dir="auto" lang="{escape(lang)}">{escape(body)}</div>'


def coded(text: str) -> str:
    """HTML of plain text in which `code` is code.

    >>> coded("allow `human` <b>")
    'allow <code>human</code> &lt;b&gt;'
    """
    return "".join(
        f"<code>{escape(part[1:-1])}</code>" if _CODE.fullmatch(part) else escape(part)
        for part in _CODE.split(text)
    )


def table(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """HTML of a table of plain text."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f'<div class="scroll"><table class="plain"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def moment(when: str) -> str:
    """A stored time as people read it, in UTC.

    >>> moment("2026-01-02T03:04:05.000000Z")
    '2026-01-02 03:04'
    """
    return when[:16].replace("T", " ")


def show(html: str) -> None:
    """Put HTML made by this module or with `escape` on the page."""
    st.html(f'<div class="ca">{html}</div>')
