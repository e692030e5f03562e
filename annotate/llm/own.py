"""Prompts that a project words itself: a text with places for what goes into every prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

PARTS: dict[str, str] = {
    "item": "what is labelled, between its marks",
    "reply": "how to answer, in words that can be read back",
    "labels": "the labels with their descriptions, or the aspects of a rating",
    "question": "the question's text",
    "examples": "items with the answers of people",
}
"""What can stand in a text in braces -> what is put there."""

_NEEDED = {
    "item": ("item", "the text to label belongs"),
    "reply": ("form of the reply", "the model is to read how to answer"),
}
LONGEST = 20_000
START = "{question}\n\n{labels}\n\n{examples}\n\n{item}\n\n{reply}\n"

_PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")
_LINE_OF_ITS_OWN = r"(?m)^[ \t]*\{%s\}[ \t]*(?:\n|\Z)(?:[ \t]*\n)?"


def mistakes(text: str, *, labels: bool) -> Iterator[tuple[str, str]]:
    """(rule, remedy) for everything that keeps a text from being asked with.

    labels: whether a question of the project has labels, which the model must be told. Braces
    around anything but one name stand for themselves.

    >>> [rule for rule, _ in mistakes("Look: {itm} {reply}", labels=False)]
    ['holds {itm} in its line 1, which stands for nothing', 'has no place for the item']
    >>> list(mistakes('As in {"a": 1}: {item} {labels} {reply}', labels=True))
    []
    """
    if not text.strip():
        yield "is empty", f"Write what the model is asked, with {_listed()} in it."
        return
    if len(text) > LONGEST:
        yield f"has {len(text):,} characters", f"Shorten it to {LONGEST:,}."
    found = _PLACE.findall(text)
    yield from _unknown(text)
    for name in _NEEDED:
        if name not in found:
            what, where = _NEEDED[name]
            yield f"has no place for the {what}", f"Put {{{name}}} where {where}."
    if labels and "labels" not in found:
        remedy = f"Put {{labels}} where {PARTS['labels']} belong."
        yield "has no place for the labels", remedy
    for name in dict.fromkeys(one for one in found if one in PARTS and found.count(one) > 1):
        yield f"holds {{{name}}} more than once", "Keep one of them."


def _unknown(text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        for name in _PLACE.findall(line):
            if name not in PARTS:
                near = get_close_matches(name.lower(), PARTS, n=1)
                remedy = f"Did you mean {{{near[0]}}}?" if near else f"There are {_listed()}."
                yield f"holds {{{name}}} in its line {number}, which stands for nothing", remedy


def _listed() -> str:
    return ", ".join(f"{{{name}}}" for name in PARTS)


def filled(text: str, parts: Mapping[str, str]) -> str:
    """The text with every part in its place; a line that holds nothing but an empty one goes.

    What stands in a part is never taken for a place.

    >>> print(filled("Go:\\n\\n{examples}\\n\\n{item}", {"examples": "", "item": "<<{reply}>>"}))
    Go:
    <BLANKLINE>
    <<{reply}>>
    """
    for name, part in parts.items():
        if not part:
            text = re.sub(_LINE_OF_ITS_OWN % name, "", text)
    return _PLACE.sub(lambda place: parts.get(place[1], place[0]), text).strip()
