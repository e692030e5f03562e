"""Texts that are compared in Label Studio: which column stood where, and a list as columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import Any

from annotate.importers.tool import Raw

NO_PROMPT = "Which text is better?"
"""Stands in the column `prompt` where people compared two texts without one."""
_SIDES = re.compile(r"(left|right|first|second|one|two|\d+|(?<![a-z])[a-z])$", re.IGNORECASE)
_PLACES = {"left": 0, "first": 0, "one": 0, "right": 1, "second": 1, "two": 1}
_ABOUT_THE_ROW = re.compile(
    r"(^|[_\W])(id|source|url|split|lang|language|date|time|model)s?$", re.I
)


def sides(to_name: object, data: Raw) -> tuple[str, str] | None:
    """The columns that stood left and right; None where the file does not tell.

    to_name: the tags of the two texts, the left one first. The tags are called as the columns are,
    or the columns are called so that one is the left one.

    >>> sides("answer1,answer2", {"prompt": "Why?", "answer2": "y", "answer1": "x"})
    ('answer1', 'answer2')
    >>> sides("t2,t1", {"reply_a": "x", "reply_b": "y"})
    ('reply_b', 'reply_a')
    >>> sides("t1,t2", {"new": "x", "old": "y"}) is None
    True
    """
    tags = [part.strip() for part in str(to_name or "").split(",")]
    if len(tags) != 2:
        return None
    if all(isinstance(data.get(tag), str) for tag in tags):
        return tags[0], tags[1]
    pairs = _pairs(texts_in(data))
    if len(pairs) != 1:
        return None
    left, right = pairs[0]
    places = [_place(tag) for tag in tags]
    turned = None not in places and places != sorted(places, key=str)
    return (right, left) if turned else (left, right)


def from_left(to_name: object, data: Raw) -> tuple[str, str] | None:
    """The column of this tag and the other of its side; None where none or several stand beside it.

    >>> from_left("reply_b", {"prompt": "Why?", "reply_a": "x", "reply_b": "y"})
    ('reply_b', 'reply_a')
    >>> from_left("prompt", {"prompt": "Why?", "reply_a": "x", "reply_b": "y"}) is None
    True
    """
    pair = next((pair for pair in _pairs(texts_in(data)) if to_name in pair), None)
    return pair if pair is None or pair[0] == to_name else (pair[1], pair[0])


def texts_in(data: Raw) -> list[str]:
    """The columns that hold texts which people read; not those that tell of the row."""
    return [
        key
        for key, value in data.items()
        if isinstance(value, str) and not _ABOUT_THE_ROW.search(key)
    ]


def pair_alone(data: Raw) -> bool:
    """Whether the texts are two, of which one is the left one by its name."""
    texts = texts_in(data)
    return len(texts) == 2 and len(_pairs(texts)) == 1


def in_columns(data: Raw) -> tuple[dict[str, object], dict[str, str]]:
    """The data with a column for every entry of a list that is ranked, and id -> its column.

    Entries whose texts stand in columns already go by these; ids that two lists have by none.
    """
    values, column_of = dict(data), dict[str, str]()
    for name, listed in data.items():
        if not isinstance(listed, list) or not 2 <= len(listed) <= len(ascii_lowercase):
            continue
        entries = (one for one in listed if isinstance(one, dict))
        texts = {str(one["id"]): _text(one) for one in entries if "id" in one}
        if len(texts) < len(listed) or not all(texts.values()):
            continue
        del values[name]
        for at, (key, text) in enumerate(texts.items()):
            same = (one for one, said in data.items() if said == text and one not in ("id", name))
            column = next(same, f"{name}_{ascii_lowercase[at]}")
            values[column] = text
            column_of[key] = column
    return values, column_of


def _text(entry: Mapping[str, Any]) -> str:
    said = entry.get("body") or entry.get("html") or entry.get("title")
    return said if isinstance(said, str) else ""


def _pairs(columns: Sequence[str]) -> list[tuple[str, str]]:
    """(left, right) of columns whose names differ in their side alone."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name in columns:
        place = _place(name)
        if place is not None:
            found.setdefault(_SIDES.sub("", name).casefold(), []).append((place, name))
    twos = (sorted(several) for several in found.values() if len(several) == 2)
    return [(left, right) for (_, left), (_, right) in twos]


def _place(name: str) -> int | None:
    """
    >>> _place("text-2"), _place("reply_b"), _place("Left"), _place("question")
    (2, 1, 0, None)
    """
    found = _SIDES.search(name)
    if found is None:
        return None
    side = found[1].casefold()
    if side.isdigit():
        return int(side)
    return _PLACES.get(side, ord(side[0]) - ord("a"))
