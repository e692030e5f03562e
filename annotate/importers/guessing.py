"""What the columns of a data file are probably for. A guess: people see it and change it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from annotate.importers.survey import Column, Survey

MOST_LABELS = 30
LABEL_CHARACTERS = 60

_IDS = ("id", "uid", "uuid", "key", "item_id", "row_id", "doc_id", "编号", "序号")
_TEXTS = (
    *("text", "body", "content", "message", "sentence", "review", "comment", "document"),
    *("utterance", "question", "tweet", "post", "abstract", "description", "内容", "文本"),
)
_GOLD = (
    *("label", "labels", "gold", "gold_label", "category", "class", "target", "answer"),
    *("sentiment", "intent", "topic", "标签", "类别"),
)
_PROMPTS = ("prompt", "instruction", "query", "question", "input")
_RESPONSE = re.compile(
    r"^(chosen|rejected|(response|answer|output|completion|reply|candidate)s?[ _-]?[a-z0-9]{1,2})$"
)


@dataclass(frozen=True, slots=True)
class Guess:
    """Column names. prompt, responses: where rows hold several replies to one prompt.

    labels: the different values of `gold`, most frequent first.
    """

    id: str | None
    fields: tuple[str, ...]
    gold: str | None
    labels: tuple[str, ...]
    prompt: str | None
    responses: tuple[str, ...]
    language: str


def guess(found: Survey) -> Guess:
    """What the columns are for. With no row to go by, every column is a field."""
    prompt, responses = _replies(found.columns)
    fields = found.read or ((prompt, *responses) if prompt is not None else _texts(found))
    id_ = _id(found, fields)
    gold = None if prompt is not None or found.tool else _gold(found.columns, {*fields, id_})
    labels = () if gold is None else labels_of(found.column(gold))
    said = (found.column(name).example for name in fields)
    return Guess(id_, fields, gold, labels, prompt, responses, _language(said))


def labels_of(column: Column) -> tuple[str, ...]:
    """The labels that a column of known answers names, most frequent first; () for none or many.

    Lists, as text or as JSON, give what stands in them.
    """
    names: dict[str, int] = {}
    for value, count in column.values:
        for name in _listed(value):
            names[name] = names.get(name, 0) + count
    fits = 1 <= len(names) <= MOST_LABELS and all(len(n) <= LABEL_CHARACTERS for n in names)
    return tuple(sorted(names, key=lambda name: -names[name])) if fits else ()


def prompt_of(columns: Iterable[str]) -> str | None:
    """The column that is called as prompts are; None where none is.

    >>> prompt_of(["answer1", "Prompt", "source"]), prompt_of(["left", "right"])
    ('Prompt', None)
    """
    known = {name.strip().casefold(): name for name in columns}
    return next((known[name] for name in _PROMPTS if name in known), None)


def gold_fits(found: Survey, gold: str | None, kind: str) -> bool:
    """Whether a column of labels can hold the known answers of a question of this type."""
    if gold is None:
        return False
    return kind == "single_label" or (kind == "multi_label" and found.column(gold).structured)


def shown_as(column: Column) -> Literal["text", "chat", "pairs"]:
    """How a field of this column is best shown: text, chat or pairs."""
    if not column.structured:
        return "text"
    try:
        value = json.loads(column.example)
    except (ValueError, RecursionError):
        return "text"
    if isinstance(value, list):
        turns = all(isinstance(one, dict) and "role" in one for one in value)
        return "chat" if value and turns else "text"
    return "pairs"


def names_for(columns: Sequence[str]) -> dict[str, str]:
    """field name -> column: names that a project file takes, all different.

    >>> names_for(["text", "Text (en)", "a.b", "a_b"])
    {'text': 'text', 'Text en': 'Text (en)', 'a b': 'a.b', 'a_b': 'a_b'}
    >>> names_for(["a.b", "a:b", "?"])
    {'a b': 'a.b', 'a b 2': 'a:b', 'field': '?'}
    """
    found: dict[str, str] = {}
    for column in columns:
        name = re.sub(r"[^\w-]+", " ", column).strip()[:60].strip() or "field"
        taken, number = name, 1
        while name in found:
            number += 1
            name = f"{taken} {number}"
        found[name] = column
    return found


def _listed(value: str) -> list[str]:
    if value.startswith("["):
        try:
            listed = json.loads(value)
        except (ValueError, RecursionError):
            return [value.strip()]
        if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
            return [one.strip() for one in listed if one.strip()]
    return [value.strip()]


def _named(columns: Iterable[Column], names: Sequence[str]) -> list[Column]:
    """Those with one of these names, in the order of `names`."""
    known = {column.name.strip().casefold(): column for column in columns}
    return [known[name] for name in names if name in known]


def _replies(columns: Sequence[Column]) -> tuple[str | None, tuple[str, ...]]:
    responses = tuple(c.name for c in columns if _RESPONSE.match(c.name.strip().casefold()))
    prompts = _named(columns, _PROMPTS)
    if len(responses) < 2 or not prompts:
        return None, ()
    return prompts[0].name, responses[:26]


def _texts(found: Survey) -> tuple[str, ...]:
    filled = [column for column in found.columns if column.filled] or list(found.columns)
    chats = [column.name for column in filled if shown_as(column) == "chat"]
    named = [column.name for column in _named(filled, _TEXTS)]
    if chats or named:
        return ((*chats, *named)[0],)
    if found.tool:  # people had all of it before them there
        return tuple(column.name for column in filled if column.name.casefold() not in _IDS)
    return (max(filled, key=lambda column: column.characters).name,) if filled else ()


def _id(found: Survey, fields: Iterable[str]) -> str | None:
    """A column called so that is never empty and never repeats: rows with an id that is there
    already would be left out."""
    if found.tool:  # its rows can repeat an item, each with another answer
        filled = (c.name for c in found.columns if c.filled == found.rows)
        return "id" if "id" in filled else None
    others = [c for c in found.columns if c.name not in fields and c.distinct == found.rows > 0]
    ends = [c for c in others if re.search(r"(_id|Id|ID)$", c.name)]
    return next((column.name for column in (*_named(others, _IDS), *ends)), None)


def unfit_id(found: Survey) -> str | None:
    """A column called as ids are whose values repeat or are missing; None when there is none."""
    named = _named(found.columns, _IDS)
    return next((c.name for c in named if c.filled and c.distinct < found.rows), None)


def _gold(columns: Iterable[Column], taken: Iterable[str | None]) -> str | None:
    named = _named((c for c in columns if c.name not in set(taken)), _GOLD)
    return next((c.name for c in named if len(labels_of(c)) >= 2), None)


def _language(texts: Iterable[str]) -> str:
    """zh where a third of the characters are Chinese, else en."""
    text = "".join(texts)
    chinese = sum("\u4e00" <= character <= "\u9fff" for character in text)
    return "zh" if text and chinese * 3 >= len(text) else "en"
