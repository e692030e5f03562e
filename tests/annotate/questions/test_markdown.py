"""Markdown becomes a tree in which nothing is lost and nothing is dangerous."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.markdown import ALLOWED_LINK, TAGS, Node, markdown

PIECES = [
    *(
        "*",
        "**",
        "_",
        "~~",
        "`",
        "```",
        "\n",
        "\n\n",
        "# ",
        "- ",
        "1. ",
        "> ",
        "|",
        "|-|-|\n",
        "  ",
    ),
    *(
        "[",
        "](",
        ")",
        "![",
        "<",
        ">",
        "<b>",
        "</b>",
        "http://a.b/",
        "javascript:",
        '"',
        "\\",
        "---",
    ),
    *(
        "    ",
        "[x]: http://y ",
        "one",
        "two",
        "three",
        "中文",
        "😀",
        "é",
        "\t",
        "\r\n",
        "::",
        "mailto:x",
    ),
]
written = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES)).map("".join))


def words(nodes: list[Node]) -> Iterator[str]:
    """Every text of a tree, and what its attributes say."""
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            yield from (str(value) for value in node.get("attrs", {}).values())
            yield from words(node["children"])


def tags(nodes: list[Node]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        if not isinstance(node, str):
            yield node
            yield from tags(node["children"])


def ascii_letters(text: str) -> list[str]:
    return sorted(sign for sign in text if sign.isascii() and sign.isalpha())


@given(written)
def test_no_text_is_lost(text: str) -> None:
    shown = "".join(words(markdown(text)))
    if "&" not in text:  # a character reference is another spelling of its character
        missing = ascii_letters(text)
        for letter in ascii_letters(shown):
            if letter in missing:
                missing.remove(letter)
        assert missing == []
    for sign in ("中文", "😀"):
        assert shown.count(sign) + shown.count(quoted(sign)) >= text.count(sign)


def quoted(sign: str) -> str:
    """How an address spells it."""
    return "".join(f"%{byte:02X}" for byte in sign.encode())


@given(written)
def test_nothing_but_known_tags_and_links(text: str) -> None:
    tree = markdown(text)
    json.dumps(tree, ensure_ascii=False).encode()
    for node in tags(tree):
        assert node["tag"] in TAGS
        assert set(node) <= {"tag", "attrs", "children"}
        assert set(node.get("attrs", {})) <= {"href", "start", "align", "language"}
        if node["tag"] == "a":
            assert ALLOWED_LINK.match(node["attrs"]["href"])


def p(*children: Node) -> list[Node]:
    return [{"tag": "p", "children": list(children)}]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[f](javascript:x)",
        "[f](ftp://x)",
        "![f](data:image/png;base64,AA)",
        "[x]: http://hidden.example",
        "|a|\n|-|\n|b|dropped|",
        "<ftp://x>",
    ],
)
def test_what_stays_as_typed(text: str) -> None:
    assert markdown(text) == p(text)


def test_an_image_is_its_description_and_address() -> None:
    assert markdown('![a *cat*](http://x/c.png "Tom")') == p(
        "a ", {"tag": "em", "children": ["cat"]}, ' (http://x/c.png "Tom")'
    )


def test_the_tree() -> None:
    text = "3. ~~a~~\n\n|x|y|\n|-|:-:|\n|1|2|\n\n```py\nz\n```\n[l](https://s/ 'note')\\\n`c`"
    cell = {"tag": "td", "children": ["1"]}
    middle = {"align": "center"}
    assert markdown(text) == [
        {
            "tag": "ol",
            "attrs": {"start": 3},
            "children": [{"tag": "li", "children": p({"tag": "del", "children": ["a"]})}],
        },
        {
            "tag": "table",
            "children": [
                {
                    "tag": "thead",
                    "children": [
                        {
                            "tag": "tr",
                            "children": [
                                {"tag": "th", "children": ["x"]},
                                {"tag": "th", "attrs": middle, "children": ["y"]},
                            ],
                        }
                    ],
                },
                {
                    "tag": "tbody",
                    "children": [
                        {
                            "tag": "tr",
                            "children": [cell, {"tag": "td", "attrs": middle, "children": ["2"]}],
                        }
                    ],
                },
            ],
        },
        {
            "tag": "pre",
            "attrs": {"language": "py"},
            "children": [{"tag": "code", "children": ["z\n"]}],
        },
        *p(
            {"tag": "a", "attrs": {"href": "https://s/"}, "children": ["l"]},
            ' "note"',
            {"tag": "br", "children": []},
            {"tag": "code", "children": ["c"]},
        ),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "[" * 100_000,
        "![" * 40_000,
        ">" * 90_000,
        "> " * 39 + "deep",
        "- " * 45 + "deep",
        "*a " * 33_000,
    ],
)
def test_huge_and_deep_texts_are_shown(text: str) -> None:
    tree = markdown(text)
    assert ascii_letters("".join(words(tree))) == ascii_letters(text)
    json.dumps(tree)


def test_half_a_character_is_marked() -> None:
    assert markdown("a\ud800b\x00") == p("a\ufffdb\ufffd")
