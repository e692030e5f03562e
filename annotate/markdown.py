"""Markdown -> a tree of a few known tags, for whoever draws it; no HTML is made or understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_block.table import table as table_rule
from markdown_it.token import Token

from annotate.json_text import whole

Node: TypeAlias = "str | dict[str, Any]"
"""Text, or `{tag, children}` with `attrs` where there are some."""

TAGS = frozenset(
    (
        *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
        *("em", "strong", "del", "a", "table", "thead", "tbody", "tr", "th", "td", "hr", "br"),
    )
)
ALLOWED_LINK = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
MAX_CHARS = 100_000
MAX_BRACKET_WORK = 500_000_000  # brackets x characters: unclosed ones cost their product
MAX_DEPTH = 40


def markdown(text: str) -> list[Node]:
    """The tree of `text`: CommonMark with tables and strikethrough.

    Nothing that was written is left out: HTML, links to anything but http, https and mailto, link
    definitions and tables whose rows are longer than their head stay as typed, an image becomes
    its description and address. A text of more than 100,000 characters, one that would take
    seconds and one nested deeper than 40 levels is one paragraph, as typed.

    >>> markdown("Say *hi* to <b>[it](javascript:x)</b>")[0]["children"]
    ['Say ', {'tag': 'em', 'children': ['hi']}, ' to <b>[it](javascript:x)</b>']
    """
    text = whole(text)
    if len(text) > MAX_CHARS or text.count("[") * len(text) > MAX_BRACKET_WORK:
        return as_typed(text)
    tokens = _PARSER.parse(text)
    if any(_depth(token) > MAX_DEPTH for token in tokens):
        return as_typed(text)
    return _tree(tokens)


def as_typed(text: str) -> list[Node]:
    """One paragraph of plain text."""
    return [{"tag": "p", "children": [text]}]


def _depth(token: Token) -> int:
    return token.level + max((child.level for child in token.children or ()), default=0)


def _honest_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table, unless a row has more cells than the head: they would be dropped."""
    before = len(state.tokens)
    if not table_rule(state, start, end, silent):
        return False
    if silent or max(_cells(state, start + 2)) <= _cells_of(state, start):
        return True
    del state.tokens[before:]
    state.line = start
    return False


def _cells(state: StateBlock, first: int) -> Iterable[int]:
    return [0, *(_cells_of(state, line) for line in range(first, state.line))]


def _cells_of(state: StateBlock, line: int) -> int:
    text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    cells = escapedSplit(text)
    return len(cells) - (cells[:1] == [""]) - (len(cells) > 1 and cells[-1] == "")


class _Parser(MarkdownIt):
    """Links as people may follow them, addresses as they were typed."""

    def validateLink(self, url: str) -> bool:
        return ALLOWED_LINK.match(url) is not None

    def normalizeLinkText(self, link: str) -> str:
        return link


def _parser() -> MarkdownIt:
    # nested deeper than maxNesting, text is dropped; MAX_DEPTH is reached before
    parser = _Parser("commonmark", {"html": False, "maxNesting": 2 * MAX_DEPTH})
    parser.enable(["table", "strikethrough"]).disable("reference")
    parser.block.ruler.at("table", _honest_table, {"alt": ["paragraph", "reference"]})
    return parser


_PARSER = _parser()
_RENAMED = {"s": "del"}


def _tree(tokens: Iterable[Token]) -> list[Node]:
    top: list[Node] = []
    open_: list[list[Node]] = [top]
    after: list[str] = []
    for token in tokens:
        if token.nesting == 1:
            node = _node(token)
            _add(open_[-1], [node])
            open_.append(node["children"])
            after.append(_after(token))
        elif token.nesting == -1:
            open_.pop()
            _add(open_[-1], [after.pop()])
        else:
            _add(open_[-1], _leaf(token))
    return top


def _add(children: list[Node], more: Iterable[Node]) -> None:
    """Append; text beside text is one text."""
    for node in more:
        if isinstance(node, str) and children and isinstance(children[-1], str):
            children[-1] += node
        elif node != "":
            children.append(node)


def _node(token: Token) -> dict[str, Any]:
    tag = _RENAMED.get(token.tag, token.tag)
    attrs: dict[str, Any] = {}
    if tag == "a":
        attrs["href"] = str(token.attrs["href"])
    elif tag == "ol" and "start" in token.attrs:
        attrs["start"] = int(token.attrs["start"])
    elif tag in ("td", "th") and "style" in token.attrs:
        attrs["align"] = str(token.attrs["style"]).rpartition(":")[2]
    return {"tag": tag, **({"attrs": attrs} if attrs else {}), "children": []}


def _after(token: Token) -> str:
    """What a link says besides its text."""
    return f' "{token.attrs["title"]}"' if token.attrs.get("title") else ""


def _leaf(token: Token) -> list[Node]:
    if token.type == "inline":
        return _tree(token.children or ())
    if token.type in ("fence", "code_block"):
        info = token.info.strip()
        attrs = {"attrs": {"language": info}} if info else {}
        code: Node = {"tag": "code", "children": [token.content] if token.content else []}
        return [{"tag": "pre", **attrs, "children": [code]}]
    if token.type == "code_inline":
        return [{"tag": "code", "children": [token.content]}]
    if token.type in ("hr", "hardbreak"):
        return [{"tag": token.tag, "children": []}]
    if token.type == "image":
        return [*_tree(token.children or ()), f" ({token.attrs['src']}{_after(token)})"]
    return ["\n" if token.type == "softbreak" else token.content]
