"""JSON kept as text: read without losing anything, and written again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_HALF_PAIR = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """`text` with U+FFFD for each half of a surrogate pair, which cannot be sent; as long as it."""
    return _HALF_PAIR.sub("\ufffd", text)


def read_json(text: str) -> Any:
    """What JSON text says; None where it is none, or says something twice, or nests too deep."""
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_float=Number)
        json.dumps(value)  # what cannot be written again is not worth reading
    except (ValueError, RecursionError):
        return None
    return value


def _object(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands twice: one of the two would be lost")
    return made


def compact(value: object) -> str:
    """`value` as JSON on one line, fit to be sent."""
    return whole(json.dumps(value, ensure_ascii=False))


class Number(float):
    """A number that knows how it was written."""

    literal: str

    def __new__(cls, literal: str) -> Number:
        made = super().__new__(cls, literal)
        made.literal = literal
        return made
